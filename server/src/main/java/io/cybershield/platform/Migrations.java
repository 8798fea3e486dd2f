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
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
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

    static void update(
            Connection owner, String changelog, String schema, Map<String, String> parameters)
            throws SQLException {
        with(
                owner,
                changelog,
                schema,
                liquibase -> {
                    parameters.forEach(liquibase::setChangeLogParameter);
                    liquibase.update(new Contexts());
                });
    }

    /** What {@link #update} would do to this schema, as one text. */
    static String script(Connection owner, String changelog, String schema) throws SQLException {
        var text = new StringWriter();
        with(owner, changelog, schema, liquibase -> liquibase.update(new Contexts(), text));
        return text.toString();
    }

    private interface Work {
        void on(Liquibase liquibase) throws LiquibaseException;
    }

    private static void with(Connection owner, String changelog, String schema, Work work)
            throws SQLException {
        String before = owner.getSchema();
        try {
            owner.setSchema(schema);
            liquibase.Scope.child(
                    Map.of("liquibase.analytics.enabled", "false"),
                    () -> {
                        var database =
                                DatabaseFactory.getInstance()
                                        .findCorrectDatabaseImplementation(
                                                new JdbcConnection(owner));
                        database.setDefaultSchemaName(schema);
                        database.setLiquibaseSchemaName(schema);
                        @SuppressWarnings("resource") // the caller owns the connection
                        var liquibase =
                                new Liquibase(
                                        changelog, new ClassLoaderResourceAccessor(), database);
                        work.on(liquibase);
                    });
        } catch (LiquibaseException e) {
            throw new SQLException("Migration of " + schema + " failed: " + e.getMessage(), e);
        } catch (SQLException e) {
            throw e;
        } catch (Exception e) {
            throw new SQLException("Migration of " + schema + " failed: " + e.getMessage(), e);
        } finally {
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
