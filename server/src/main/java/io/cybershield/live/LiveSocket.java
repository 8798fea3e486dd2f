package io.cybershield.live;

import io.cybershield.live.LiveAccess.Watcher;
import io.cybershield.platform.Sight;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.PingMessage;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;

/**
 * One open socket: a bounded backlog and the one thread that writes from it. A screen that cannot
 * keep up is told to fetch again; others do not wait for it.
 */
final class LiveSocket {
    private static final Logger log = LoggerFactory.getLogger(LiveSocket.class);
    private static final int BACKLOG = 256;
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final WebSocketSession session;
    private final Watcher watcher;
    private final Frames frames;
    private final Counter dropped;
    private final Backlog<String, String> backlog = new Backlog<>(BACKLOG, 32);
    private final Set<String> topics = new HashSet<>();
    private volatile long heardAt;
    private volatile boolean pingDue;

    LiveSocket(
            WebSocketSession session, Watcher watcher, Frames frames, Counter dropped, long now) {
        this.session = session;
        this.watcher = watcher;
        this.frames = frames;
        this.dropped = dropped;
        this.heardAt = now;
    }

    void start() {
        Thread.ofVirtual().name("live-" + session.getId()).start(this::write);
    }

    Watcher watcher() {
        return watcher;
    }

    /** Topics it is subscribed to; touched by the socket's own reading thread and at its end. */
    Set<String> topics() {
        return topics;
    }

    /** Whoever does not see every machine is told to ask, and asks the database. */
    void say(String topic, String frame) {
        if (!watcher.sight().equals(Sight.ALL) && LiveTopics.tellsOfMachines(topic)) {
            backlog.miss(topic);
        } else if (!backlog.offer(topic, frame)) {
            dropped.increment();
        }
    }

    void missed(String topic) {
        backlog.miss(topic);
    }

    void heard(long now) {
        heardAt = now;
    }

    long heardAt() {
        return heardAt;
    }

    /** Asks the other end for a sign of life. */
    void ping() {
        pingDue = true;
    }

    private void write() {
        try {
            while (session.isOpen()) {
                var portion = backlog.take(LOOK);
                for (String frame : portion.items()) {
                    session.sendMessage(new TextMessage(frame));
                }
                for (String topic : portion.missed()) {
                    session.sendMessage(new TextMessage(frames.resync(topic)));
                }
                if (pingDue) {
                    pingDue = false;
                    session.sendMessage(new PingMessage());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | IllegalStateException e) {
            log.debug("live socket ended while writing", e);
        } finally {
            close(CloseStatus.SESSION_NOT_RELIABLE);
        }
    }

    void close(CloseStatus status) {
        try {
            session.close(status);
        } catch (IOException | IllegalStateException e) {
            log.debug("live socket was closed already", e);
        }
    }
}
