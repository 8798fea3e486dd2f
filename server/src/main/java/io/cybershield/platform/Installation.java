package io.cybershield.platform;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HexFormat;

/**
 * One installation in one database: its role names and the login of its pool. Made once, then read
 * by every node.
 *
 * @param id tells this installation's database from any other at the same address
 */
record Installation(String id, DatabaseRoles roles, String appPassword) {
    /**
     * Advisory lock held while roles and tables are made, so that nodes that start together take
     * turns.
     */
    static final long MIGRATION_LOCK = 0x6379_6265_7273L;

    static Installation ensure(Connection owner) throws SQLException {
        try (var sql = owner.createStatement()) {
            sql.execute("CREATE SCHEMA IF NOT EXISTS platform");
            sql.execute(
                    """
                    CREATE TABLE IF NOT EXISTS platform.installation (
                        only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
                        id text NOT NULL,
                        role_prefix text NOT NULL,
                        app_password text NOT NULL,
                        created_at timestamptz NOT NULL DEFAULT now())
                    """);
            String id = random(8);
            sql.execute(
                    "INSERT INTO platform.installation (id, role_prefix, app_password) VALUES ('"
                            + id
                            + "', 'cs_"
                            + id.substring(0, 8)
                            + "', '"
                            + random(24)
                            + "') ON CONFLICT DO NOTHING");
            try (var rows =
                    sql.executeQuery(
                            "SELECT id, role_prefix, app_password FROM platform.installation")) {
                rows.next();
                var made =
                        new Installation(
                                rows.getString(1),
                                new DatabaseRoles(rows.getString(2)),
                                rows.getString(3));
                made.ensureRoles(owner);
                return made;
            }
        }
    }

    private void ensureRoles(Connection owner) throws SQLException {
        role(owner, roles.platform(), "NOLOGIN");
        role(owner, roles.tenants(), "NOLOGIN");
        role(owner, roles.custody(), "NOLOGIN");
        role(owner, roles.app(), "LOGIN NOINHERIT PASSWORD '" + appPassword + "'");
        try (var sql = owner.createStatement()) {
            sql.execute("GRANT " + roles.platform() + " TO " + roles.app());
            sql.execute("GRANT " + roles.custody() + " TO " + roles.app());
            sql.execute(
                    "DO $$ BEGIN EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO "
                            + roles.app()
                            + "', current_database()); END $$");
        }
    }

    static void role(Connection owner, String name, String options) throws SQLException {
        try (var sql = owner.createStatement()) {
            try (var rows =
                    sql.executeQuery("SELECT 1 FROM pg_roles WHERE rolname = '" + name + "'")) {
                if (rows.next()) {
                    return;
                }
            }
            sql.execute("CREATE ROLE " + name + " " + options);
        }
    }

    private static String random(int bytes) {
        byte[] value = new byte[bytes];
        new SecureRandom().nextBytes(value);
        return HexFormat.of().formatHex(value);
    }
}
