package io.cybershield.live;

import io.cybershield.live.LiveAccess.Watcher;
import io.cybershield.platform.TenantId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.PongMessage;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.handler.AbstractWebSocketHandler;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The sockets of this node and the rooms they watch. */
final class LiveHub extends AbstractWebSocketHandler implements AutoCloseable {
    static final String WATCHER = LiveHub.class.getName() + ".watcher";
    static final CloseStatus SESSION_ENDED = new CloseStatus(4401, "Sign in again");
    static final int LONGEST_MESSAGE = 2048;
    static final int MOST_TOPICS = 64;
    static final int MOST_SOCKETS_EACH = 24;
    private static final Logger log = LoggerFactory.getLogger(LiveHub.class);
    private static final Duration LOOK = Duration.ofSeconds(15);
    private static final Duration SILENT_FOR = Duration.ofSeconds(75);
    private static final Duration ROOM_KEEPS = Duration.ofMinutes(5);

    private record Place(TenantId tenant, String topic) {}

    /** What a screen sends. */
    record Request(@Nullable String op, @Nullable String topic, @Nullable String after) {}

    /** What a screen may ask for, as it is written. */
    enum Op {
        SUBSCRIBE,
        UNSUBSCRIBE,
        PING;

        static Optional<Op> find(@Nullable String word) {
            return Arrays.stream(values()).filter(op -> op.wire().equals(word)).findFirst();
        }

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final LiveAccess access;
    private final JsonMapper json;
    private final Frames frames;
    private final Counter dropped;
    private final Counter denied;
    private final Map<Place, Room> rooms = new ConcurrentHashMap<>();
    private final Map<String, LiveSocket> sockets = new ConcurrentHashMap<>();
    private final Thread watch;

    LiveHub(LiveAccess access, JsonMapper json, MeterRegistry registry) {
        this.access = access;
        this.json = json;
        this.frames = new Frames(json);
        this.dropped = registry.counter("live.dropped", "where", "socket");
        this.denied = registry.counter("live.denied");
        registry.gaugeMapSize("live.sockets", java.util.List.of(), sockets);
        registry.gaugeMapSize("live.rooms", java.util.List.of(), rooms);
        this.watch = Thread.ofVirtual().name("live-watch").start(this::watch);
    }

    Frames frames() {
        return frames;
    }

    @Override
    public void afterConnectionEstablished(WebSocketSession session) {
        if (!(session.getAttributes().get(WATCHER) instanceof Watcher watcher)) {
            close(session, SESSION_ENDED);
            return;
        }
        long own =
                sockets.values().stream()
                        .filter(s -> s.watcher().account().equals(watcher.account()))
                        .count();
        if (own >= MOST_SOCKETS_EACH) {
            close(session, CloseStatus.SERVICE_OVERLOAD.withReason("Too many tabs are open"));
            return;
        }
        session.setTextMessageSizeLimit(LONGEST_MESSAGE);
        var socket = new LiveSocket(session, watcher, frames, dropped, System.nanoTime());
        sockets.put(session.getId(), socket);
        // What ended between the handshake and here was told to the sockets of that moment only.
        if (mayStay(socket)) {
            socket.start();
        }
    }

    @Override
    protected void handleTextMessage(WebSocketSession session, TextMessage message) {
        LiveSocket socket = sockets.get(session.getId());
        if (socket == null) {
            return;
        }
        socket.heard(System.nanoTime());
        Request request;
        try {
            request = json.readValue(message.getPayload(), Request.class);
        } catch (JacksonException e) {
            socket.close(CloseStatus.BAD_DATA.withReason("Send {\"op\":...} as JSON"));
            return;
        }
        if (request == null) {
            socket.close(CloseStatus.BAD_DATA.withReason("Send {\"op\":...} as JSON"));
            return;
        }
        Optional<Op> op = Op.find(request.op());
        if (op.isEmpty()) {
            socket.close(
                    CloseStatus.POLICY_VIOLATION.withReason(
                            "op is subscribe, unsubscribe or ping"));
            return;
        }
        String topic = request.topic() == null ? "" : request.topic();
        switch (op.get()) {
            case SUBSCRIBE -> subscribe(socket, topic, Optional.ofNullable(request.after()));
            case UNSUBSCRIBE -> leave(socket, topic);
            case PING -> socket.say("", Frames.PONG);
        }
    }

    private void subscribe(LiveSocket socket, String topic, Optional<String> after) {
        Optional<String> permission = LiveTopics.permissionFor(topic);
        if (permission.isEmpty()) {
            deny(socket, topic, "There is no such topic.");
        } else if (!LiveTopics.permits(socket.watcher().permissions(), permission.get())) {
            deny(socket, topic, "This needs the permission '" + permission.get() + "'.");
        } else if (socket.topics().size() >= MOST_TOPICS && !socket.topics().contains(topic)) {
            deny(socket, topic, "A connection takes at most " + MOST_TOPICS + " topics.");
        } else {
            socket.topics().add(topic);
            var whole = new boolean[1];
            // Inside compute, so that the sweeper cannot take the room away in between.
            rooms.compute(
                    new Place(socket.watcher().tenant(), topic),
                    (_, known) -> {
                        Room room = known == null ? new Room(System.nanoTime()) : known;
                        whole[0] = room.enter(socket, topic, after);
                        return room;
                    });
            if (!whole[0]) {
                socket.missed(topic);
            }
        }
    }

    private void deny(LiveSocket socket, String topic, String detail) {
        denied.increment();
        String shown = topic.substring(0, Math.min(topic.length(), 100));
        socket.say("", frames.denied(shown, detail));
    }

    private void leave(LiveSocket socket, String topic) {
        if (socket.topics().remove(topic)) {
            Room room = rooms.get(new Place(socket.watcher().tenant(), topic));
            if (room != null) {
                room.leave(socket, System.nanoTime());
            }
        }
    }

    @Override
    protected void handlePongMessage(WebSocketSession session, PongMessage message) {
        LiveSocket socket = sockets.get(session.getId());
        if (socket != null) {
            socket.heard(System.nanoTime());
        }
    }

    @Override
    public void handleTransportError(WebSocketSession session, Throwable e) {
        log.debug("live socket failed", e);
    }

    @Override
    public void afterConnectionClosed(WebSocketSession session, CloseStatus status) {
        LiveSocket socket = sockets.remove(session.getId());
        if (socket != null) {
            for (String topic : Set.copyOf(socket.topics())) {
                leave(socket, topic);
            }
        }
    }

    /**
     * To whoever watches here.
     *
     * @param data JSON already
     */
    void say(TenantId tenant, String topic, String id, String type, String data) {
        Room room = rooms.get(new Place(tenant, topic));
        if (room != null) {
            room.say(topic, id, frames.message(topic, id, type, data));
        }
    }

    void lost(TenantId tenant, String topic) {
        Room room = rooms.get(new Place(tenant, topic));
        if (room != null) {
            room.lost(topic);
        }
    }

    boolean hasRoom(TenantId tenant, String topic) {
        return rooms.containsKey(new Place(tenant, topic));
    }

    boolean hasRoomOf(TenantId tenant) {
        return rooms.keySet().stream().anyMatch(place -> place.tenant().equals(tenant));
    }

    Set<TenantId> watching(String topic) {
        return rooms.entrySet().stream()
                .filter(e -> e.getKey().topic().equals(topic) && e.getValue().isWatched())
                .map(e -> e.getKey().tenant())
                .collect(Collectors.toUnmodifiableSet());
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(LOOK);
                look(System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What an account may do changed: its sockets are asked for at once. */
    void accessChanged(String account) {
        sockets.values().stream()
                .filter(socket -> socket.watcher().account().equals(account))
                .forEach(this::mayStay);
    }

    /** What a tenant's people may do changed. */
    void accessChanged(TenantId tenant) {
        sockets.values().stream()
                .filter(socket -> socket.watcher().tenant().equals(tenant))
                .forEach(this::mayStay);
    }

    /** Ends sockets whose session ended or that are silent, pings the others, forgets rooms. */
    void look(long now) {
        for (LiveSocket socket : sockets.values()) {
            if (!mayStay(socket)) {
                continue;
            }
            if (now - socket.heardAt() > SILENT_FOR.toNanos()) {
                socket.close(CloseStatus.SESSION_NOT_RELIABLE);
            } else {
                socket.ping();
            }
        }
        long before = now - ROOM_KEEPS.toNanos();
        for (Place place : rooms.keySet()) {
            rooms.computeIfPresent(place, (_, room) -> room.isQuietSince(before) ? null : room);
        }
    }

    private boolean mayStay(LiveSocket socket) {
        try {
            switch (access.standing(socket.watcher())) {
                case GONE -> socket.close(SESSION_ENDED);
                case CHANGED -> socket.close(CloseStatus.SERVICE_RESTARTED);
                case STAYS -> {
                    return true;
                }
            }
            return false;
        } catch (RuntimeException e) {
            log.warn("live socket could not be checked cause=\"{}\"", e.toString());
            return true;
        }
    }

    private static void close(WebSocketSession session, CloseStatus status) {
        try {
            session.close(status);
        } catch (java.io.IOException e) {
            log.debug("live socket was closed already", e);
        }
    }

    @Override
    public void close() {
        watch.interrupt();
        sockets.values().forEach(socket -> socket.close(CloseStatus.GOING_AWAY));
    }
}
