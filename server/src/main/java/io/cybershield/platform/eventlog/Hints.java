package io.cybershield.platform.eventlog;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes waiters when a channel's word comes by NOTIFY. A hint may be lost or come for nothing:
 * every waiter also wakes by itself.
 */
final class Hints implements Wakeups, AutoCloseable {
    static final String CHANNEL = "eventlog";
    private static final Logger log = LoggerFactory.getLogger(Hints.class);
    private static final Duration RECONNECT = Duration.ofSeconds(1);

    private final LogDatabase database;
    private final Map<String, Set<Waiter>> waiters = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile boolean closed;
    private volatile @Nullable Connection connection;

    Hints(LogDatabase database) {
        this.database = database;
        this.thread = Thread.ofVirtual().name("eventlog-hints").start(this::listen);
    }

    /** Wakes when something happened to the topic, or at the latest after the time given. */
    final class Waiter implements Wakeup {
        private final Semaphore signal = new Semaphore(0);
        private final String topic;

        private Waiter(String topic) {
            this.topic = topic;
        }

        @Override
        public void await(Duration atMost) throws InterruptedException {
            if (signal.tryAcquire(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                signal.drainPermits();
            }
        }

        void wake() {
            signal.release();
        }

        @Override
        public void close() {
            waiters.getOrDefault(topic, Set.of()).remove(this);
        }
    }

    @Override
    public Wakeup on(String word) {
        return waiter(word);
    }

    Waiter waiter(String topic) {
        var waiter = new Waiter(topic);
        waiters.computeIfAbsent(topic, _ -> ConcurrentHashMap.newKeySet()).add(waiter);
        return waiter;
    }

    void wake(String topic) {
        waiters.getOrDefault(topic, Set.of()).forEach(Waiter::wake);
    }

    private void wakeAll() {
        waiters.values().forEach(all -> all.forEach(Waiter::wake));
    }

    private void listen() {
        while (!closed) {
            try (Connection fresh = database.listener()) {
                connection = fresh;
                try (var sql = fresh.createStatement()) {
                    sql.execute("LISTEN " + CHANNEL);
                }
                wakeAll(); // what came while nobody listened
                receive(fresh.unwrap(PGConnection.class));
            } catch (SQLException e) {
                if (!closed) {
                    log.warn(
                            "event log hints interrupted, polling goes on cause=\"{}\"",
                            e.getMessage());
                    pause();
                }
            }
        }
    }

    private void receive(PGConnection from) throws SQLException {
        while (!closed) {
            var received = from.getNotifications(30_000);
            if (received != null) {
                for (var one : received) {
                    wake(one.getParameter());
                }
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(RECONNECT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        }
    }

    @Override
    public void close() {
        closed = true;
        Connection open = connection;
        if (open != null) {
            try {
                open.abort(Runnable::run); // wakes the read
            } catch (SQLException e) {
                log.debug("closing hints", e);
            }
        }
        thread.interrupt();
    }
}
