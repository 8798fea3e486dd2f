package io.cybershield.cli;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Plays a recording faster than life, shifted so that its last line is written just when it is
 * sent.
 *
 * @param takes how long the playing is to take
 */
record Replay(Recording recording, Duration takes) {
    /** What is due at once: first the chapters that begin, then the lines. */
    record Due(List<Recording.Chapter> chapters, List<String> lines) {}

    /** Sends lines on; throws when the server cannot take them. */
    interface Sink {
        void send(List<String> lines) throws IOException, InterruptedException;
    }

    /** Waits; returns false when the playing is to stop. */
    interface Pause {
        boolean await(Duration time) throws InterruptedException;
    }

    /** A replay whose recording ends when the playing does. */
    static Replay from(Recording recording, Instant begin, Duration takes) {
        return new Replay(recording.endingAt(begin.plus(takes)), takes);
    }

    /**
     * What falls due from one moment of the playing (exclusive, unless it is the beginning) to
     * another (inclusive).
     */
    Due due(Duration after, Duration upTo) {
        return new Due(
                recording.story().stream().filter(c -> within(c.at(), after, upTo)).toList(),
                recording.lines().stream()
                        .filter(l -> within(l.at(), after, upTo))
                        .map(Recording.Line::text)
                        .toList());
    }

    /** Plays all of it in steps of that length. */
    void play(Duration step, Pause pause, Sink sink, Consumer<Recording.Chapter> tell)
            throws IOException, InterruptedException {
        Duration before = Duration.ofNanos(-1);
        for (Duration at = Duration.ZERO; ; at = at.plus(step)) {
            Duration now = at.compareTo(takes) > 0 ? takes : at;
            Due due = due(before, now);
            due.chapters().forEach(tell);
            for (List<String> part : parts(due.lines())) {
                sink.send(part);
            }
            before = now;
            if (now.equals(takes) || !pause.await(step)) {
                return;
            }
        }
    }

    private boolean within(Instant at, Duration after, Duration upTo) {
        Duration due = dueAt(at);
        return due.compareTo(after) > 0 && due.compareTo(upTo) <= 0;
    }

    private Duration dueAt(Instant at) {
        long length = Math.max(1, recording.length().toMillis());
        long since = Math.clamp(Duration.between(recording.first(), at).toMillis(), 0, length);
        return Duration.ofNanos(
                Math.multiplyExact(takes.toMillis() * 1_000, since) / length * 1_000);
    }

    private static List<List<String>> parts(List<String> lines) {
        var parts = new ArrayList<List<String>>();
        for (int i = 0; i < lines.size(); i += 500) {
            parts.add(lines.subList(i, Math.min(i + 500, lines.size())));
        }
        return parts;
    }
}
