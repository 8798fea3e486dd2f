package io.cybershield.platform.eventlog;

import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Records that a group could not take; and giving them to it again when somebody asked. */
final class DeadLetters {
    private static final int LONGEST_ERROR = 4000;

    private DeadLetters() {}

    /** Within the caller's transaction. */
    static void bury(
            JdbcClient jdbc, ConsumerSpec spec, Delivery record, int attempts, Throwable e) {
        jdbc.sql(
                        """
                        INSERT INTO eventlog.dead_letter
                            (group_name, topic, partition, at_offset, key, value, appended_at, attempts, error_type, error)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        ON CONFLICT (group_name, topic, partition, at_offset) DO UPDATE
                        SET died_at = now(), attempts = dead_letter.attempts + excluded.attempts,
                            error_type = excluded.error_type, error = excluded.error, state = 'dead'
                        """)
                .params(
                        spec.group(),
                        record.topic(),
                        record.partition(),
                        record.offset(),
                        record.key(),
                        record.value(),
                        java.sql.Timestamp.from(record.appendedAt()),
                        attempts,
                        e.getClass().getName(),
                        describe(e))
                .update();
    }

    private static String describe(Throwable e) {
        var text = new StringBuilder();
        for (var cause = e;
                cause != null && text.length() < LONGEST_ERROR;
                cause = cause.getCause()) {
            text.append(text.isEmpty() ? "" : "\nbecause ").append(cause);
            StackTraceElement[] stack = cause.getStackTrace();
            for (int i = 0; i < Math.min(5, stack.length); i++) {
                text.append("\n  at ").append(stack[i]);
            }
        }
        String whole = text.toString().replace("\0", "");
        return whole.substring(0, Math.min(LONGEST_ERROR, whole.length()));
    }

    /**
     * Gives one record that waits for replay to the handler; its row's lock is the lease.
     *
     * @return whether there was one
     */
    static boolean replayOne(
            Transactions transactions,
            JdbcClient jdbc,
            ConsumerSpec spec,
            EventLog.BatchHandler handler,
            LogMeters meters) {
        var scope = Scope.platform("eventlog:" + spec.group());
        var taken = new Delivery[1];
        try {
            return transactions.callAs(
                    scope,
                    () -> {
                        List<Delivery> next =
                                jdbc.sql(
                                                """
                                                UPDATE eventlog.dead_letter SET state = 'replayed'
                                                WHERE id = (SELECT id FROM eventlog.dead_letter
                                                            WHERE group_name = ? AND topic = ? AND state = 'replay'
                                                            ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
                                                RETURNING topic, partition, at_offset, key, value, appended_at
                                                """)
                                        .params(spec.group(), spec.topic())
                                        .query(PostgresEventLog::delivery)
                                        .list();
                        if (next.isEmpty()) {
                            return false;
                        }
                        taken[0] = next.getFirst();
                        handler.handle(next);
                        meters.delivered(spec, 1);
                        return true;
                    });
        } catch (Exception | StackOverflowError | LinkageError | AssertionError e) {
            Delivery poison = taken[0];
            if (poison == null || BatchRunner.isOutage(e)) {
                return false;
            }
            transactions.runAs(scope, () -> bury(jdbc, spec, poison, 1, e));
            meters.dead(spec);
            return true;
        }
    }
}
