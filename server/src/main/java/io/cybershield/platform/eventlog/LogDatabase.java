package io.cybershield.platform.eventlog;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.cybershield.platform.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Supplier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The log's own few connections, as the platform's role: leases and appends must not wait behind
 * handlers and requests that hold the common pool. Used from the log's own threads only.
 */
final class LogDatabase implements AutoCloseable {
    private final Database database;
    private final HikariDataSource pool;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;

    LogDatabase(Database database) {
        this.database = database;
        var config = new HikariConfig();
        config.setPoolName("cybershield-eventlog");
        config.setDataSource(new Own(database));
        config.setConnectionInitSql("SET ROLE " + database.roles().platform());
        config.setMaximumPoolSize(4);
        config.setMinimumIdle(2);
        config.setMaxLifetime(Duration.ofMinutes(30).toMillis());
        config.setConnectionTimeout(Duration.ofSeconds(5).toMillis());
        config.setInitializationFailTimeout(Database.PATIENCE.toMillis());
        this.pool = new HikariDataSource(config);
        this.jdbc = JdbcClient.create(pool);
        this.transaction = new TransactionTemplate(new JdbcTransactionManager(pool));
    }

    /** Each statement on its own. */
    JdbcClient jdbc() {
        return jdbc;
    }

    /** Statements of {@link #jdbc} inside are one transaction. */
    @SuppressWarnings("NullAway") // returns what the supplier returned
    <T> T inTransaction(Supplier<T> work) {
        return transaction.execute(_ -> work.get());
    }

    /** For statements with arrays; the caller commits and closes. */
    Connection connection() throws SQLException {
        Connection connection = pool.getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    /** A connection of its own for LISTEN. */
    Connection listener() throws SQLException {
        return database.listener();
    }

    @Override
    public void close() {
        pool.close();
    }

    private static final class Own extends AbstractDataSource {
        private final Database database;

        Own(Database database) {
            this.database = database;
        }

        @Override
        public Connection getConnection() throws SQLException {
            return database.listener();
        }

        @Override
        public Connection getConnection(String username, String password) throws SQLException {
            return getConnection();
        }
    }
}
