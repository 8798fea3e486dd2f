package io.cybershield.platform.eventlog;

import io.cybershield.platform.Transactions;
import io.cybershield.platform.eventlog.BatchRunner.Claim;
import io.cybershield.platform.eventlog.BatchRunner.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionException;

/**
 * One member of a consumer group. Its own thread renews leases and looks for work; batches run in
 * threads of their own, one per partition at most. Members share partitions evenly; a silent
 * member's fall free when its lease ends, and its epoch then keeps its late commits out.
 */
final class PostgresMember implements EventLog.Subscription {
    private static final Logger log = LoggerFactory.getLogger(PostgresMember.class);
    private static final Duration SLICE = Duration.ofSeconds(1);
    private static final Duration REST_AFTER_FAILURE = Duration.ofSeconds(1);

    private record Ready(int partition, long epoch, long from, long end) {}

    private static final class Lane {
        final BatchRunner runner;
        final long epoch;
        volatile boolean busy;
        volatile long notBefore;

        Lane(BatchRunner runner, long epoch) {
            this.runner = runner;
            this.epoch = epoch;
        }
    }

    private final UUID id = UUID.randomUUID();
    private final ConsumerSpec spec;
    private final EventLog.BatchHandler handler;
    private final int[] shards;
    private final LogDatabase database;
    private final Transactions transactions;
    private final JdbcClient effects;
    private final EventLogSettings settings;
    private final LogMeters meters;
    private final Hints.Waiter waiter;
    private final Semaphore concurrency;
    private final Consumer<EventLog.Subscription> onClose;
    private final Map<Integer, Lane> lanes = new ConcurrentHashMap<>();
    private final Set<Integer> yielding = new HashSet<>();
    private final Thread thread;
    private volatile boolean closing;
    private volatile boolean replaying;
    private long nextBeat;

    PostgresMember(
            ConsumerSpec spec,
            EventLog.BatchHandler handler,
            int[] shards,
            LogDatabase database,
            Transactions transactions,
            JdbcClient effects,
            EventLogSettings settings,
            LogMeters meters,
            Hints.Waiter waiter,
            Semaphore concurrency,
            Consumer<EventLog.Subscription> onClose) {
        this.spec = spec;
        this.handler = handler;
        this.shards = shards;
        this.database = database;
        this.transactions = transactions;
        this.effects = effects;
        this.settings = settings;
        this.meters = meters;
        this.waiter = waiter;
        this.concurrency = concurrency;
        this.onClose = onClose;
        this.thread = Thread.ofVirtual().name("eventlog-" + spec.group()).unstarted(this::lead);
    }

    void start() {
        thread.start();
    }

    private void lead() {
        boolean known = false;
        while (!closing) {
            Duration rest = settings.poll();
            try {
                if (!known) {
                    enrol();
                    known = true;
                }
                if (System.nanoTime() - nextBeat >= 0) {
                    beat();
                    nextBeat = System.nanoTime() + settings.heartbeat().toNanos();
                }
                rest = hand();
            } catch (DataAccessException | TransactionException e) {
                log.warn(
                        "consumer cannot reach its leases group={} cause=\"{}\"",
                        spec.group(),
                        e.toString());
                rest = REST_AFTER_FAILURE;
            }
            try {
                waiter.await(rest);
            } catch (InterruptedException e) {
                closing = true;
            }
        }
    }

    private void enrol() {
        database.jdbc()
                .sql(
                        """
                        INSERT INTO eventlog.consumer (group_name, topic, partition)
                        SELECT ?, topic, partition FROM eventlog.shard WHERE topic = ? ON CONFLICT DO NOTHING
                        """)
                .params(spec.group(), spec.topic())
                .update();
    }

    /** Renews what is ours, gives back what is too much, takes what is free and due to us. */
    private void beat() {
        String lease = settings.lease().toMillis() + " milliseconds";
        database.inTransaction(() -> {
            sql("""
            INSERT INTO eventlog.member (group_name, topic, member, alive_until)
            VALUES (:group, :topic, :me, clock_timestamp() + CAST(:lease AS interval))
            ON CONFLICT (group_name, topic, member) DO UPDATE SET alive_until = excluded.alive_until
            """)
                    .param("lease", lease)
                    .update();
            return true;
        });
        database.inTransaction(() -> {
            List<UUID> members =
                    sql("""
                    SELECT member FROM eventlog.member
                    WHERE group_name = :group AND topic = :topic
                      AND (alive_until > clock_timestamp() OR member = :me) ORDER BY member
                    """)
                            .query((row, _) -> row.getObject(1, UUID.class))
                            .list();
            Set<Integer> own =
                    new HashSet<>(
                            sql("""
                            UPDATE eventlog.consumer SET lease_until = clock_timestamp() + CAST(:lease AS interval)
                            WHERE group_name = :group AND topic = :topic AND owner = :me RETURNING partition
                            """)
                                    .param("lease", lease)
                                    .query((row, _) -> row.getInt(1))
                                    .list());
            int share = share(members.indexOf(id), members.size());
            lanes.keySet().retainAll(own);
            giveBack(own, own.size() - share);
            if (own.size() < share) {
                take(share - own.size(), lease);
            }
            return true;
        });
        sweep();
    }

    private int share(int rank, int members) {
        return shards.length / members + (rank < shards.length % members ? 1 : 0);
    }

    private void giveBack(Set<Integer> own, int surplus) {
        yielding.clear();
        if (surplus <= 0) {
            return;
        }
        own.stream()
                .sorted(java.util.Comparator.reverseOrder())
                .limit(surplus)
                .forEach(yielding::add);
        var idle = new ArrayList<Integer>();
        for (int partition : yielding) {
            Lane lane = lanes.get(partition);
            if (lane == null || !lane.busy) {
                idle.add(partition);
            }
        }
        if (!idle.isEmpty()) {
            sql("""
            UPDATE eventlog.consumer SET owner = NULL, lease_until = NULL
            WHERE group_name = :group AND topic = :topic AND owner = :me AND partition IN (:idle)
            """)
                    .param("idle", idle)
                    .update();
            idle.forEach(lanes::remove);
        }
    }

    private void take(int wanted, String lease) {
        sql("""
        UPDATE eventlog.consumer
        SET owner = :me, epoch = epoch + 1, lease_until = clock_timestamp() + CAST(:lease AS interval)
        WHERE group_name = :group AND topic = :topic AND partition = ANY (ARRAY(
            SELECT partition FROM eventlog.consumer
            WHERE group_name = :group AND topic = :topic
              AND (owner IS NULL OR lease_until < clock_timestamp())
            ORDER BY partition LIMIT :wanted FOR UPDATE SKIP LOCKED))
        """)
                .param("lease", lease)
                .param("wanted", wanted)
                .update();
    }

    private void sweep() {
        sql("""
        DELETE FROM eventlog.member
        WHERE group_name = :group AND topic = :topic AND member = ANY (ARRAY(
            SELECT member FROM eventlog.member
            WHERE group_name = :group AND topic = :topic AND alive_until < clock_timestamp()
              AND member <> :me
            FOR UPDATE SKIP LOCKED))
        """)
                .update();
    }

    /** Starts a batch for every partition of ours that is behind; says how long to rest. */
    private Duration hand() {
        long now = System.nanoTime();
        Duration rest = settings.poll();
        for (Ready ready : behind()) {
            if (yielding.contains(ready.partition())) {
                continue;
            }
            Lane lane = lanes.get(ready.partition());
            if (lane == null || (lane.epoch != ready.epoch() && !lane.busy)) {
                lane =
                        new Lane(
                                new BatchRunner(spec, handler, transactions, effects, meters),
                                ready.epoch());
                lanes.put(ready.partition(), lane);
            }
            long wait = lane.notBefore - now;
            if (lane.busy) {
                continue;
            }
            if (wait > 0) {
                rest = rest.toNanos() < wait ? rest : Duration.ofNanos(wait).plusMillis(1);
                continue;
            }
            lane.busy = true;
            Lane free = lane;
            Thread.ofVirtual()
                    .name("eventlog-" + spec.group() + "-" + ready.partition())
                    .start(() -> work(free, ready));
        }
        return rest;
    }

    private List<Ready> behind() {
        startReplay();
        return sql("""
        SELECT c.partition, c.epoch, c.next_offset AS from, s.next_offset AS end
        FROM eventlog.consumer c JOIN eventlog.shard s USING (topic, partition)
        WHERE c.group_name = :group AND c.topic = :topic AND c.owner = :me
          AND c.next_offset < s.next_offset
        """)
                .query((row, _) ->
                        new Ready(row.getInt(1), row.getLong(2), row.getLong(3), row.getLong(4)))
                .list();
    }

    private void work(Lane lane, Ready ready) {
        try {
            concurrency.acquire();
            try {
                drain(lane, ready);
            } finally {
                concurrency.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            lane.notBefore = System.nanoTime() + REST_AFTER_FAILURE.toNanos();
            log.warn(
                    "consumer cannot read group={} partition={} cause=\"{}\"",
                    spec.group(),
                    ready.partition(),
                    e.toString());
        } finally {
            lane.busy = false;
            waiter.wake();
        }
    }

    /** Where the partition stands; its end if it is no longer ours. */
    private long nextOffset(Ready ready) {
        return sql("""
        SELECT next_offset FROM eventlog.consumer
        WHERE group_name = :group AND topic = :topic AND partition = :partition AND owner = :me AND epoch = :epoch
        """)
                .param("partition", ready.partition())
                .param("epoch", ready.epoch())
                .query(Long.class)
                .optional()
                .orElse(ready.end());
    }

    /** Batch after batch for a slice of time, so that other partitions get their turn. */
    private void drain(Lane lane, Ready ready) {
        long until = System.nanoTime() + SLICE.toNanos();
        // What was ready may be done by now: it was seen before the lane became free.
        long from = nextOffset(ready);
        var claim = new Claim(ready.partition(), id, ready.epoch(), from);
        while (!closing && claim.from() < ready.end() && System.nanoTime() - until < 0) {
            List<Delivery> batch =
                    PostgresEventLog.read(
                            database,
                            spec.topic(),
                            claim.partition(),
                            shards[claim.partition()],
                            claim.from(),
                            lane.runner.limit());
            Result result =
                    batch.isEmpty()
                            ? lane.runner.skip(claim, ready.end())
                            : lane.runner.run(claim, batch);
            switch (result) {
                case Result.Done(long next) -> claim = claim.at(next);
                case Result.Again(Duration after) -> {
                    if (after.isPositive()) {
                        lane.notBefore = System.nanoTime() + after.toNanos();
                        return;
                    }
                }
                case Result.Lost() -> {
                    return;
                }
            }
        }
    }

    /** Dead letters that somebody wants replayed; one thread a member. */
    private void startReplay() {
        if (replaying) {
            return;
        }
        boolean some =
                sql("""
                SELECT EXISTS (SELECT 1 FROM eventlog.dead_letter
                               WHERE group_name = :group AND topic = :topic AND state = 'replay')
                """)
                        .query(Boolean.class)
                        .single();
        if (some) {
            replaying = true;
            Thread.ofVirtual()
                    .name("eventlog-" + spec.group() + "-replay")
                    .start(() -> {
                        try {
                            while (!closing
                                    && DeadLetters.replayOne(
                                            transactions, effects, spec, handler, meters)) {
                                continue;
                            }
                        } catch (RuntimeException e) {
                            log.warn(
                                    "replay waits group={} cause=\"{}\"",
                                    spec.group(),
                                    e.toString());
                        } finally {
                            replaying = false;
                        }
                    });
        }
    }

    private JdbcClient.StatementSpec sql(String text) {
        return new Bound(database.jdbc().sql(text)).with(spec, id, text);
    }

    /** Binds what nearly every statement here names. */
    private record Bound(JdbcClient.StatementSpec statement) {
        JdbcClient.StatementSpec with(ConsumerSpec spec, UUID me, String text) {
            statement.param("group", spec.group()).param("topic", spec.topic());
            return text.contains(":me") ? statement.param("me", me) : statement;
        }
    }

    @Override
    public void close() {
        if (closing && !thread.isAlive()) {
            return;
        }
        closing = true;
        waiter.wake();
        try {
            thread.join();
            while (replaying || lanes.values().stream().anyMatch(lane -> lane.busy)) {
                waiter.await(Duration.ofMillis(20));
            }
            leave();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            waiter.close();
            onClose.accept(this);
        }
    }

    private void leave() {
        try {
            sql("""
            UPDATE eventlog.consumer SET owner = NULL, lease_until = NULL
            WHERE group_name = :group AND topic = :topic AND owner = :me
            """)
                    .update();
            sql("DELETE FROM eventlog.member WHERE group_name = :group AND topic = :topic AND"
                            + " member = :me")
                    .update();
        } catch (DataAccessException e) {
            log.warn(
                    "consumer left without saying so, its lease will end group={} cause=\"{}\"",
                    spec.group(),
                    e.toString());
        }
    }
}
