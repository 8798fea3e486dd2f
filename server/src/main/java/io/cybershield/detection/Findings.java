package io.cybershield.detection;

import io.cybershield.platform.DomainEvents;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Raises findings of the current tenant, in the transaction that found them. */
@Component
class Findings {
    private final FindingStore store;
    private final RuleStore rules;
    private final List<FindingHandler> handlers;
    private final DomainEvents domainEvents;
    private final Counter raised;

    Findings(
            FindingStore store,
            RuleStore rules,
            List<FindingHandler> handlers,
            DomainEvents domainEvents,
            MeterRegistry meters) {
        this.store = store;
        this.rules = rules;
        this.handlers = List.copyOf(handlers);
        this.domainEvents = domainEvents;
        this.raised = Counter.builder("cybershield.findings").register(meters);
    }

    /**
     * @param hits how often each rule was fulfilled, also those that raise nothing
     */
    void raise(List<Finding> found, Map<String, Long> hits, Instant now) {
        if (!found.isEmpty()) {
            Map<UUID, UUID> incidents = new HashMap<>();
            handlers.forEach(handler -> incidents.putAll(handler.handle(found)));
            store.insert(found, incidents);
            found.forEach(f -> domainEvents.publish("finding:" + f.id(), raised(f, incidents)));
            raised.increment(found.size());
        }
        if (!hits.isEmpty()) {
            rules.addHits(hits, now);
        }
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
                incidents.get(f.id()),
                f.eventIds(),
                f.correlation());
    }
}
