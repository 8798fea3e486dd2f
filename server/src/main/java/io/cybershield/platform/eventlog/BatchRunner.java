package io.cybershield.platform.eventlog;

import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Gives batches of one partition to a handler: effects and offset in one transaction, whatever the
 * transport. A failing batch is halved until the poison record stands alone; alone it is tried the
 * spec's attempts and then buried, so that nothing else waits for it.
 *
 * <p>One instance per partition and ownership; not for several threads at once.
 */
final class BatchRunner {
    private static final Logger log = LoggerFactory.getLogger(BatchRunner.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** The right to move a group's offset in a partition, from where it stands now. */
    record Claim(int partition, UUID owner, long epoch, long from) {
        Claim at(long next) {
            return new Claim(partition, owner, epoch, next);
        }
    }

    sealed interface Result {
        /** Offset and effects are in; go on from here. */
        record Done(long next) implements Result {}

        /** Nothing is in; try again after a while. */
        record Again(Duration after) implements Result {}

        /** Somebody else owns the partition now, or the offset was moved. */
        record Lost() implements Result {}
    }

    /** Ends the transaction of a member that no longer owns its partition. */
    private static final class Fenced extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Fenced() {
            super("Another member owns the partition", null, false, false);
        }
    }

    private final ConsumerSpec spec;
    private final EventLog.BatchHandler handler;
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final LogMeters meters;
    private final Scope scope;
    private int limit;
    private long suspectUntil = -1;
    private int attempts;
    private int outages;

    BatchRunner(
            ConsumerSpec spec,
            EventLog.BatchHandler handler,
            Transactions transactions,
            JdbcClient jdbc,
            LogMeters meters) {
        this.spec = spec;
        this.handler = handler;
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.meters = meters;
        this.scope = Scope.platform("eventlog:" + spec.group());
        this.limit = spec.maxBatch();
    }

    /** How many records to read next. */
    int limit() {
        return limit;
    }

    /** Handles the first {@link #limit} of these, which start at the claim's offset or after it. */
    Result run(Claim claim, List<Delivery> records) {
        List<Delivery> batch = records.subList(0, Math.min(limit, records.size()));
        long next = batch.getLast().offset() + 1;
        try {
            transactions.runAs(
                    scope,
                    () -> {
                        settings();
                        handler.handle(batch);
                        move(claim, next);
                    });
        } catch (Fenced e) {
            meters.fenced(spec);
            return new Result.Lost();
        } catch (Exception | StackOverflowError | LinkageError | AssertionError e) {
            return failed(claim, batch, next, e);
        }
        meters.delivered(spec, batch.size());
        attempts = 0;
        outages = 0;
        if (next >= suspectUntil) {
            limit = spec.maxBatch();
        }
        return new Result.Done(next);
    }

    private Result failed(Claim claim, List<Delivery> batch, long next, Throwable e) {
        meters.retried(spec);
        if (isOutage(e)) {
            outages++;
            log.warn(
                    "consumer waits group={} topic={} partition={} offset={} cause=\"{}\"",
                    spec.group(),
                    spec.topic(),
                    claim.partition(),
                    claim.from(),
                    e.toString());
            return new Result.Again(pause(outages));
        }
        if (batch.size() > 1) {
            log.warn(
                    "batch fails, looking for the record group={} topic={} partition={} offset={}"
                            + " records={} cause=\"{}\"",
                    spec.group(),
                    spec.topic(),
                    claim.partition(),
                    claim.from(),
                    batch.size(),
                    e.toString());
            limit = Math.max(1, batch.size() / 2);
            suspectUntil = Math.max(suspectUntil, next);
            return new Result.Again(Duration.ZERO);
        }
        attempts++;
        if (attempts < spec.attempts()) {
            return new Result.Again(pause(attempts));
        }
        return bury(claim, batch.getFirst(), e);
    }

    private Result bury(Claim claim, Delivery record, Throwable e) {
        long next = record.offset() + 1;
        try {
            transactions.runAs(
                    scope,
                    () -> {
                        DeadLetters.bury(jdbc, spec, record, attempts, e);
                        move(claim, next);
                    });
        } catch (Fenced _) {
            meters.fenced(spec);
            return new Result.Lost();
        } catch (RuntimeException again) {
            log.warn("dead letter waits group={} cause=\"{}\"", spec.group(), again.toString());
            return new Result.Again(LONGEST_PAUSE);
        }
        log.error(
                "record to dead letters group={} topic={} partition={} offset={} attempts={}",
                spec.group(),
                spec.topic(),
                record.partition(),
                record.offset(),
                attempts,
                e);
        meters.dead(spec);
        attempts = 0;
        if (next >= suspectUntil) {
            limit = spec.maxBatch();
        }
        return new Result.Done(next);
    }

    /**
     * A member whose process hangs must not keep rows locked for ever. And a commit that a crash
     * takes back is harmless: offset and effects go together, so the batch is handled again.
     * Whoever acts on its effects commits durably first, and that makes this one durable too.
     */
    private void settings() {
        jdbc.sql(
                        "SELECT set_config('idle_in_transaction_session_timeout', '60s', true),"
                                + " set_config('synchronous_commit', 'off', true)")
                .query((row, _) -> row.getString(1))
                .single();
    }

    private void move(Claim claim, long next) {
        int moved =
                jdbc.sql(
                                """
                                UPDATE eventlog.consumer SET next_offset = :next
                                WHERE group_name = :group AND topic = :topic AND partition = :partition
                                  AND owner = :owner AND epoch = :epoch AND next_offset = :from
                                """)
                        .param("next", next)
                        .param("group", spec.group())
                        .param("topic", spec.topic())
                        .param("partition", claim.partition())
                        .param("owner", claim.owner())
                        .param("epoch", claim.epoch())
                        .param("from", claim.from())
                        .update();
        if (moved != 1) {
            throw new Fenced();
        }
    }

    /** Moves past records that retention took before this group came to them. */
    Result skip(Claim claim, long next) {
        try {
            transactions.runAs(scope, () -> move(claim, next));
        } catch (Fenced _) {
            return new Result.Lost();
        }
        meters.skipped(spec, next - claim.from());
        log.warn(
                "records were gone before they were read group={} topic={} partition={} from={}"
                        + " to={}",
                spec.group(),
                spec.topic(),
                claim.partition(),
                claim.from(),
                next);
        return new Result.Done(next);
    }

    private static Duration pause(int times) {
        long millis = FIRST_PAUSE.toMillis() << Math.min(times - 1, 10);
        return Duration.ofMillis(Math.min(millis, LONGEST_PAUSE.toMillis()));
    }

    /** The database or the log is away, or lost a race: no record's fault. */
    static boolean isOutage(Throwable thrown) {
        for (@Nullable Throwable e = thrown; e != null; e = e.getCause()) {
            if (e instanceof EventLogUnavailable
                    || e instanceof java.sql.SQLTransientConnectionException) {
                return true;
            }
            if (e instanceof SQLException sql && sql.getSQLState() != null) {
                String state = sql.getSQLState();
                if (state.startsWith("08") // connection
                        || state.startsWith("40") // serialisation, deadlock
                        || state.startsWith("53") // resources
                        || state.startsWith("57P") // shutdown
                        || state.equals("25P03") // ended because silent
                        || state.equals("55P03")) { // lock not available
                    return true;
                }
            }
        }
        return false;
    }
}
