package io.cybershield.detection;

import io.cybershield.ingest.Event;
import io.cybershield.ingest.EventHandler;
import io.cybershield.platform.Ids;
import io.cybershield.sigma.Hit;
import io.cybershield.sigma.RuleSet;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Matches events against the tenant's rules, inside the stream's transaction. */
@Component
class Detector implements EventHandler {
    private static final Logger log = LoggerFactory.getLogger(Detector.class);
    private static final int MOST_REASONS = 20;

    /** An event whose rules take longer is counted and logged. */
    private static final Duration SLOW = Duration.ofMillis(100);

    private final Rules rules;
    private final Findings findings;
    private final CorrelationFeed feed;
    private final RuleCosts costs;
    private final SeenEvents seen;
    private final Ids ids;
    private final Clock clock;
    private final Counter failures;
    private final Counter slow;
    private final Timer matching;

    Detector(
            Rules rules,
            Findings findings,
            CorrelationFeed feed,
            RuleCosts costs,
            SeenEvents seen,
            Ids ids,
            Clock clock,
            MeterRegistry meters) {
        this.rules = rules;
        this.findings = findings;
        this.feed = feed;
        this.costs = costs;
        this.seen = seen;
        this.ids = ids;
        this.clock = clock;
        this.failures = Counter.builder("cybershield.detection.failures").register(meters);
        this.slow = Counter.builder("cybershield.detection.slow.events").register(meters);
        this.matching = Timer.builder("cybershield.detection.batch").register(meters);
    }

    @Override
    public void handle(List<Event> events) {
        ActiveRules active = rules.current();
        Instant now = clock.instant();
        var found = new ArrayList<Finding>();
        Map<String, Long> hits = new HashMap<>();
        Map<String, List<Occurrence>> fed = new LinkedHashMap<>();
        var last = new ArrayList<Runnable>();
        List<List<Hit>> all = costs.matching(active, events, () -> match(active, events), last);
        for (int i = 0; i < all.size(); i++) {
            Event event = events.get(i);
            for (Hit hit : all.get(i)) {
                hits.merge(hit.rule().id(), 1L, Long::sum);
                if (!active.silenced().contains(hit.rule().id())) {
                    found.add(finding(event, hit, now));
                }
            }
            feed(active, event, all.get(i), fed);
        }
        findings.raise(found, hits, now);
        feed.put(fed, now);
        seen.look(events, now);
        last.forEach(Runnable::run);
    }

    private List<List<Hit>> match(ActiveRules active, List<Event> events) {
        long start = System.nanoTime();
        List<List<Hit>> all = new ArrayList<>(events.size());
        for (Event event : events) {
            all.add(match(active.set(), event));
        }
        matching.record(Duration.ofNanos(System.nanoTime() - start));
        return all;
    }

    private static void feed(
            ActiveRules active, Event event, List<Hit> hits, Map<String, List<Occurrence>> into) {
        if (hits.isEmpty() || active.feeds().isEmpty()) {
            return;
        }
        var fulfilled = new ArrayList<String>();
        Set<List<String>> wanted = new LinkedHashSet<>();
        for (Hit hit : hits) {
            Set<List<String>> asked = active.feeds().get(hit.rule().id());
            if (asked != null) {
                fulfilled.add(hit.rule().id());
                wanted.addAll(asked);
            }
        }
        if (!fulfilled.isEmpty()) {
            into.computeIfAbsent(Occurrence.lineOf(event), _ -> new ArrayList<>())
                    .add(Occurrence.of(event, List.copyOf(fulfilled), wanted));
        }
    }

    private List<Hit> match(RuleSet set, Event event) {
        long start = System.nanoTime();
        try {
            return set.match(new StreamEvent(event));
        } catch (RuntimeException e) {
            // A bug in matching costs this event its findings, never the stream.
            failures.increment();
            log.error("event not matched event={}", event.id(), e);
            return List.of();
        } finally {
            long took = System.nanoTime() - start;
            if (took > SLOW.toNanos()) {
                slow.increment();
                log.warn(
                        "rules slow on an event event={} tookMillis={}",
                        event.id(),
                        took / 1_000_000);
            }
        }
    }

    private Finding finding(Event event, Hit hit, Instant now) {
        return new Finding(
                ids.next(),
                event.id(),
                event.occurredAt(),
                now,
                hit.rule().title(),
                Severity.values()[hit.rule().level().ordinal()],
                hit.rule().id(),
                event.host(),
                event.user(),
                hit.rule().tags(),
                hit.matched().stream()
                        .limit(MOST_REASONS)
                        .map(m -> new Finding.Why(m.field(), m.value(), m.selection()))
                        .toList());
    }
}
