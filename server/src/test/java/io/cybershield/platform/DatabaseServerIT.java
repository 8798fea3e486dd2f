package io.cybershield.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.platform.postgres.EmbeddedPostgres;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** In front of the real PostgreSQL stands one that is not ready at first. */
class DatabaseServerIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void waitsForADatabaseThatIsStartingUp() throws Exception {
        try (var door = new Door(3)) {
            var server = door.server(TestPostgres.server().superuserPassword());
            try (var owner = server.ownerOnceReady(PATIENCE);
                    var sql = owner.createStatement();
                    var rows = sql.executeQuery("SELECT 1")) {
                assertThat(rows.next()).isTrue();
            }
            assertThat(door.refused).hasValue(3);
        }
    }

    @Test
    void waitsUntilSomebodyListens() throws Exception {
        int port;
        try (var door = new Door(0)) {
            port = door.port();
        }
        var server = at(port, TestPostgres.server().superuserPassword());
        assertThatThrownBy(() -> server.ownerOnceReady(Duration.ZERO))
                .hasMessageContaining("refused");
        var waiting = new FutureTask<>(() -> server.ownerOnceReady(PATIENCE));
        Thread.ofVirtual().start(waiting);
        try (var _ = new Door(0, port);
                var owner = waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            assertThat(owner.isValid(5)).isTrue();
        }
    }

    @Test
    void aWrongPasswordIsSaidAtOnce() throws Exception {
        try (var door = new Door(0)) {
            var server = door.server("wrong");
            assertThatThrownBy(() -> server.ownerOnceReady(PATIENCE))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
            assertThat(door.opened).hasValue(1);
        }
    }

    @Test
    void patienceEnds() throws Exception {
        try (var door = new Door(Integer.MAX_VALUE)) {
            var server = door.server("any");
            assertThatThrownBy(() -> server.ownerOnceReady(Duration.ofMillis(600)))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("starting up");
            assertThat(door.refused).hasValueGreaterThan(1);
        }
    }

    private static DatabaseServer at(int port, String password) {
        return DatabaseServer.at(
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres?sslmode=disable",
                EmbeddedPostgres.SUPERUSER,
                password);
    }

    /** Says to the first callers what PostgreSQL says while it recovers, and lets the others in. */
    private static final class Door implements AutoCloseable {
        final AtomicInteger refused = new AtomicInteger();
        final AtomicInteger opened = new AtomicInteger();
        private final ServerSocket socket;
        private final int shut;
        private final Thread standing;

        Door(int shut) throws IOException {
            this(shut, 0);
        }

        Door(int shut, int port) throws IOException {
            this.shut = shut;
            this.socket = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
            this.standing = Thread.ofVirtual().start(this::stand);
        }

        int port() {
            return socket.getLocalPort();
        }

        DatabaseServer server(String password) {
            return at(port(), password);
        }

        private void stand() {
            while (!socket.isClosed()) {
                try {
                    Socket caller = socket.accept();
                    opened.incrementAndGet();
                    Thread.ofVirtual().start(() -> meet(caller));
                } catch (IOException e) {
                    return;
                }
            }
        }

        private void meet(Socket caller) {
            try (caller) {
                if (refused.get() < shut) {
                    var in = new DataInputStream(caller.getInputStream());
                    in.readNBytes(in.readInt() - 4);
                    refused.incrementAndGet();
                    caller.getOutputStream().write(startingUp());
                    return;
                }
                var real =
                        URI.create(
                                TestPostgres.server()
                                        .jdbcUrl("postgres")
                                        .substring("jdbc:".length()));
                try (var behind = new Socket(real.getHost(), real.getPort())) {
                    Thread back = Thread.ofVirtual().start(() -> pass(behind, caller));
                    pass(caller, behind);
                    back.join();
                }
            } catch (IOException e) {
                // the caller hung up
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private static void pass(Socket from, Socket to) {
            try (InputStream in = from.getInputStream();
                    OutputStream out = to.getOutputStream()) {
                in.transferTo(out);
            } catch (IOException e) {
                // either side hung up
            }
        }

        /** An ErrorResponse of PostgreSQL's protocol. */
        private static byte[] startingUp() {
            byte[] fields =
                    "SFATAL\0C57P03\0Mthe database system is starting up\0\0"
                            .getBytes(StandardCharsets.US_ASCII);
            return ByteBuffer.allocate(5 + fields.length)
                    .put((byte) 'E')
                    .putInt(4 + fields.length)
                    .put(fields)
                    .array();
        }

        /**
         * The port is free once nobody stands there: a socket lets its last caller in while it
         * closes.
         */
        @Override
        public void close() throws IOException, InterruptedException {
            socket.close();
            standing.join();
        }
    }
}
