package io.cybershield.trigger;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** What to do about the ticks of a schedule that are due. Pure: no clock. */
final class Ticks {
    /** A tick is missed when nobody could fire it for so long. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    /** So many missed ticks are made up for, the latest. */
    static final int MOST_MADE_UP = 100;

    /** Looked at in one transaction. */
    private static final int MOST_AT_ONCE = 100_000;

    private Ticks() {}

    /** What happens to ticks that nobody could fire in time. */
    enum Missed {
        SKIP,
        ONCE,
        ALL;

        static Missed of(String setting) {
            return setting.isEmpty() ? ONCE : valueOf(setting.toUpperCase(Locale.ROOT));
        }
    }

    /**
     * @param fire tick to fire now; null for none
     * @param missed ticks passed over
     * @param next tick to wait for, which may be due as well; null when none comes any more
     */
    record Plan(@Nullable Instant fire, long missed, @Nullable Instant next) {}

    /**
     * @param tick the one that waits, due
     * @param jitter spread of the moment of firing behind the tick
     */
    static Plan plan(Schedule schedule, Instant tick, Instant now, Missed policy, Jitter jitter) {
        var kept = new ArrayDeque<Instant>();
        int keep = policy == Missed.ALL ? MOST_MADE_UP : 1;
        long missed = 0;
        Instant at = tick;
        int looked = 0;
        while (at != null && !jitter.fireAt(at).isAfter(now) && looked++ < MOST_AT_ONCE) {
            if (kept.size() == keep) {
                kept.removeFirst();
                missed++;
            }
            kept.addLast(at);
            at = schedule.next(at).orElse(null);
        }
        if (at != null && !jitter.fireAt(at).isAfter(now)) {
            // So far behind that one look is not enough: none of these is among the latest.
            return new Plan(null, missed + kept.size(), at);
        }
        Instant first = kept.pollFirst();
        if (first == null) {
            return new Plan(null, missed, at);
        }
        if (policy == Missed.SKIP && jitter.fireAt(first).plus(PATIENCE).isBefore(now)) {
            return new Plan(null, missed + 1, at);
        }
        return new Plan(first, missed, Optional.ofNullable(kept.pollFirst()).orElse(at));
    }

    /** Moves each tick by a time of its own, the same on every node and after every restart. */
    record Jitter(UUID workflow, String node, Duration most) {
        Instant fireAt(Instant tick) {
            if (most.isZero()) {
                return tick;
            }
            var hash = new CRC32C();
            hash.update(
                    (workflow + "|" + node + "|" + tick.getEpochSecond())
                            .getBytes(StandardCharsets.UTF_8));
            return tick.plusMillis(hash.getValue() % (most.toMillis() + 1));
        }
    }
}
