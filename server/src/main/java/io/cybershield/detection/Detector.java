package io.cybershield.detection;

import io.cybershield.ingest.Event;
import io.cybershield.ingest.EventHandler;
import io.cybershield.platform.DomainEvents;
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
import java.util.List;
import java.util.Map;
import java.util.UUID;
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
    private final RuleStore ruleStore;
    private final FindingStore store;
    private final List<FindingHandler> handlers;
    private final DomainEvents domainEvents;
    private final Ids ids;
    private final Clock clock;
    private final Counter findings;
    private final Counter failures;
    private final Counter slow;
    private final Timer matching;

    Detector(
            Rules rules,
            RuleStore ruleStore,
            FindingStore store,
            List<FindingHandler> handlers,
            DomainEvents domainEvents,
            Ids ids,
            Clock clock,
            MeterRegistry meters) {
        this.rules = rules;
        this.ruleStore = ruleStore;
        this.store = store;
        this.handlers = List.copyOf(handlers);
        this.domainEvents = domainEvents;
        this.ids = ids;
        this.clock = clock;
        this.findings = Counter.builder("cybershield.findings").register(meters);
        this.failures = Counter.builder("cybershield.detection.failures").register(meters);
        this.slow = Counter.builder("cybershield.detection.slow.events").register(meters);
        this.matching = Timer.builder("cybershield.detection.batch").register(meters);
    }

    @Override
    public void handle(List<Event> events) {
        RuleSet set = rules.current();
        long start = System.nanoTime();
        Instant now = clock.instant();
        var found = new ArrayList<Finding>();
        for (Event event : events) {
            for (Hit hit : match(set, event)) {
                found.add(finding(event, hit, now));
            }
        }
        matching.record(Duration.ofNanos(System.nanoTime() - start));
        if (found.isEmpty()) {
            return;
        }
        Map<UUID, UUID> incidents = new HashMap<>();
        handlers.forEach(handler -> incidents.putAll(handler.handle(found)));
        store.insert(found, incidents);
        Map<String, Long> hits = new HashMap<>();
        for (Finding finding : found) {
            hits.merge(finding.ruleId(), 1L, Long::sum);
            domainEvents.publish("finding:" + finding.id(), raised(finding, incidents));
        }
        ruleStore.addHits(hits, now);
        findings.increment(found.size());
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

    private static FindingRaised raised(Finding f, Map<UUID, UUID> incidents) {
        return new FindingRaised(
                f.id(),
                f.eventId(),
                f.occurredAt(),
                f.createdAt(),
                f.title(),
                f.severity().wire(),
                f.ruleId(),
                f.host(),
                f.user(),
                f.tags(),
                f.why(),
                incidents.get(f.id()));
    }
}
