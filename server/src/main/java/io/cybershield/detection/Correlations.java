package io.cybershield.detection;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.detection.CorrelationLine.Counts;
import io.cybershield.detection.CorrelationStore.Fed;
import io.cybershield.detection.CorrelationStore.Line;
import io.cybershield.detection.CorrelationStore.Origin;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.sigma.CorrelationHit;
import io.cybershield.sigma.CorrelationRule;
import io.cybershield.sigma.CorrelationRule.Operator;
import io.cybershield.sigma.CorrelationRule.Type;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Takes what was fed to a tenant's correlations. Findings, progress and state are one transaction,
 * so each batch takes effect once, whatever stops in between (ADR 012).
 */
@Component
@RunsIn(Role.STREAM)
class Correlations implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(Correlations.class);

    /** Batches in one transaction. */
    private static final int MOST_BATCHES = 50;

    /** A journal may always grow so far before it costs a checkpoint. */
    private static final int SMALL_JOURNAL = 256 << 10;

    private static final int MOST_HISTORIES = 50;
    private static final Duration HISTORY_ENDS = Duration.ofMinutes(5);
    private static final Duration LOOK = Duration.ofSeconds(2);
    private static final int MOST_ORIGINS = 10;
    private static final long IN_MEMORY = 256L << 20;
    private static final UUID UNKNOWN = new UUID(0, 0);

    private final Rules rules;
    private final CorrelationStore store;
    private final CorrelationFeed feed;
    private final Findings findings;
    private final Transactions transactions;
    private final Ids ids;
    private final Clock clock;
    private final Cache<Key, Held> held;
    private final MeterRegistry meters;
    private final Instant began;
    private final Timer batch;
    private final Timer delay;
    private final DistributionSummary checkpoints;
    private @Nullable Thread watch;

    private record Key(TenantId tenant, String line) {}

    /**
     * A line in memory.
     *
     * @param taken number of the last batch in it
     * @param touchedAt when that was, as the database has it
     * @param journalBytes taken since the checkpoint
     */
    private record Held(
            CorrelationLine line,
            Map<String, String> asked,
            long taken,
            Instant touchedAt,
            long journalBytes,
            int checkpointBytes) {
        /** Another node may have gone on, or ended the line and begun one of the same name. */
        boolean isStateOf(Line kept) {
            return taken == kept.taken() && touchedAt.equals(kept.touchedAt());
        }

        int weight() {
            return (int) Math.min(Integer.MAX_VALUE, 2_048 + checkpointBytes + journalBytes);
        }
    }

    /** What one transaction adds up to. */
    private static final class Turn {
        final ActiveRules rules;
        final Map<String, String> asked;
        final Instant now;
        final Map<Key, Held> after = new HashMap<>();
        final List<CorrelationHit> hits = new ArrayList<>();
        Counts counts = new Counts(0, 0, 0, 0, 0, 0);
        long forgotten;

        Turn(ActiveRules rules, Instant now) {
            this.rules = rules;
            this.asked = rules.asked();
            this.now = now;
        }

        void add(Counts more) {
            counts =
                    new Counts(
                            counts.taken() + more.taken(),
                            counts.late() + more.late(),
                            counts.ungrouped() + more.ungrouped(),
                            counts.evicted() + more.evicted(),
                            counts.failed() + more.failed(),
                            counts.restarts() + more.restarts());
        }
    }

    Correlations(
            Rules rules,
            CorrelationStore store,
            CorrelationFeed feed,
            Findings findings,
            DomainEvents domainEvents,
            Transactions transactions,
            Ids ids,
            Clock clock,
            MeterRegistry meters) {
        this.rules = rules;
        this.store = store;
        this.feed = feed;
        this.findings = findings;
        this.transactions = transactions;
        this.ids = ids;
        this.clock = clock;
        this.meters = meters;
        this.began = clock.instant();
        this.held =
                Caffeine.newBuilder()
                        .maximumWeight(IN_MEMORY)
                        .weigher((Key _, Held line) -> line.weight())
                        .build();
        this.batch = Timer.builder("cybershield.correlation.batch").register(meters);
        this.delay =
                Timer.builder("cybershield.correlation.delay")
                        .description("From the store of events to the end of their correlation")
                        .publishPercentiles(0.5, 0.99)
                        .register(meters);
        this.checkpoints =
                DistributionSummary.builder("cybershield.correlation.checkpoint.bytes")
                        .register(meters);
        domainEvents.on("correlation", HitsFed.class, (_, _) -> take());
    }

    /** Takes what waits for the current tenant; in the transaction that also moves the offset. */
    void take() {
        transactions.run(() -> {
            store.lock();
            ActiveRules active = rules.current();
            if (!active.correlates()) {
                store.clear();
                return;
            }
            long start = System.nanoTime();
            var turn = new Turn(active, clock.instant().truncatedTo(ChronoUnit.MICROS));
            List<Fed> waiting = store.waiting(MOST_BATCHES);
            Map<String, List<Fed>> byLine = new TreeMap<>();
            waiting.forEach(
                    fed -> byLine.computeIfAbsent(fed.line(), _ -> new ArrayList<>()).add(fed));
            byLine.forEach((line, batches) -> take(turn, line, batches));
            passTime(turn, byLine.keySet());
            raise(turn);
            if (waiting.size() == MOST_BATCHES) {
                feed.announce(0);
            }
            afterCommit(() -> {
                held.putAll(turn.after);
                batch.record(Duration.ofNanos(System.nanoTime() - start));
                waiting.forEach(fed -> delay.record(Duration.between(fed.at(), turn.now)));
                count(turn);
            });
        });
    }

    private void take(Turn turn, String name, List<Fed> batches) {
        Held before = open(turn, name);
        CorrelationLine line = before.line();
        Counts counted = line.counts();
        long bytes = before.journalBytes();
        for (Fed fed : batches) {
            turn.hits.addAll(line.take(fed.hits()));
            bytes += fed.bytes();
        }
        turn.add(line.counts().minus(counted));
        store.take(batches.stream().map(Fed::id).toList(), before.taken());
        long taken = before.taken() + batches.size();
        close(turn, name, before, taken, bytes);
    }

    private void close(Turn turn, String name, Held before, long taken, long journalBytes) {
        int size = before.checkpointBytes();
        long bytes = journalBytes;
        if (bytes > Math.max(SMALL_JOURNAL, size)) {
            size = cover(turn, name, before.line(), taken);
            bytes = 0;
        } else {
            store.advance(name, taken, turn.now);
        }
        turn.after.put(
                new Key(Scope.currentTenant(), name),
                new Held(before.line(), turn.asked, taken, turn.now, bytes, size));
    }

    private int cover(Turn turn, String name, CorrelationLine line, long taken) {
        byte[] checkpoint = line.checkpoint();
        checkpoints.record(checkpoint.length);
        store.cover(new Line(name, taken, taken, line.newest(), turn.asked, checkpoint, turn.now));
        return checkpoint.length;
    }

    /** The line as the database has it and as today's rules want it. */
    private Held open(Turn turn, String name) {
        var key = new Key(Scope.currentTenant(), name);
        // Whatever is taken now is in memory again only after the commit.
        Held known = held.asMap().remove(key);
        Line kept = store.line(name).orElse(null);
        if (kept == null) {
            CorrelationLine line = fresh(turn.rules, name);
            return new Held(line, turn.asked, 0, turn.now, 0, cover(turn, name, line, 0));
        }
        if (known != null && known.isStateOf(kept)) {
            if (known.asked().equals(turn.asked)) {
                return known;
            }
            return change(turn, name, known.line(), known.asked(), kept.taken());
        }
        if (kept.asked().equals(turn.asked)) {
            CorrelationLine line = fresh(turn.rules, name);
            long bytes = replay(turn, line, kept);
            return new Held(
                    line, turn.asked, kept.taken(), turn.now, bytes, kept.checkpoint().length);
        }
        // The journal is of before the change: only what was not changed may see it.
        CorrelationLine line =
                new CorrelationLine(
                        turn.rules.correlations().stream()
                                .filter(rule ->
                                        turn.asked
                                                .getOrDefault(rule.id(), "")
                                                .equals(kept.asked().get(rule.id())))
                                .toList(),
                        turn.rules.known(),
                        !name.equals(Occurrence.LIVE));
        replay(turn, line, kept);
        return change(turn, name, line, kept.asked(), kept.taken());
    }

    private Held change(
            Turn turn, String name, CorrelationLine before, Map<String, String> asked, long taken) {
        CorrelationLine line = fresh(turn.rules, name);
        line.restore(before.checkpoint(), before.newest());
        Set<String> forgotten = new HashSet<>();
        asked.forEach((id, what) -> {
            if (!what.equals(turn.asked.get(id))) {
                forgotten.add(id);
            }
        });
        turn.forgotten += forgotten.size();
        if (!forgotten.isEmpty()) {
            log.info(
                    "correlations begin anew tenant={} line={} rules={}",
                    Scope.currentTenant(),
                    name,
                    forgotten);
        }
        return new Held(line, turn.asked, taken, turn.now, 0, cover(turn, name, line, taken));
    }

    private long replay(Turn turn, CorrelationLine line, Line kept) {
        try {
            line.restore(kept.checkpoint(), kept.newestCovered());
        } catch (IllegalArgumentException e) {
            // Of a newer release, or damaged: beginning anew is the lesser loss, and it is counted.
            turn.forgotten += kept.asked().size();
            log.error(
                    "correlation state not readable tenant={} line={}",
                    Scope.currentTenant(),
                    kept.line(),
                    e);
        }
        long bytes = 0;
        for (Fed fed : store.journal(kept)) {
            line.take(fed.hits()); // what it found was told when it was first taken
            bytes += fed.bytes();
        }
        return bytes;
    }

    private static CorrelationLine fresh(ActiveRules rules, String name) {
        return new CorrelationLine(
                rules.correlations(), rules.known(), !name.equals(Occurrence.LIVE));
    }

    /** Ends windows that wait for their end, and histories that nothing comes to any more. */
    private void passTime(Turn turn, Set<String> touched) {
        for (String name : store.overHistories(turn.now.minus(HISTORY_ENDS), MOST_HISTORIES)) {
            Held line = turn.after.remove(new Key(Scope.currentTenant(), name));
            CorrelationLine over = line == null ? open(turn, name).line() : line.line();
            turn.hits.addAll(over.finish());
            store.end(name);
        }
        Instant due = store.oldestHistory().map(at -> at.plus(HISTORY_ENDS)).orElse(null);
        Duration wait = longestWait(turn.rules.correlations());
        if (wait != null) {
            Line live = store.line(Occurrence.LIVE).orElse(null);
            if (live != null && !touched.contains(Occurrence.LIVE)) {
                // Silence while we were away is none: what came meanwhile is still in the log.
                Instant idle = began.isAfter(live.touchedAt()) ? began : live.touchedAt();
                Instant end = idle.plus(wait);
                if (!turn.now.isBefore(end)) {
                    passLive(turn);
                } else {
                    due = earlier(due, end);
                }
            } else if (live != null) {
                due = earlier(due, turn.now.plus(wait));
            }
        }
        if (due != null) {
            store.wakeAt(Scope.currentTenant(), due.plusSeconds(1));
        }
    }

    private void passLive(Turn turn) {
        Held before = open(turn, Occurrence.LIVE);
        turn.hits.addAll(before.line().pass(turn.now.toEpochMilli()));
        int size = cover(turn, Occurrence.LIVE, before.line(), before.taken());
        turn.after.put(
                new Key(Scope.currentTenant(), Occurrence.LIVE),
                new Held(before.line(), turn.asked, before.taken(), turn.now, 0, size));
    }

    private static Instant earlier(@Nullable Instant a, Instant b) {
        return a == null || b.isBefore(a) ? b : a;
    }

    /** How long after an event the last window that holds it is over; null where none waits. */
    private static @Nullable Duration longestWait(List<CorrelationRule> rules) {
        return rules.stream()
                .filter(rule ->
                        rule.type() == Type.VALUE_AVG
                                || rule.type() == Type.VALUE_PERCENTILE
                                || !rule.bounds().stream()
                                        .allMatch(b ->
                                                b.operator() == Operator.GT
                                                        || b.operator() == Operator.GTE))
                .map(CorrelationRule::timespan)
                .max(Duration::compareTo)
                .map(span -> span.plus(Occurrence.LATENESS).plusSeconds(1))
                .orElse(null);
    }

    private void raise(Turn turn) {
        List<CorrelationHit> told =
                turn.hits.stream()
                        .filter(hit -> !turn.rules.silenced().contains(hit.rule().id()))
                        .toList();
        Map<String, Long> hits = new LinkedHashMap<>();
        turn.hits.forEach(hit -> hits.merge(hit.rule().id(), 1L, Long::sum));
        Map<UUID, Origin> origins = origins(told);
        List<Finding> found = told.stream().map(hit -> finding(turn, hit, origins)).toList();
        findings.raise(found, hits, turn.now);
        store.add(turn.counts, turn.forgotten, found.size(), turn.now);
    }

    private Map<UUID, Origin> origins(List<CorrelationHit> hits) {
        Set<UUID> events = new HashSet<>();
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        for (CorrelationHit hit : hits) {
            events.addAll(newest(hit));
            first = Math.min(first, hit.firstMillis());
            last = Math.max(last, hit.lastMillis());
        }
        return events.isEmpty()
                ? Map.of()
                : store.origins(events, Instant.ofEpochMilli(first), Instant.ofEpochMilli(last));
    }

    /** Newest first. */
    private static List<UUID> newest(CorrelationHit hit) {
        List<String> all = hit.eventIds();
        return all.subList(Math.max(0, all.size() - MOST_ORIGINS), all.size()).reversed().stream()
                .map(UUID::fromString)
                .toList();
    }

    private Finding finding(Turn turn, CorrelationHit hit, Map<UUID, Origin> origins) {
        // In memory may be the rule of before its title was changed.
        CorrelationRule rule =
                turn.rules.allCorrelations().getOrDefault(hit.rule().id(), hit.rule());
        String host = null;
        String user = null;
        for (UUID event : newest(hit)) {
            Origin origin = origins.get(event);
            host = host == null && origin != null ? origin.host() : host;
            user = user == null && origin != null ? origin.user() : user;
        }
        var correlation = CorrelationWords.of(hit, id -> titleOf(turn.rules, id));
        return new Finding(
                ids.next(),
                hit.eventIds().isEmpty() ? UNKNOWN : UUID.fromString(hit.eventIds().getLast()),
                Instant.ofEpochMilli(hit.lastMillis()),
                turn.now,
                rule.title(),
                Severity.values()[rule.level().ordinal()],
                rule.id(),
                host,
                user,
                rule.tags(),
                CorrelationWords.why(correlation),
                hit.eventIds().stream().map(UUID::fromString).toList(),
                correlation);
    }

    private static String titleOf(ActiveRules rules, String id) {
        var base = rules.known().get(id);
        var correlation = rules.allCorrelations().get(id);
        return base != null ? base.title() : correlation != null ? correlation.title() : id;
    }

    private void count(Turn turn) {
        Counts c = turn.counts;
        counter("taken", c.taken());
        counter("late", c.late());
        counter("ungrouped", c.ungrouped());
        counter("evicted", c.evicted());
        counter("failed", c.failed());
        Counter.builder("cybershield.correlation.forgotten")
                .register(meters)
                .increment(turn.forgotten);
        Counter.builder("cybershield.correlation.hits")
                .register(meters)
                .increment(turn.hits.size());
    }

    private void counter(String outcome, long more) {
        Counter.builder("cybershield.correlation.occurrences")
                .description("Hits that correlations wanted")
                .tag("outcome", outcome)
                .register(meters)
                .increment(more);
    }

    private static void afterCommit(Runnable work) {
        TransactionSynchronizationManager.registerSynchronization(
                new TransactionSynchronization() {
                    @Override
                    public void afterCommit() {
                        work.run();
                    }
                });
    }

    /** Wakes tenants whose windows are over though nothing comes. */
    private void watch() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                transactions.runAs(
                        Scope.platform("correlation-clock"),
                        () ->
                                store.due(clock.instant(), 100)
                                        .forEach(tenant ->
                                                transactions.runAs(
                                                        Scope.tenant(
                                                                tenant,
                                                                Principal.system("correlation")),
                                                        () -> feed.announce(0))));
            } catch (RuntimeException e) {
                log.warn("correlation clock waits cause=\"{}\"", e.toString());
            }
            try {
                Thread.sleep(LOOK);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Forgets what is in memory, as a node that takes over does. */
    void forget() {
        held.invalidateAll();
    }

    @Override
    public synchronized void start() {
        watch = Thread.ofVirtual().name("correlation-clock").start(this::watch);
    }

    @Override
    public synchronized void stop() {
        if (watch != null) {
            watch.interrupt();
            watch = null;
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return watch != null;
    }
}
