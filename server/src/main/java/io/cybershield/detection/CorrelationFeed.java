package io.cybershield.detection;

import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Scope;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Hands hits on to the tenant's correlations, in the transaction that stores their events. */
@Component
class CorrelationFeed {
    private static final Logger log = LoggerFactory.getLogger(CorrelationFeed.class);
    private final CorrelationStore store;
    private final DomainEvents domainEvents;
    private final Ids ids;
    private final JsonMapper json;
    private final Counter overflowed;

    CorrelationFeed(
            CorrelationStore store,
            DomainEvents domainEvents,
            Ids ids,
            JsonMapper json,
            MeterRegistry meters) {
        this.store = store;
        this.domainEvents = domainEvents;
        this.ids = ids;
        this.json = json;
        this.overflowed =
                Counter.builder("cybershield.correlation.occurrences")
                        .tag("outcome", "overflowed")
                        .register(meters);
    }

    /**
     * @param byLine hits by their line of time
     */
    void put(Map<String, List<Occurrence>> byLine, Instant now) {
        if (byLine.isEmpty()) {
            return;
        }
        int fed = 0;
        for (var line : byLine.entrySet()) {
            List<Occurrence> hits = line.getValue();
            if (store.feed(
                    ids.next(), line.getKey(), now, hits.size(), json.writeValueAsString(hits))) {
                fed += hits.size();
            } else {
                overflowed.increment(hits.size());
                store.addOverflowed(hits.size(), now);
                log.warn(
                        "hits not correlated, too many wait tenant={} hits={}",
                        Scope.currentTenant(),
                        hits.size());
            }
        }
        if (fed > 0) {
            announce(fed);
        }
    }

    /** Lets whoever correlates for this tenant look. */
    void announce(int occurrences) {
        domainEvents.publish("correlation:" + Scope.currentTenant(), new HitsFed(occurrences));
    }
}
