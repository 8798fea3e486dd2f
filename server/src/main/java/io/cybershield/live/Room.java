package io.cybershield.live;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One topic of one tenant on this node: who watches, and the last messages, so that a screen that
 * lost its connection for a moment misses nothing.
 */
final class Room {
    /** Memory of a room; a longer absence fetches again. */
    static final int REMEMBERS = 64;

    private record Said(String id, String frame) {}

    private final Deque<Said> last = new ArrayDeque<>();
    private final Set<LiveSocket> sockets = new LinkedHashSet<>();
    private long quietSince;

    Room(long now) {
        this.quietSince = now;
    }

    /**
     * Lets a socket in; what it missed goes to it first.
     *
     * @param after id of the last message it saw
     * @return whether nothing is missing for it
     */
    synchronized boolean enter(LiveSocket socket, String topic, Optional<String> after) {
        sockets.add(socket);
        if (after.isEmpty()) {
            return true;
        }
        var missed = since(after.get());
        missed.ifPresent(frames -> frames.forEach(frame -> socket.say(topic, frame)));
        return missed.isPresent();
    }

    private Optional<List<String>> since(String id) {
        var frames = new ArrayList<String>();
        for (var said = last.descendingIterator(); said.hasNext(); ) {
            Said one = said.next();
            if (one.id().equals(id)) {
                return Optional.of(frames.reversed());
            }
            frames.add(one.frame());
        }
        return Optional.empty();
    }

    synchronized void leave(LiveSocket socket, long now) {
        if (sockets.remove(socket) && sockets.isEmpty()) {
            quietSince = now;
        }
    }

    synchronized void say(String topic, String id, String frame) {
        last.add(new Said(id, frame));
        if (last.size() > REMEMBERS) {
            last.remove();
        }
        sockets.forEach(socket -> socket.say(topic, frame));
    }

    /** Messages were lost on the way here: nobody can resume across that. */
    synchronized void lost(String topic) {
        last.clear();
        sockets.forEach(socket -> socket.missed(topic));
    }

    synchronized boolean isWatched() {
        return !sockets.isEmpty();
    }

    synchronized boolean isQuietSince(long before) {
        return sockets.isEmpty() && quietSince - before < 0;
    }
}
