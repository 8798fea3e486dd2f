package io.cybershield.access;

import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** In the database, so that guessing is not faster against many nodes than against one. */
@Component
final class JdbcFailedTries implements FailedTries {
    private static final Scope PLATFORM = Scope.platform("access");
    private static final Duration SWEEP = Duration.ofMinutes(1);
    private final JdbcClient jdbc;
    private final Transactions transactions;
    private final AtomicReference<Instant> swept = new AtomicReference<>(Instant.EPOCH);

    JdbcFailedTries(JdbcClient jdbc, Transactions transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    @Override
    public Optional<Row> find(String key, Instant since) {
        return PLATFORM.get(() ->
                transactions.callSeparately(() ->
                        jdbc.sql(
                                        "SELECT failures, last_at FROM platform.failed_try WHERE"
                                                + " key_hash = :key AND last_at > :since")
                                .param("key", hash(key))
                                .param("since", AccountStore.utc(since))
                                .query((row, _) ->
                                        new Row(
                                                row.getInt("failures"),
                                                row.getObject("last_at", OffsetDateTime.class)
                                                        .toInstant()))
                                .optional()));
    }

    /** Stays, whatever becomes of the caller's transaction. */
    @Override
    public void add(String key, Instant now, Instant since) {
        int unused =
                PLATFORM.get(() ->
                        transactions.callSeparately(() -> {
                            sweep(now, since);
                            return jdbc.sql(
                                            """
                                            INSERT INTO platform.failed_try AS t (key_hash, failures, last_at) VALUES (:key, 1, :now)
                                            ON CONFLICT (key_hash) DO UPDATE SET last_at = :now,
                                                failures = CASE WHEN t.last_at > :since THEN t.failures + 1 ELSE 1 END
                                            """)
                                    .param("key", hash(key))
                                    .param("now", AccountStore.utc(now))
                                    .param("since", AccountStore.utc(since))
                                    .update();
                        }));
    }

    @Override
    public void clear(String key) {
        int unused =
                PLATFORM.get(() ->
                        transactions.callSeparately(() ->
                                jdbc.sql("DELETE FROM platform.failed_try WHERE key_hash = :key")
                                        .param("key", hash(key))
                                        .update()));
    }

    private void sweep(Instant now, Instant since) {
        Instant before = swept.get();
        if (now.isAfter(before.plus(SWEEP)) && swept.compareAndSet(before, now)) {
            jdbc.sql(
                            """
                            DELETE FROM platform.failed_try WHERE key_hash IN (
                                SELECT key_hash FROM platform.failed_try WHERE last_at < :since
                                LIMIT 10000 FOR UPDATE SKIP LOCKED)
                            """)
                    .param("since", AccountStore.utc(since))
                    .update();
        }
    }

    private static byte[] hash(String key) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(("failed-try:" + key).getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
