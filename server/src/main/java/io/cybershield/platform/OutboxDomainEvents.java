package io.cybershield.platform;

import io.cybershield.platform.eventlog.AvroWire;
import io.cybershield.platform.eventlog.ConsumerSpec;
import io.cybershield.platform.eventlog.Delivery;
import io.cybershield.platform.eventlog.EventLog;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/**
 * Domain events by way of {@code platform.outbox}, the event log's topic {@code domain} and {@code
 * platform.inbox}.
 *
 * <p>Order per aggregate is the order in which transactions publish; a publisher changes (and so
 * locks) its aggregate first, then publishes.
 */
final class OutboxDomainEvents implements DomainEvents, AutoCloseable {
    static final String TOPIC = "domain";
    private static final Logger log = LoggerFactory.getLogger(OutboxDomainEvents.class);
    private static final int BATCH = 100;
    private static final int ATTEMPTS = 5;

    private record Handler<E extends DomainEvent>(Class<E> type, BiConsumer<Envelope, E> takes) {
        void take(Envelope envelope, DomainEvent event) {
            takes.accept(envelope, type.cast(event));
        }
    }

    private final EventLog eventLog;
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final AvroWire<EventOnWire> wire;
    private final Ids ids;
    private final Clock clock;
    private final OutboxRelay relay;
    private final EventTypes types = new EventTypes();
    private final Map<String, Map<String, Handler<?>>> groups = new ConcurrentHashMap<>();
    private final List<BiConsumer<Envelope, DomainEvent>> followers = new CopyOnWriteArrayList<>();
    private final List<EventLog.Subscription> running = new ArrayList<>();
    private final Set<String> consuming = new HashSet<>();
    private boolean started;
    private boolean following;

    OutboxDomainEvents(
            EventLog eventLog,
            Transactions transactions,
            JdbcClient jdbc,
            JsonMapper json,
            AvroWire<EventOnWire> wire,
            Ids ids,
            Clock clock,
            OutboxRelay relay) {
        this.eventLog = eventLog;
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.json = json;
        this.wire = wire;
        this.ids = ids;
        this.clock = clock;
        this.relay = relay;
    }

    @Override
    public void publish(String aggregate, DomainEvent event) {
        var row =
                new Row(
                        Scope.currentTenant().value(),
                        ids.next(),
                        aggregate,
                        EventTypes.nameOf(event.getClass()),
                        json.writeValueAsString(event),
                        clock.instant());
        transactions.run(() ->
                transactions
                        .<List<Row>>gather(
                                new Outgoing(row.tenant()),
                                Transactions.Order.EVENTS,
                                ArrayList::new,
                                this::put)
                        .orElseThrow()
                        .add(row));
    }

    private record Outgoing(UUID tenant) {}

    private record Row(
            UUID tenant, UUID id, String aggregate, String type, String payload, Instant at) {}

    private void put(List<Row> rows) {
        jdbc.sql(
                        """
                        INSERT INTO platform.outbox (tenant_id, id, aggregate, type, payload, at)
                        SELECT * FROM unnest(:tenants::uuid[], :ids::uuid[], :aggregates::text[], :types::text[], :payloads::text[],
                                             :ats::timestamptz[])
                        """)
                .param("tenants", rows.stream().map(Row::tenant).toArray(UUID[]::new))
                .param("ids", rows.stream().map(Row::id).toArray(UUID[]::new))
                .param("aggregates", texts(rows, Row::aggregate))
                .param("types", texts(rows, Row::type))
                .param("payloads", texts(rows, Row::payload))
                .param("ats", texts(rows, row -> row.at().toString()))
                .update();
        jdbc.sql("SELECT 1 FROM pg_notify('eventlog', 'outbox')").query(Integer.class).single();
    }

    private static String[] texts(List<Row> rows, Function<Row, String> of) {
        return rows.stream().map(of).toArray(String[]::new);
    }

    @Override
    public synchronized <E extends DomainEvent> void on(
            String group, Class<E> type, BiConsumer<Envelope, E> handler) {
        var handlers = groups.computeIfAbsent(group, _ -> new ConcurrentHashMap<>());
        var before = handlers.putIfAbsent(EventTypes.nameOf(type), new Handler<>(type, handler));
        if (before != null) {
            throw new IllegalStateException(
                    "Group '"
                            + group
                            + "' takes "
                            + type.getSimpleName()
                            + " already; use one group per consumer");
        }
        if (started) {
            consume(group);
        }
    }

    @Override
    public synchronized void follow(BiConsumer<Envelope, DomainEvent> listener) {
        followers.add(listener);
        if (started) {
            followOnce();
        }
    }

    /** Starts relay and consumers, once everybody has registered. */
    synchronized void start() {
        if (started) {
            return;
        }
        started = true;
        groups.keySet().forEach(this::consume);
        if (!followers.isEmpty()) {
            followOnce();
        }
        relay.start();
    }

    private void consume(String group) {
        if (consuming.add(group)) {
            running.add(
                    eventLog.consume(
                            new ConsumerSpec(group, TOPIC, BATCH, ATTEMPTS),
                            batch -> take(group, batch)));
        }
    }

    private void followOnce() {
        if (!following) {
            following = true;
            running.add(eventLog.follow(TOPIC, this::tell));
        }
    }

    private void take(String group, List<Delivery> batch) {
        Map<String, Handler<?>> handlers = groups.getOrDefault(group, Map.of());
        for (Delivery delivery : batch) {
            EventOnWire on = wire.decode(delivery.value());
            Handler<?> handler = handlers.get(on.getType());
            if (handler != null && isNew(group, UUID.fromString(on.getId()))) {
                Envelope envelope = envelope(on);
                DomainEvent event = json.readValue(on.getPayload(), handler.type());
                transactions.runAs(
                        Scope.tenant(envelope.tenant(), Principal.system(group)),
                        () -> handler.take(envelope, event));
            }
        }
    }

    private boolean isNew(String group, UUID event) {
        return jdbc.sql(
                                "INSERT INTO platform.inbox (group_name, event_id) VALUES (?, ?) ON"
                                        + " CONFLICT DO NOTHING")
                        .params(group, event)
                        .update()
                == 1;
    }

    private void tell(Delivery delivery) {
        EventOnWire on = wire.decode(delivery.value());
        @Nullable Class<? extends DomainEvent> type = types.find(on.getType());
        if (type == null) {
            return; // of a newer release; this node cannot show it
        }
        Envelope envelope = envelope(on);
        DomainEvent event = json.readValue(on.getPayload(), type);
        for (var follower : followers) {
            try {
                follower.accept(envelope, event);
            } catch (RuntimeException e) {
                log.warn("follower failed type={}", on.getType(), e);
            }
        }
    }

    private static Envelope envelope(EventOnWire on) {
        return new Envelope(
                UUID.fromString(on.getId()),
                TenantId.parse(on.getTenant()),
                on.getAggregate(),
                on.getAt());
    }

    @Override
    public synchronized void close() {
        relay.close();
        running.forEach(EventLog.Subscription::close);
        running.clear();
    }
}
