package io.cybershield.live;

import io.cybershield.access.AccessChanged;
import io.cybershield.access.DelegationChanged;
import io.cybershield.access.PoliciesChanged;
import io.cybershield.platform.DomainEvent;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.DomainEvents.Envelope;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.platform.eventlog.AvroWire;
import io.cybershield.platform.eventlog.Delivery;
import io.cybershield.platform.eventlog.EventLog;
import io.cybershield.platform.eventlog.EventLogUnavailable;
import io.cybershield.platform.eventlog.LogRecord;
import io.cybershield.tenant.CompanySuspended;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Pushes go through the event log's topic {@code live}, so that screens on every node get them; the
 * sender never holds up whoever pushes. Where there is one node only they go straight to its
 * screens.
 */
final class LivePushes implements Live, AutoCloseable {
    static final String TOPIC = "live";
    private static final Logger log = LoggerFactory.getLogger(LivePushes.class);
    private static final int BACKLOG = 10_000;
    private static final Duration LOOK = Duration.ofSeconds(1);

    private record Place(TenantId tenant, String topic) {}

    private record Translation<E extends DomainEvent>(
            Class<E> type, BiFunction<Envelope, E, List<Message>> rule) {
        List<Message> apply(Envelope envelope, DomainEvent event) {
            return rule.apply(envelope, type.cast(event));
        }
    }

    private final EventLog eventLog;
    private final DomainEvents events;
    private final AvroWire<LiveOnWire> wire;
    private final Transactions transactions;
    private final Ids ids;
    private final Frames frames;
    private final @Nullable LiveHub hub;
    private final boolean alone;
    private final Counter pushed;
    private final Counter dropped;
    private final Backlog<Place, LiveOnWire> backlog = new Backlog<>(BACKLOG, 500);
    private final Map<Class<?>, Translation<?>> translations = new ConcurrentHashMap<>();
    private final List<EventLog.Subscription> following = new ArrayList<>();
    private final Thread sender;
    private volatile boolean closing;

    /**
     * @param hub null where there are no sockets
     * @param alone whether no other node exists that could have some
     */
    LivePushes(
            EventLog eventLog,
            DomainEvents events,
            AvroWire<LiveOnWire> wire,
            Transactions transactions,
            Ids ids,
            Frames frames,
            @Nullable LiveHub hub,
            boolean alone,
            MeterRegistry registry) {
        this.eventLog = eventLog;
        this.events = events;
        this.wire = wire;
        this.transactions = transactions;
        this.ids = ids;
        this.frames = frames;
        this.hub = hub;
        this.alone = alone;
        this.pushed = registry.counter("live.pushed");
        this.dropped = registry.counter("live.dropped", "where", "push");
        this.sender = Thread.ofVirtual().name("live-push").unstarted(this::send);
    }

    /** Once the application is ready. */
    synchronized void start() {
        sender.start();
        if (hub != null) {
            LiveHub sockets = hub;
            following.add(eventLog.follow(TOPIC, delivery -> deliver(sockets, delivery)));
            events.follow((envelope, event) -> translate(sockets, envelope, event));
        }
    }

    @Override
    public void push(TenantId tenant, String topic, String type, Object data) {
        if (!reaches(tenant, topic)) {
            return;
        }
        String id = ids.next().toString();
        String json = frames.data(data);
        if (TransactionSynchronizationManager.isSynchronizationActive()) {
            TransactionSynchronizationManager.registerSynchronization(
                    new TransactionSynchronization() {
                        @Override
                        public void afterCommit() {
                            push(tenant, topic, id, type, json);
                        }
                    });
        } else {
            push(tenant, topic, id, type, json);
        }
    }

    private void push(TenantId tenant, String topic, String id, String type, String json) {
        if (alone && hub != null) {
            pushed.increment();
            hub.say(tenant, topic, id, type, json);
            return;
        }
        var message =
                LiveOnWire.newBuilder()
                        .setId(id)
                        .setTenant(tenant.toString())
                        .setTopic(topic)
                        .setType(type)
                        .setData(json)
                        .build();
        offer(new Place(tenant, topic), message);
    }

    @Override
    public boolean reaches(TenantId tenant, String topic) {
        return !alone || (hub != null && hub.hasRoom(tenant, topic));
    }

    private void offer(Place place, LiveOnWire message) {
        pushed.increment();
        if (!backlog.offer(place, message)) {
            dropped.increment();
        }
    }

    @Override
    public void pushHere(TenantId tenant, String topic, String type, Object data) {
        if (hub != null) {
            hub.say(tenant, topic, ids.next().toString(), type, frames.data(data));
        }
    }

    @Override
    public <E extends DomainEvent> void on(
            Class<E> type, BiFunction<Envelope, E, List<Message>> translation) {
        if (translations.putIfAbsent(type, new Translation<>(type, translation)) != null) {
            throw new IllegalStateException(type.getSimpleName() + " has a translation already");
        }
    }

    @Override
    public Set<TenantId> watching(String topic) {
        return hub == null ? Set.of() : hub.watching(topic);
    }

    private void send() {
        while (!closing) {
            try {
                var portion = backlog.take(LOOK);
                var records = new ArrayList<LogRecord>();
                portion.items().forEach(item -> records.add(record(item)));
                portion.missed().forEach(place -> records.add(record(lost(place))));
                try {
                    eventLog.append(records);
                } catch (EventLogUnavailable e) {
                    portion.items()
                            .forEach(item ->
                                    backlog.miss(
                                            new Place(
                                                    TenantId.parse(item.getTenant()),
                                                    item.getTopic())));
                    portion.missed().forEach(backlog::miss);
                    dropped.increment(portion.items().size());
                    log.warn("live pushes wait cause=\"{}\"", e.getMessage());
                    Thread.sleep(LOOK);
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                log.error("live push failed", e);
            }
        }
    }

    private LiveOnWire lost(Place place) {
        return LiveOnWire.newBuilder()
                .setId(ids.next().toString())
                .setTenant(place.tenant().toString())
                .setTopic(place.topic())
                .setData("null")
                .build();
    }

    private LogRecord record(LiveOnWire message) {
        return new LogRecord(
                TOPIC, message.getTenant() + "|" + message.getTopic(), wire.encode(message));
    }

    private void deliver(LiveHub sockets, Delivery delivery) {
        LiveOnWire message = wire.decode(delivery.value());
        TenantId tenant = TenantId.parse(message.getTenant());
        String type = message.getType();
        if (type == null) {
            sockets.lost(tenant, message.getTopic());
        } else {
            sockets.say(tenant, message.getTopic(), message.getId(), type, message.getData());
        }
    }

    private void translate(LiveHub sockets, Envelope envelope, DomainEvent event) {
        if (event instanceof AccessChanged(var account)) {
            sockets.accessChanged(account.toString());
        }
        if (event instanceof PoliciesChanged
                || event instanceof CompanySuspended
                || event instanceof DelegationChanged) {
            sockets.accessChanged(envelope.tenant());
        }
        Translation<?> translation = translations.get(event.getClass());
        if (translation == null || !sockets.hasRoomOf(envelope.tenant())) {
            return;
        }
        List<Message> messages =
                transactions.callAs(
                        Scope.tenant(envelope.tenant(), Principal.system("live")),
                        () -> translation.apply(envelope, event));
        for (int i = 0; i < messages.size(); i++) {
            Message message = messages.get(i);
            sockets.say(
                    envelope.tenant(),
                    message.topic(),
                    envelope.id() + "." + i,
                    message.type(),
                    frames.data(message.data()));
        }
    }

    @Override
    public synchronized void close() {
        closing = true;
        sender.interrupt();
        following.forEach(EventLog.Subscription::close);
        following.clear();
    }
}
