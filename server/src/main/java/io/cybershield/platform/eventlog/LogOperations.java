package io.cybershield.platform.eventlog;

import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What an operator may do with the log, whatever the adapter: look, replay, rewind, forget. */
public final class LogOperations {
    private final Transactions transactions;
    private final JdbcClient jdbc;

    LogOperations(Transactions transactions, JdbcClient jdbc) {
        this.transactions = transactions;
        this.jdbc = jdbc;
    }

    /** Where a group stands in a partition. */
    public record Position(String group, String topic, int partition, long nextOffset) {}

    /**
     * A record that a group could not take.
     *
     * @param error what the handler threw, with the top of the stack
     */
    public record DeadLetter(
            long id,
            String group,
            String topic,
            int partition,
            long offset,
            String key,
            Instant diedAt,
            int attempts,
            String error,
            String state) {}

    public List<Position> positions(String group) {
        return work(() ->
                jdbc.sql(
                                """
                                SELECT group_name, topic, partition, next_offset FROM eventlog.consumer
                                WHERE group_name = ? ORDER BY topic, partition
                                """)
                        .param(group)
                        .query((row, _) ->
                                new Position(
                                        row.getString(1),
                                        row.getString(2),
                                        row.getInt(3),
                                        row.getLong(4)))
                        .list());
    }

    /** Oldest first, after the id given. */
    public List<DeadLetter> deadLetters(String group, long after, int limit) {
        return work(() ->
                jdbc.sql(
                                """
                                SELECT id, group_name, topic, partition, at_offset, key, died_at, attempts, error, state
                                FROM eventlog.dead_letter WHERE group_name = ? AND id > ? ORDER BY id LIMIT ?
                                """)
                        .params(group, after, limit)
                        .query((row, _) ->
                                new DeadLetter(
                                        row.getLong("id"),
                                        row.getString("group_name"),
                                        row.getString("topic"),
                                        row.getInt("partition"),
                                        row.getLong("at_offset"),
                                        row.getString("key"),
                                        row.getTimestamp("died_at").toInstant(),
                                        row.getInt("attempts"),
                                        row.getString("error"),
                                        row.getString("state")))
                        .list());
    }

    /**
     * Gives the group all its dead letters again, in the order in which they died; those that fail
     * again are dead again.
     *
     * @return how many
     */
    public int replayDeadLetters(String group) {
        return work(() ->
                jdbc.sql(
                                "UPDATE eventlog.dead_letter SET state = 'replay' WHERE group_name"
                                        + " = ? AND state = 'dead'")
                        .param(group)
                        .update());
    }

    /**
     * Lets the group read the partition again from an offset, or skip to one; a batch in hand is
     * fenced off and its effects roll back.
     *
     * @return whether the group is known there
     */
    public boolean rewind(String group, String topic, int partition, long offset) {
        return work(() ->
                jdbc.sql(
                                """
                                UPDATE eventlog.consumer SET next_offset = ?, epoch = epoch + 1
                                WHERE group_name = ? AND topic = ? AND partition = ?
                                """)
                        .params(offset, group, topic, partition)
                        .update())
                == 1;
    }

    /** Drops a group for good, so that it no longer holds old records back. */
    public void forget(String group) {
        work(() ->
                jdbc.sql("DELETE FROM eventlog.consumer WHERE group_name = ?")
                        .param(group)
                        .update());
    }

    private <T> T work(Supplier<T> work) {
        return transactions.callAs(Scope.platform("eventlog"), work);
    }
}
