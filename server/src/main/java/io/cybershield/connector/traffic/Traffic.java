package io.cybershield.connector.traffic;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.connector.Connection;
import io.cybershield.connector.traffic.ConnectionStore.Row;
import io.cybershield.engine.Outcome;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Whether a call may go over a connection now. Each process counts failures by itself, in memory;
 * what it comes to is a row that all processes see within {@link #SEEN_AFTER}, so that a connection
 * which works costs no writing. Nobody ever waits for a row that another process holds.
 */
@Component
public final class Traffic {
    static final Duration SEEN_AFTER = Duration.ofSeconds(1);

    /** A trial that says nothing for so long is given up. */
    private static final Duration TRIAL = Duration.ofMinutes(1);

    private static final Duration A_MOMENT = Duration.ofMillis(100);
    private static final Logger log = LoggerFactory.getLogger(Traffic.class);
    private final Transactions transactions;
    private final ConnectionStore store;
    private final MeterRegistry meters;
    private final Clock clock;
    private final Cache<Key, Breaker> breakers =
            Caffeine.newBuilder()
                    .maximumSize(20_000)
                    .expireAfterWrite(Breaker.FORGOTTEN.multipliedBy(2))
                    .build();
    private final Cache<TenantId, Map<Connection, Row>> watched =
            Caffeine.newBuilder().maximumSize(5_000).expireAfterWrite(SEEN_AFTER).build();

    private record Key(TenantId tenant, Connection connection) {}

    Traffic(Transactions transactions, ConnectionStore store, MeterRegistry meters, Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.meters = meters;
        this.clock = clock;
    }

    /** What a call is told that wants to go. */
    public sealed interface Answer {
        record Go() implements Answer {}

        /**
         * @param hasSlot whether it has its place in the line of a rate limit: it then says so when
         *     it comes back
         * @param why for people
         */
        record Wait(Instant until, boolean hasSlot, String why) implements Answer {}
    }

    private static final Answer GO = new Answer.Go();

    /**
     * Whether anything but {@link Answer.Go} may come of asking. In a transaction of the tenant.
     */
    public boolean isWatched(Connection connection) {
        return find(connection).isPresent();
    }

    private Optional<Row> find(Connection connection) {
        TenantId tenant = Scope.currentTenant();
        Map<Connection, Row> known = watched.getIfPresent(tenant);
        if (known == null) {
            known =
                    store.list().stream()
                            .filter(row -> row.open() || row.perMinute() != null)
                            .collect(Collectors.toMap(Row::connection, Function.identity()));
            watched.put(tenant, known);
        }
        return Optional.ofNullable(known.get(connection));
    }

    /**
     * Whether a call may go now. In a transaction of the tenant; if it is rolled back, nothing was
     * asked.
     *
     * @param hasSlot whether it waited for its place in the line, and that time has come
     */
    public Answer ask(Connection connection, boolean hasSlot, Instant now) {
        if (find(connection).isEmpty()) {
            return GO;
        }
        Row row = store.take(connection).orElse(null);
        if (row == null) {
            return wait(now.plus(A_MOMENT), hasSlot, "Others ask for " + connection + " just now.");
        }
        if (row.open()) {
            var pause = pause(row, hasSlot, now);
            if (pause.isPresent()) {
                return pause.get();
            }
        }
        Integer perMinute = row.perMinute();
        if (perMinute != null && !hasSlot) {
            Instant kept = row.nextSlot() == null ? Instant.EPOCH : row.nextSlot();
            var slot = new Slots(perMinute, row.burst() == null ? 1 : row.burst()).take(kept, now);
            store.slot(connection, slot.next());
            if (slot.at().isAfter(now)) {
                return wait(
                        slot.at(),
                        true,
                        connection
                                + " takes "
                                + perMinute
                                + " calls a minute; its turn comes then.");
            }
        }
        if (row.open()) {
            store.trying(connection, now.plus(TRIAL));
        }
        return GO;
    }

    private Optional<Answer> pause(Row row, boolean hasSlot, Instant now) {
        Instant until = row.until();
        if (until != null && until.isAfter(now)) {
            // Not all in the same moment.
            return Optional.of(
                    wait(
                            until.plusMillis(ThreadLocalRandom.current().nextInt(2_000)),
                            hasSlot,
                            row.connection() + ": " + row.reason()));
        }
        Instant trying = row.tryingUntil();
        return trying != null && trying.isAfter(now)
                ? Optional.of(
                        wait(
                                now.plusMillis(1_000),
                                hasSlot,
                                row.connection() + " is being tried, by one call at a time."))
                : Optional.empty();
    }

    private Answer wait(Instant until, boolean hasSlot, String why) {
        meters.counter("cybershield.connection.held").increment();
        return new Answer.Wait(until, hasSlot, why);
    }

    /** What came of a call. In the tenant's scope and outside any transaction. */
    public void told(Connection connection, Outcome outcome) {
        var key = new Key(Scope.currentTenant(), connection);
        Instant now = clock.instant();
        switch (outcome) {
            case Outcome.Succeeded _ -> works(key, now);
            case Outcome.Failed failed when !failed.retryable() -> works(key, now); // it answered
            case Outcome.Failed failed when failed.notBefore() != null ->
                    asksForABreak(key, now, failed.notBefore());
            case Outcome.Failed failed -> fails(key, now, failed.reason());
            case Outcome.InDoubt doubt -> fails(key, now, doubt.reason());
        }
    }

    private void works(Key key, Instant now) {
        breakers.invalidate(key);
        if (known(key).filter(Row::open).isEmpty()) {
            return;
        }
        if (transactions.call(() -> store.close(key.connection(), now, false))) {
            watched.invalidate(key.tenant());
            log.info("connection works again connection=\"{}\"", key.connection());
        }
    }

    /** Reads at most once in {@link #SEEN_AFTER} for a tenant, however many calls end. */
    private Optional<Row> known(Key key) {
        Map<Connection, Row> seen = watched.getIfPresent(key.tenant());
        return seen == null
                ? transactions.call(() -> find(key.connection()))
                : Optional.ofNullable(seen.get(key.connection()));
    }

    private void fails(Key key, Instant now, String reason) {
        var breaker =
                breakers.asMap()
                        .compute(
                                key,
                                (_, before) ->
                                        (before == null ? Breaker.CLOSED : before).failed(now));
        boolean tried = known(key).filter(row -> row.open() && isOver(row, now)).isPresent();
        if (breaker.isTooMuch() || tried) {
            open(
                    key,
                    now,
                    null,
                    (tried ? "still failing: " : Breaker.MOST + " calls in a row failed: ")
                            + shortened(reason));
        }
    }

    private static boolean isOver(Row row, Instant now) {
        return row.until() == null || !row.until().isAfter(now);
    }

    private void asksForABreak(Key key, Instant now, Instant until) {
        var latest = now.plus(Breaker.LONGEST_WISH);
        open(
                key,
                now,
                until.isAfter(latest) ? latest : until,
                "the other side asked to be left alone until then (Retry-After)");
    }

    private void open(Key key, Instant now, @Nullable Instant until, String reason) {
        boolean opened = transactions.call(() -> store.open(key.connection(), reason, now, until));
        watched.invalidate(key.tenant());
        breakers.invalidate(key);
        if (opened) {
            meters.counter("cybershield.connection.opened").increment();
            log.warn(
                    "connection is left alone tenant={} connection=\"{}\" cause=\"{}\"",
                    key.tenant(),
                    key.connection(),
                    reason);
        }
    }

    /** Forgets what this process remembers of a tenant's connections. */
    void changed() {
        watched.invalidate(Scope.currentTenant());
    }

    private static String shortened(String text) {
        return text.length() <= 300 ? text : text.substring(0, 299) + "…";
    }
}
