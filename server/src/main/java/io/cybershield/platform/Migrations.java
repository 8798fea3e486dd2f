package io.cybershield.platform;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import liquibase.Contexts;
import liquibase.Liquibase;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.ChangeSet.RunStatus;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.changelog.visitor.ChangeExecListener;
import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;
import liquibase.resource.ClassLoaderResourceAccessor;

/**
 * Brings a schema to this release's shape with Liquibase; skips when the changelog's hash says that
 * nothing changed, which saves a second at each start.
 */
final class Migrations {
    static final String SHARED = "db/shared.yaml";
    static final String TENANT = "db/tenant.yaml";
    private static final Pattern INCLUDED = Pattern.compile("file:\\s*(\\S+)");

    private static final Pattern CHANGESET =
            Pattern.compile("^--changeset (\\S+)", Pattern.MULTILINE);

    private Migrations() {}

    /** Hash over a changelog and every file that it includes. */
    static String hash(String changelog) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            String master = read(changelog);
            digest.update(master.getBytes(StandardCharsets.UTF_8));
            var files = INCLUDED.matcher(master);
            while (files.find()) {
                digest.update(read(files.group(1)).getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Every changeset that a changelog has, as {@code context:name}, in its order. */
    static List<String> changesets(String changelog) {
        var found = new ArrayList<String>();
        var files = INCLUDED.matcher(read(changelog));
        while (files.find()) {
            var sets = CHANGESET.matcher(read(files.group(1)));
            while (sets.find()) {
                found.add(sets.group(1));
            }
        }
        return List.copyOf(found);
    }

    /**
     * Under the advisory lock. Each change and the mark that it was made are one commit: whoever is
     * killed between them would find it made and make it once more, in vain and for ever.
     */
    static void update(
            Connection owner, String changelog, String schema, Map<String, String> parameters)
            throws SQLException {
        forgetLock(owner, schema);
        var held = new Held(owner);
        with(
                held,
                owner,
                changelog,
                schema,
                liquibase -> {
                    liquibase.setChangeExecListener(held.untilMarked());
                    parameters.forEach(liquibase::setChangeLogParameter);
                    liquibase.update(new Contexts());
                });
    }

    /** What {@link #update} would do to this schema, as one text. */
    static String script(Connection owner, String changelog, String schema) throws SQLException {
        var text = new StringWriter();
        with(
                new JdbcConnection(owner),
                owner,
                changelog,
                schema,
                liquibase -> liquibase.update(new Contexts(), text));
        return text.toString();
    }

    private interface Work {
        void on(Liquibase liquibase) throws LiquibaseException;
    }

    /** Liquibase commits a change before it marks it; this one waits for the mark. */
    private static final class Held extends JdbcConnection {
        private boolean held;

        Held(Connection owner) {
            super(owner);
        }

        @Override
        public void commit() throws DatabaseException {
            if (!held) {
                super.commit();
            }
        }

        ChangeExecListener untilMarked() {
            return new AbstractChangeExecListener() {
                @Override
                public void willRun(
                        ChangeSet change, DatabaseChangeLog log, Database database, RunStatus was) {
                    held = true;
                }

                @Override
                public void ran(
                        ChangeSet change, DatabaseChangeLog log, Database database, ExecType how) {
                    held = false;
                }

                @Override
                public void runFailed(
                        ChangeSet change, DatabaseChangeLog log, Database database, Exception e) {
                    held = false;
                }
            };
        }
    }

    /**
     * Liquibase's own lock outlives whoever is killed, and it would be waited for in vain. Ours,
     * which is held here, does not.
     */
    private static void forgetLock(Connection owner, String schema) throws SQLException {
        String lock = schema + ".databasechangeloglock";
        try (var sql = owner.createStatement()) {
            try (var rows = sql.executeQuery("SELECT to_regclass('" + lock + "') IS NOT NULL")) {
                if (!rows.next() || !rows.getBoolean(1)) {
                    return;
                }
            }
            sql.execute("UPDATE " + lock + " SET locked = false WHERE locked");
        }
    }

    private static void with(
            JdbcConnection connection, Connection owner, String changelog, String schema, Work work)
            throws SQLException {
        String before = owner.getSchema();
        boolean done = false;
        try {
            owner.setSchema(schema);
            liquibase.Scope.child(
                    Map.of("liquibase.analytics.enabled", "false"),
                    () -> {
                        var database =
                                DatabaseFactory.getInstance()
                                        .findCorrectDatabaseImplementation(connection);
                        database.setDefaultSchemaName(schema);
                        database.setLiquibaseSchemaName(schema);
                        @SuppressWarnings("resource") // the caller owns the connection
                        var liquibase =
                                new Liquibase(
                                        changelog, new ClassLoaderResourceAccessor(), database);
                        work.on(liquibase);
                    });
            done = true;
        } catch (LiquibaseException e) {
            throw new SQLException("Migration of " + schema + " failed: " + e.getMessage(), e);
        } catch (SQLException e) {
            throw e;
        } catch (Exception e) {
            throw new SQLException("Migration of " + schema + " failed: " + e.getMessage(), e);
        } finally {
            if (!done && !owner.getAutoCommit()) {
                owner.rollback();
            }
            owner.setAutoCommit(true);
            owner.setSchema(before);
        }
    }

    private static String read(String resource) {
        try (InputStream in = Migrations.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(
                        "Migration file is missing from the jar: " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
