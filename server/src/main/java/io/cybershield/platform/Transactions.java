package io.cybershield.platform;

import java.sql.SQLException;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Runs work in one database transaction under the current {@link Scope}.
 *
 * <p>A nested call joins the open transaction. When the scope differs (a consumer that commits its
 * offset together with a tenant's rows), the transaction changes role for the nested work and
 * changes back after it.
 */
public final class Transactions {
    private final ScopedTransactionManager manager;
    private final DataSource dataSource;
    private final TransactionTemplate template;
    private final TransactionTemplate fresh;
    private final ScopedValue<Scope> entered = ScopedValue.newInstance();

    Transactions(ScopedTransactionManager manager, DataSource dataSource) {
        this.manager = manager;
        this.dataSource = dataSource;
        this.template = new TransactionTemplate(manager);
        var separate =
                new DefaultTransactionDefinition(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        this.fresh = new TransactionTemplate(manager, separate);
    }

    /** Runs the work; commits when it returns, rolls back when it throws. */
    public <T> T call(Supplier<T> work) {
        Scope scope = Scope.current();
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            return nonNull(template, scope, work);
        }
        Scope outer = entered.isBound() ? entered.get() : scope;
        if (sameRole(outer, scope)) {
            return work.get();
        }
        enter(scope);
        T result = ScopedValue.where(entered, scope).call(work::get);
        enter(outer); // not in a finally: after an exception the whole transaction rolls back
        return result;
    }

    public void run(Runnable work) {
        call(() -> {
            work.run();
            return true;
        });
    }

    /**
     * A transaction of its own, whatever is open: what it writes stays even if the caller rolls
     * back.
     */
    public <T> T callSeparately(Supplier<T> work) {
        return nonNull(fresh, Scope.current(), work);
    }

    /** As {@link #call}, in another scope. */
    public <T> T callAs(Scope scope, Supplier<T> work) {
        return scope.get(() -> call(work));
    }

    /** As {@link #run}, in another scope. */
    public void runAs(Scope scope, Runnable work) {
        scope.run(() -> run(work));
    }

    @SuppressWarnings("NullAway") // the template returns what the supplier returned
    private <T> T nonNull(TransactionTemplate with, Scope scope, Supplier<T> work) {
        return with.execute(_ -> ScopedValue.where(entered, scope).call(work::get));
    }

    private static boolean sameRole(Scope a, Scope b) {
        return switch (a) {
            case Scope.Tenant(var tenant, _) ->
                    b instanceof Scope.Tenant(var other, _) && tenant.equals(other);
            case Scope.Platform _ -> b instanceof Scope.Platform;
        };
    }

    private void enter(Scope scope) {
        var connection = DataSourceUtils.getConnection(dataSource);
        try {
            manager.enter(connection, scope);
        } catch (SQLException e) {
            throw new IllegalStateException("Could not enter " + scope, e);
        } finally {
            DataSourceUtils.releaseConnection(connection, dataSource);
        }
    }
}
