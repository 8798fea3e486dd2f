package io.cybershield.platform;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;

/**
 * Opens the database: installation, roles, migrations, then the pool, whose login owns nothing and
 * inherits nothing.
 */
public final class Database implements AutoCloseable {
    /** How long a database that is not up is waited for during the start. */
    public static final Duration PATIENCE = Duration.ofSeconds(60);

    private final DatabaseServer server;
    private final Installation installation;
    private final TenantSchemas tenantSchemas;
    private final HikariDataSource pool;

    private Database(
            DatabaseServer server,
            Installation installation,
            TenantSchemas tenantSchemas,
            HikariDataSource pool) {
        this.server = server;
        this.installation = installation;
        this.tenantSchemas = tenantSchemas;
        this.pool = pool;
    }

    /**
     * @param poolSize connections at most; a backend grows with each tenant it touches, so keep it
     *     small
     */
    static Database open(DatabaseServer server, int poolSize) {
        try (Connection owner = server.ownerOnceReady(PATIENCE)) {
            TenantSchemas.lock(owner);
            Installation installation = Installation.ensure(owner);
            migrateShared(owner, installation.roles());
            var tenants = new TenantSchemas(server, installation.roles());
            tenants.migrateAll(owner);
            return new Database(
                    server, installation, tenants, pool(server, installation, poolSize));
        } catch (SQLException e) {
            throw new IllegalStateException(
                    "The database cannot be used: "
                            + e.getMessage()
                            + ". Check --db, that the server is PostgreSQL 15 or later, and that"
                            + " the user may create roles and schemas.",
                    e);
        }
    }

    private static void migrateShared(Connection owner, DatabaseRoles roles) throws SQLException {
        String hash = Migrations.hash(Migrations.SHARED);
        try (var sql = owner.createStatement()) {
            sql.execute(
                    "CREATE TABLE IF NOT EXISTS platform.shared_schema (only_one boolean PRIMARY"
                            + " KEY DEFAULT true CHECK (only_one), changelog text NOT NULL)");
            try (var rows = sql.executeQuery("SELECT changelog FROM platform.shared_schema")) {
                if (rows.next() && rows.getString(1).equals(hash)) {
                    return;
                }
            }
            Migrations.update(
                    owner,
                    Migrations.SHARED,
                    "platform",
                    Map.of(
                            "role.app", roles.app(),
                            "role.platform", roles.platform(),
                            "role.tenants", roles.tenants(),
                            "role.custody", roles.custody()));
            sql.execute(
                    "INSERT INTO platform.shared_schema (changelog) VALUES ('"
                            + hash
                            + "') ON CONFLICT (only_one) DO UPDATE SET changelog ="
                            + " excluded.changelog");
        }
    }

    private static HikariDataSource pool(
            DatabaseServer server, Installation installation, int size) {
        var config = new HikariConfig();
        config.setPoolName("cybershield");
        config.setJdbcUrl(server.url());
        config.setUsername(installation.roles().app());
        config.setPassword(installation.appPassword());
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(Math.min(2, size));
        config.setMaxLifetime(Duration.ofMinutes(8).toMillis());
        config.setIdleTimeout(Duration.ofMinutes(2).toMillis());
        config.setConnectionTimeout(Duration.ofSeconds(15).toMillis());
        config.setInitializationFailTimeout(PATIENCE.toMillis());
        config.addDataSourceProperty("ApplicationName", "cybershield");
        config.addDataSourceProperty("reWriteBatchedInserts", "true");
        return new HikariDataSource(config);
    }

    public DatabaseServer server() {
        return server;
    }

    public DatabaseRoles roles() {
        return installation.roles();
    }

    public String installationId() {
        return installation.id();
    }

    public TenantSchemas tenantSchemas() {
        return tenantSchemas;
    }

    public HikariDataSource pool() {
        return pool;
    }

    /** A connection of its own, outside the pool, for LISTEN; the login of the pool. */
    public Connection listener() throws SQLException {
        return java.sql.DriverManager.getConnection(
                server.url(), installation.roles().app(), installation.appPassword());
    }

    @Override
    public void close() {
        pool.close();
        server.close();
    }
}
