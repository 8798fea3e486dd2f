package io.cybershield.detection;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.ingest.Event;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.sigma.RuleCost;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Measures what the current tenant's rules cost, in a batch now and then, and puts those that cost
 * too much into quarantine. A measured batch has the rule set to itself, because tenants with the
 * same rules share one.
 */
@Component
class RuleCosts {
    private static final Logger log = LoggerFactory.getLogger(RuleCosts.class);

    /** Rules of a batch whose cost is kept: the dearest. */
    private static final int MOST_KEPT = 200;

    private final RuleStore rules;
    private final JdbcClient jdbc;
    private final JdbcTemplate template;
    private final AuditTrail audit;
    private final DetectionSettings settings;
    private final Clock clock;
    private final Counter cutOff;
    private final Counter quarantined;
    private final Cache<TenantId, AtomicLong> measuredAt =
            Caffeine.newBuilder().maximumSize(10_000).build();

    RuleCosts(
            RuleStore rules,
            JdbcClient jdbc,
            JdbcTemplate template,
            AuditTrail audit,
            DetectionSettings settings,
            Clock clock,
            MeterRegistry meters) {
        this.rules = rules;
        this.jdbc = jdbc;
        this.template = template;
        this.audit = audit;
        this.settings = settings;
        this.clock = clock;
        this.cutOff =
                Counter.builder("cybershield.detection.rules.cut.off")
                        .description("Events of measured batches on which a rule gave no answer")
                        .register(meters);
        this.quarantined =
                Counter.builder("cybershield.detection.rules.quarantined").register(meters);
    }

    /** What a rule has cost in the batches that were measured. */
    record Cost(long runs, long steps, long cutOff, Instant since, Instant measuredAt) {}

    /** What one batch added for one rule. */
    private record Spent(RuleCost rule, long runs, long steps, long cutOff) {}

    /**
     * Matches a batch and, when it is time, measures it.
     *
     * @param last called for rules that went into quarantine; writes to the audit trail, so nothing
     *     of the tenant should follow
     */
    <T> T matching(ActiveRules active, List<Event> events, Supplier<T> match, List<Runnable> last) {
        active.set().limitSteps(settings.mostSteps());
        boolean measure = isTime();
        Lock lock = measure ? active.turns().writeLock() : active.turns().readLock();
        lock.lock();
        List<RuleCost> before;
        List<RuleCost> after;
        T result;
        try {
            before = measure ? active.set().costs() : List.of();
            result = match.get();
            after = measure ? active.set().costs() : List.of();
        } finally {
            lock.unlock();
        }
        if (measure) {
            List<Spent> spent = spent(before, after);
            last.add(() -> settle(spent, events));
        }
        return result;
    }

    private boolean isTime() {
        AtomicLong at = measuredAt.get(Scope.currentTenant(), _ -> new AtomicLong(Long.MIN_VALUE));
        long now = System.nanoTime();
        long then = at.get();
        return (then == Long.MIN_VALUE || now - then > settings.measureEvery().toNanos())
                && at.compareAndSet(then, now);
    }

    private static List<Spent> spent(List<RuleCost> before, List<RuleCost> after) {
        var spent = new ArrayList<Spent>();
        for (int i = 0; i < after.size(); i++) {
            RuleCost was = before.get(i);
            RuleCost is = after.get(i);
            if (is.runs() > was.runs()) {
                spent.add(
                        new Spent(
                                is,
                                is.runs() - was.runs(),
                                is.steps() - was.steps(),
                                is.cutOff() - was.cutOff()));
            }
        }
        return spent;
    }

    private void settle(List<Spent> spent, List<Event> events) {
        Instant now = clock.instant();
        keep(spent, now);
        List<StreamEvent> ordinary = null;
        boolean changed = false;
        for (Spent one : spent) {
            cutOff.increment(one.cutOff());
            if (!Quarantine.isSuspicious(
                    one.runs(), one.steps(), one.cutOff(), settings.stepBudget())) {
                continue;
            }
            if (ordinary == null) {
                ordinary =
                        events.stream()
                                .filter(e -> e.raw().length() <= Quarantine.ORDINARY_CHARS)
                                .map(StreamEvent::new)
                                .toList();
            }
            Optional<String> reason =
                    Quarantine.reason(one.rule().rule(), ordinary, settings.stepBudget());
            Optional<UUID> put =
                    reason.flatMap(why -> rules.quarantine(one.rule().rule().id(), why, now));
            if (put.isPresent()) {
                changed = true;
                quarantined.increment();
                log.warn(
                        "rule to quarantine tenant={} rule={} reason=\"{}\"",
                        Scope.currentTenant(),
                        one.rule().rule().id(),
                        reason.orElse(""));
                audit.append(
                        "rule.quarantined",
                        "rule:" + put.get(),
                        Outcome.PERMITTED,
                        Map.of(
                                "rule",
                                one.rule().rule().id(),
                                "title",
                                one.rule().rule().title(),
                                "reason",
                                reason.orElse("")));
            }
        }
        if (changed) {
            rules.raiseRevision();
        }
    }

    private void keep(List<Spent> spent, Instant now) {
        OffsetDateTime at = now.atOffset(ZoneOffset.UTC);
        // In one order, so that two batches never wait for each other.
        List<Object[]> rows =
                spent.stream()
                        .sorted(Comparator.comparingLong(Spent::steps).reversed())
                        .limit(MOST_KEPT)
                        .sorted(Comparator.comparing((Spent s) -> s.rule().rule().id()))
                        .map(s ->
                                new Object[] {
                                    s.rule().rule().id(), s.runs(), s.steps(), s.cutOff(), at, at
                                })
                        .toList();
        if (!rows.isEmpty()) {
            template.batchUpdate(
                    """
                    INSERT INTO rule_cost AS c (rule_id, runs, steps, cut_off, since, measured_at)
                    VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (rule_id) DO UPDATE SET runs = c.runs + excluded.runs,
                        steps = c.steps + excluded.steps, cut_off = c.cut_off + excluded.cut_off,
                        measured_at = excluded.measured_at
                    """,
                    rows);
        }
    }

    /** Of a rule that was tried on some event of a measured batch. */
    Optional<Cost> of(String ruleId) {
        return jdbc.sql("SELECT * FROM rule_cost WHERE rule_id = ?")
                .param(ruleId)
                .query((row, _) ->
                        new Cost(
                                row.getLong("runs"),
                                row.getLong("steps"),
                                row.getLong("cut_off"),
                                row.getTimestamp("since").toInstant(),
                                row.getTimestamp("measured_at").toInstant()))
                .optional();
    }
}
