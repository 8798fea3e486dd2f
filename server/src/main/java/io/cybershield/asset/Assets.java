package io.cybershield.asset;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.asset.AssetStore.Sighting;
import io.cybershield.ingest.Event;
import io.cybershield.ingest.EventHandler;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Endpoints;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Keeps a list of the machines that the tenant's events name, in the transaction that stores the
 * events: each new one is told of once. A machine that goes on talking costs a look into memory.
 */
@Component
class Assets implements EventHandler, Endpoints {
    /** New names beyond these are counted by a meter and not kept: somebody makes them up. */
    static final int MOST = 100_000;

    /** How late the list may be. */
    static final Duration LATE = Duration.ofMinutes(5);

    private static final int LONGEST = 255;
    private final AssetStore store;
    private final DomainEvents domainEvents;
    private final Ids ids;
    private final Clock clock;
    private final Counter refused;
    private final Cache<Machine, Instant> fresh =
            Caffeine.newBuilder().maximumSize(200_000).build();

    Assets(
            AssetStore store,
            DomainEvents domainEvents,
            Ids ids,
            Clock clock,
            MeterRegistry meters) {
        this.store = store;
        this.domainEvents = domainEvents;
        this.ids = ids;
        this.clock = clock;
        this.refused =
                Counter.builder("cybershield.assets.refused")
                        .description("Names of machines that were not kept: too many, or too long")
                        .register(meters);
    }

    @Override
    public long heardSince(Instant at) {
        return store.heardSince(at);
    }

    private record Machine(TenantId tenant, String name) {}

    static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    @Override
    public void handle(List<Event> events) {
        TenantId tenant = Scope.currentTenant();
        Instant now = clock.instant();
        // In one order, so that two batches never wait for each other.
        var seen = new TreeMap<String, Sighting>();
        Map<Machine, Instant> written = new HashMap<>();
        for (Event event : events) {
            String name = event.host();
            if (name == null || !event.parsed()) {
                continue;
            }
            if (name.length() > LONGEST) {
                refused.increment();
                continue;
            }
            Instant at = event.occurredAt().isAfter(now) ? now : event.occurredAt();
            var machine = new Machine(tenant, name);
            Instant before = fresh.getIfPresent(machine);
            if (before == null || at.isAfter(before.plus(LATE))) {
                seen.merge(
                        key(name),
                        new Sighting(ids.next(), name, key(name), event.sourceName(), at),
                        (a, b) -> b.at().isAfter(a.at()) ? b : a);
                written.merge(machine, at, (a, b) -> b.isAfter(a) ? b : a);
            }
        }
        if (seen.isEmpty()) {
            return;
        }
        put(seen, now);
        TransactionSynchronizationManager.registerSynchronization(
                new TransactionSynchronization() {
                    @Override
                    public void afterCommit() {
                        fresh.asMap().putAll(written);
                    }
                });
    }

    private void put(TreeMap<String, Sighting> seen, Instant now) {
        Set<String> strange = new HashSet<>(seen.keySet());
        store.known(seen.keySet())
                .forEach(one -> {
                    strange.remove(one.key());
                    seen.computeIfPresent(
                            one.key(),
                            (_, sighted) ->
                                    sighted.at().isAfter(one.lastSeenAt()) ? sighted : null);
                });
        if (!strange.isEmpty() && store.count() + strange.size() > MOST) {
            refused.increment(strange.size());
            seen.keySet().removeAll(strange);
        }
        if (seen.isEmpty()) {
            return;
        }
        Set<UUID> kept = Set.copyOf(store.put(List.copyOf(seen.values()), now));
        for (Sighting one : seen.values()) {
            // Where another batch was quicker, the row has the id that it gave.
            if (kept.contains(one.id())) {
                domainEvents.publish(
                        "asset:" + one.id(),
                        new AssetSeen(one.id(), one.name(), one.source(), now));
            }
        }
    }
}
