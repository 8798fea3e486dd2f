package io.cybershield.platform;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Begins each transaction as the database role of the current {@link Scope}: role, search path,
 * {@code app.tenant} and {@code app.hidden} are set for this transaction only, so a connection goes
 * back to the pool with none of them.
 */
final class ScopedTransactionManager extends JdbcTransactionManager {
    private static final long serialVersionUID = 1L;
    private final transient DatabaseRoles roles;

    ScopedTransactionManager(DataSource dataSource, DatabaseRoles roles) {
        super(dataSource);
        this.roles = roles;
    }

    @Override
    protected void doBegin(Object transaction, TransactionDefinition definition) {
        Scope scope =
                Scope.find()
                        .orElseThrow(() ->
                                new CannotCreateTransactionException(
                                        "No scope: a query must run on somebody's behalf"));
        super.doBegin(transaction, definition);
        var holder =
                (ConnectionHolder)
                        TransactionSynchronizationManager.getResource(obtainDataSource());
        if (holder == null) {
            throw new CannotCreateTransactionException("No connection was bound");
        }
        try {
            enter(holder.getConnection(), scope);
        } catch (SQLException e) {
            doCleanupAfterCompletion(transaction);
            throw new CannotCreateTransactionException("Could not enter " + scope, e);
        }
    }

    /** As {@link #enter(Connection, Scope)}, with the open transaction's connection. */
    void enter(Scope scope) {
        DataSource source = obtainDataSource();
        var connection = DataSourceUtils.getConnection(source);
        try {
            enter(connection, scope);
        } catch (SQLException e) {
            throw new IllegalStateException("Could not enter " + scope, e);
        } finally {
            DataSourceUtils.releaseConnection(connection, source);
        }
    }

    /**
     * Switches the open transaction to another scope's role; undone at its end, or by entering the
     * former scope again.
     */
    void enter(Connection connection, Scope scope) throws SQLException {
        try (var set =
                connection.prepareStatement(
                        "SELECT set_config('role', ?, true), set_config('search_path', ?, true),"
                                + " set_config('app.tenant', ?, true), set_config('app.hidden', ?,"
                                + " true)")) {
            switch (scope) {
                case Scope.Tenant(var tenant, _, var sight) -> {
                    set.setString(1, roles.tenant(tenant));
                    set.setString(2, tenant.schema() + ", pg_temp");
                    set.setString(3, tenant.toString());
                    set.setString(4, sight.hidden());
                }
                case Scope.Platform _ -> {
                    set.setString(1, roles.platform());
                    set.setString(2, "platform, pg_temp");
                    set.setString(3, "");
                    set.setString(4, Sight.ALL.hidden());
                }
                case Scope.Custody(var tenant, _) -> {
                    set.setString(1, roles.custody());
                    set.setString(2, "platform, pg_temp");
                    set.setString(3, tenant.toString());
                    set.setString(4, Sight.ALL.hidden());
                }
            }
            set.execute();
        }
    }
}
