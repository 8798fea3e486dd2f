package io.cybershield.platform;

import io.cybershield.platform.postgres.EmbeddedPostgres;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The PostgreSQL behind us, embedded or external, and its owner's login: for migrations and for
 * making roles and schemas, never for queries.
 */
public final class DatabaseServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DatabaseServer.class);
    private static final String DATABASE = "cybershield";

    /** Nobody listens; the connection broke; it shuts down, has crashed, is starting up. */
    private static final Set<String> NOT_YET = Set.of("08001", "08006", "57P01", "57P02", "57P03");

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

    private final @Nullable EmbeddedPostgres embedded;
    private final String url;
    private final String user;
    private final String password;

    private DatabaseServer(
            @Nullable EmbeddedPostgres embedded, String url, String user, String password) {
        this.embedded = embedded;
        this.url = url;
        this.user = user;
        this.password = password;
    }

    /** Starts the embedded server, or takes the external one that the settings name. */
    static DatabaseServer open(Settings settings) {
        String external = settings.db().url();
        if (external != null && !external.isBlank()) {
            return at(external, settings.db().user(), settings.db().password());
        }
        var server =
                EmbeddedPostgres.start(
                        settings.data().resolve("postgres"), settings.home(), Map.of());
        var opened =
                new DatabaseServer(
                        server,
                        server.jdbcUrl(DATABASE),
                        EmbeddedPostgres.SUPERUSER,
                        server.superuserPassword());
        opened.createDatabase(server);
        return opened;
    }

    /** An external server; null user or password are taken from the URL. */
    static DatabaseServer at(String url, @Nullable String user, @Nullable String password) {
        // A login in the URL would overrule the pool's own and make the pool the owner: it is taken
        // out of it.
        String[] parts = url.split("\\?", 2);
        var kept = new ArrayList<String>();
        String owner = user == null ? "" : user;
        String secret = password == null ? "" : password;
        for (String option : parts.length == 1 ? new String[0] : parts[1].split("&", -1)) {
            if (option.startsWith("user=")) {
                owner = decoded(option);
            } else if (option.startsWith("password=")) {
                secret = decoded(option);
            } else if (!option.isEmpty()) {
                kept.add(option);
            }
        }
        String bare = kept.isEmpty() ? parts[0] : parts[0] + "?" + String.join("&", kept);
        return new DatabaseServer(null, bare, owner, secret);
    }

    private static String decoded(String option) {
        return URLDecoder.decode(option.substring(option.indexOf('=') + 1), StandardCharsets.UTF_8);
    }

    public boolean isEmbedded() {
        return embedded != null;
    }

    /**
     * Whether the embedded server's process lives; always true for an external one, which a query
     * must ask.
     */
    public boolean isAlive() {
        return embedded == null || embedded.isRunning();
    }

    public String url() {
        return url;
    }

    /**
     * A new connection as the owner.
     *
     * @throws SQLException if the server refuses
     */
    Connection owner() throws SQLException {
        var login = new Properties();
        if (!user.isEmpty()) {
            login.setProperty("user", user);
        }
        if (!password.isEmpty()) {
            login.setProperty("password", password);
        }
        login.setProperty("ApplicationName", "cybershield-owner");
        return DriverManager.getConnection(url, login);
    }

    /**
     * The same of a server that may be coming up just now, as after a power cut, when it and we
     * start together: for as long as only time is missing, it is asked again.
     *
     * @throws SQLException at once if it refuses for another reason, and after the patience
     */
    Connection ownerOnceReady(Duration patience) throws SQLException {
        long until = System.nanoTime() + patience.toNanos();
        boolean told = false;
        while (true) {
            try {
                return owner();
            } catch (SQLException e) {
                if (!NOT_YET.contains(e.getSQLState()) || System.nanoTime() >= until) {
                    throw e;
                }
                if (!told) {
                    log.warn(
                            "the database does not answer yet and is asked again for {} s"
                                    + " cause=\"{}\"",
                            patience.toSeconds(),
                            e.getMessage());
                    told = true;
                }
            }
            try {
                Thread.sleep(BETWEEN_LOOKS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SQLException("interrupted while waiting for the database", e);
            }
        }
    }

    private void createDatabase(EmbeddedPostgres server) {
        try (var connection =
                        DriverManager.getConnection(
                                server.jdbcUrl("postgres"),
                                EmbeddedPostgres.SUPERUSER,
                                server.superuserPassword());
                var ask = connection.createStatement()) {
            try (var rows =
                    ask.executeQuery(
                            "SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")) {
                if (rows.next()) {
                    return;
                }
            }
            ask.execute("CREATE DATABASE " + DATABASE);
        } catch (SQLException e) {
            throw new IllegalStateException("Could not create the database: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        if (embedded != null) {
            embedded.close();
        }
    }
}
