package io.cybershield.ingest;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.platform.eventlog.AvroSchemas;
import io.cybershield.platform.eventlog.AvroWire;
import io.cybershield.platform.eventlog.ConsumerSpec;
import io.cybershield.platform.eventlog.Delivery;
import io.cybershield.platform.eventlog.EventLog;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Makes events of raw records. Events, what handlers make of them, and the offset are one
 * transaction, so each record takes effect once, whatever stops in between.
 */
@Component
@RunsIn(Role.STREAM)
class RawConsumer implements SmartLifecycle {
    private static final ConsumerSpec SPEC = new ConsumerSpec("pipeline", Door.TOPIC, 1_000, 5);
    private final EventLog log;
    private final AvroWire<RawRecord> wire;
    private final Sources sources;
    private final EventStore store;
    private final List<EventHandler> handlers;
    private final Transactions transactions;
    private final Clock clock;
    private final Counter parsed;
    private final Counter unparsed;
    private final DistributionSummary batches;
    private final Timer delay;
    private EventLog.@Nullable Subscription subscription;

    RawConsumer(
            EventLog log,
            AvroSchemas schemas,
            Sources sources,
            EventStore store,
            List<EventHandler> handlers,
            Transactions transactions,
            Clock clock,
            MeterRegistry meters) {
        this.log = log;
        this.wire = schemas.wire(RawRecord.class);
        this.sources = sources;
        this.store = store;
        this.handlers = List.copyOf(handlers);
        this.transactions = transactions;
        this.clock = clock;
        this.parsed = Counter.builder("cybershield.events").tag("parsed", "yes").register(meters);
        this.unparsed = Counter.builder("cybershield.events").tag("parsed", "no").register(meters);
        this.batches = DistributionSummary.builder("cybershield.events.batch").register(meters);
        this.delay =
                Timer.builder("cybershield.events.delay")
                        .description("From receipt at the door to the end of the batch's work")
                        .publishPercentiles(0.5, 0.95, 0.99)
                        .distributionStatisticExpiry(Duration.ofMinutes(1))
                        .register(meters);
    }

    /** Runs inside the transaction that also commits the offset, under the platform's scope. */
    void handle(List<Delivery> batch) {
        List<Event> events = batch.stream().map(this::event).toList();
        store.insert(events);
        Map<TenantId, List<Event>> byTenant = new LinkedHashMap<>();
        for (Event event : events) {
            byTenant.computeIfAbsent(event.tenant(), _ -> new ArrayList<>()).add(event);
        }
        byTenant.forEach((tenant, own) ->
                transactions.runAs(
                        Scope.tenant(tenant, Principal.system("stream")),
                        () -> handlers.forEach(handler -> handler.handle(own))));
        store.count(events);
        var now = clock.instant();
        for (Event event : events) {
            (event.parsed() ? parsed : unparsed).increment();
            delay.record(Duration.between(event.receivedAt(), now));
        }
        batches.record(events.size());
    }

    private Event event(Delivery delivery) {
        RawRecord record = wire.decode(delivery.value());
        UUID batch = UUID.fromString(record.getBatch());
        UUID source = UUID.fromString(record.getSource());
        byte[] body = new byte[record.getBody().remaining()];
        record.getBody().duplicate().get(body);
        return Normaliser.normalise(
                new Normaliser.Raw(
                        idOf(batch, record.getLine()),
                        TenantId.parse(record.getTenant()),
                        source,
                        sources.nameOf(source),
                        record.getReceivedAt(),
                        record.getFormat(),
                        body));
    }

    /**
     * UUID version 7 with the batch's time and, in place of random bits, a hash of batch and line:
     * reading the record again gives the same id.
     */
    static UUID idOf(UUID batch, int line) {
        long mixed = mix(mix(batch.getMostSignificantBits()) ^ batch.getLeastSignificantBits());
        long a = mix(mixed ^ line);
        long b = mix(a + 0x9E3779B97F4A7C15L);
        long high =
                (batch.getMostSignificantBits() & 0xFFFF_FFFF_FFFF_0000L) | 0x7000L | (a & 0xFFFL);
        return new UUID(high, (b & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L);
    }

    /** SplitMix64's finaliser. */
    private static long mix(long z) {
        long x = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
        return x ^ (x >>> 31);
    }

    @Override
    public synchronized void start() {
        subscription = log.consume(SPEC, this::handle);
    }

    @Override
    public synchronized void stop() {
        if (subscription != null) {
            subscription.close();
            subscription = null;
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return subscription != null;
    }
}
