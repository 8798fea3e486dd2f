package io.cybershield.platform;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A fresh, migrated database on the tests' PostgreSQL; dropped on close. */
public final class TestDatabase implements AutoCloseable {
    private final String name;
    private final Database database;
    private final Transactions transactions;
    private final JdbcClient jdbc;

    private TestDatabase(String name, Database database) {
        this.name = name;
        this.database = database;
        var manager = new ScopedTransactionManager(database.pool(), database.roles());
        this.transactions = new Transactions(manager, manager::enter);
        this.jdbc = JdbcClient.create(database.pool());
    }

    public static TestDatabase create() {
        String name = "test_" + UUID.randomUUID().toString().replace("-", "");
        admin("CREATE DATABASE " + name);
        var server = TestPostgres.server();
        return new TestDatabase(
                name,
                Database.open(
                        DatabaseServer.at(
                                server.jdbcUrl(name),
                                io.cybershield.platform.postgres.EmbeddedPostgres.SUPERUSER,
                                server.superuserPassword()),
                        6));
    }

    /** JDBC address of this database with the owner's login, for a whole application under test. */
    public String ownerUrl() {
        var server = TestPostgres.server();
        return server.jdbcUrl(name)
                + "?user="
                + io.cybershield.platform.postgres.EmbeddedPostgres.SUPERUSER
                + "&password="
                + server.superuserPassword();
    }

    /** Tables that only a test needs. */
    public void asOwner(String statement) {
        try (var connection = database.server().owner();
                var sql = connection.createStatement()) {
            sql.execute(statement);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public Database database() {
        return database;
    }

    public Transactions transactions() {
        return transactions;
    }

    public JdbcClient jdbc() {
        return jdbc;
    }

    public TenantSchemas tenantSchemas() {
        return database.tenantSchemas();
    }

    @Override
    public void close() {
        database.close();
        admin("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    }

    private static void admin(String statement) {
        var server = TestPostgres.server();
        try (var connection =
                        DriverManager.getConnection(
                                server.jdbcUrl("postgres"),
                                io.cybershield.platform.postgres.EmbeddedPostgres.SUPERUSER,
                                server.superuserPassword());
                var sql = connection.createStatement()) {
            sql.execute(statement);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
