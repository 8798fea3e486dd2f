package io.cybershield.workflow;

import io.cybershield.platform.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What waits, in a line for each tenant. Tenants take turns, a share of their line each; how much
 * of one may be in hand at once is bounded, so that with more hands than that another always finds
 * one free. Who has more weight has larger shares. A free hand is of little use on a machine that
 * is busy with somebody's long line: whoever has one has small shares and rests between them while
 * others, whose lines are short, are about.
 */
final class TurnLines<T> {
    /** What is taken together. */
    static final class Share<T> {
        private final Line<T> line;
        private final List<T> items;
        private final Instant takenAt;

        private Share(Line<T> line, List<T> items, Instant takenAt) {
            this.line = line;
            this.items = items;
            this.takenAt = takenAt;
        }

        TenantId tenant() {
            return line.tenant;
        }

        List<T> items() {
            return items;
        }
    }

    private static final class Line<T> {
        final TenantId tenant;
        final Deque<T> items = new ArrayDeque<>();
        int inHand;
        boolean called;

        /** Until then it is not called. */
        Instant restsUntil = Instant.EPOCH;

        Line(TenantId tenant) {
            this.tenant = tenant;
        }
    }

    private static final Duration LATELY = Duration.ofSeconds(1);

    /** Rests, in times of what the share before took. */
    private static final int REST = 2;

    /** So much smaller are shares of a long line, beside short ones: a burst is felt, too. */
    private static final int SMALLER = 5;

    private static final Duration LONGEST_REST = Duration.ofMillis(100);
    private final InstantSource clock;
    private final ToIntFunction<TenantId> weight;
    private final int most;
    private final int mostBesideOthers;
    private final int mostInHand;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition some = lock.newCondition();
    private final Map<TenantId, Line<T>> lines = new HashMap<>();

    /** Whose turn it is; only lines from which something may be taken. */
    private final Deque<Line<T>> next = new ArrayDeque<>();

    /** Lines that will have a turn when they have rested. */
    private final List<Line<T>> resting = new ArrayList<>();

    /** Who added when, the longest silent first. */
    private final Map<TenantId, Instant> heard = new LinkedHashMap<>(16, 0.75f, true);

    private int waiting;

    /**
     * @param most in a share
     * @param mostBesideOthers in a share of weight 1 while others were heard of lately
     * @param mostInHand shares of one tenant at once while it is alone; then one less, at least one
     */
    TurnLines(
            int most,
            int mostBesideOthers,
            int mostInHand,
            ToIntFunction<TenantId> weight,
            InstantSource clock) {
        this.weight = weight;
        this.most = most;
        this.mostBesideOthers = mostBesideOthers;
        this.mostInHand = mostInHand;
        this.clock = clock;
    }

    private boolean isAlone() {
        Instant since = clock.instant().minus(LATELY);
        var eldest = heard.values().iterator();
        while (eldest.hasNext() && eldest.next().isBefore(since)) {
            eldest.remove();
        }
        return heard.size() <= 1;
    }

    /** How much waits and is not in hand. */
    int size() {
        lock.lock();
        try {
            return waiting;
        } finally {
            lock.unlock();
        }
    }

    void add(TenantId tenant, T item) {
        lock.lock();
        try {
            Line<T> line = lines.computeIfAbsent(tenant, Line::new);
            line.items.add(item);
            heard.put(tenant, clock.instant());
            waiting++;
            call(line);
        } finally {
            lock.unlock();
        }
    }

    private int inHand() {
        return isAlone() ? mostInHand : Math.max(1, mostInHand - 1);
    }

    private void call(Line<T> line) {
        if (!line.called && !line.items.isEmpty() && line.inHand < inHand()) {
            line.called = true;
            (rest(line).isPositive() ? resting : next).add(line);
            some.signal();
        }
    }

    /** How long it rests yet; not long, even if the clock was put back. */
    private Duration rest(Line<T> line) {
        var left = Duration.between(clock.instant(), line.restsUntil);
        return left.compareTo(LONGEST_REST) > 0 ? Duration.ZERO : left;
    }

    /**
     * The next share, also of a line that rests; null where there is none. Who takes it must say
     * when it is {@link #over}.
     */
    @Nullable Share<T> take() {
        lock.lock();
        try {
            next.addAll(resting);
            resting.clear();
            return next.isEmpty() ? null : share(next.remove());
        } finally {
            lock.unlock();
        }
    }

    /** The next share; waits so long for one to come, or for a line to have rested. */
    @Nullable Share<T> take(Duration wait) throws InterruptedException {
        lock.lock();
        try {
            long left = wait.toNanos();
            for (long rest = rested(); next.isEmpty() && left > 0; rest = rested()) {
                long nap = Math.min(left, rest);
                left -= nap - some.awaitNanos(nap);
            }
            return next.isEmpty() ? null : share(next.remove());
        } finally {
            lock.unlock();
        }
    }

    /** Calls those that have rested; nanoseconds until the next of them has. */
    private long rested() {
        long shortest = Long.MAX_VALUE;
        for (var lines = resting.iterator(); lines.hasNext(); ) {
            Line<T> line = lines.next();
            long left = rest(line).toNanos();
            if (left > 0) {
                shortest = Math.min(shortest, left);
            } else {
                lines.remove();
                next.add(line);
            }
        }
        return shortest;
    }

    private int most(Line<T> line) {
        int whole = wholeShare(line);
        return isLong(line) && othersAreAbout() ? Math.max(1, whole / SMALLER) : whole;
    }

    private int wholeShare(Line<T> line) {
        return isAlone() ? most : Math.min(most, mostBesideOthers * weight.applyAsInt(line.tenant));
    }

    private Share<T> share(Line<T> line) {
        line.called = false;
        line.inHand++;
        int size = Math.min(line.items.size(), most(line));
        var items = new ArrayList<T>(size);
        for (int i = 0; i < size; i++) {
            items.add(line.items.remove());
        }
        waiting -= size;
        call(line);
        return new Share<>(line, items, clock.instant());
    }

    /** More than a share waits in it. */
    private boolean isLong(Line<T> line) {
        return line.items.size() > wholeShare(line);
    }

    /** Whether there is somebody whose work is little, and should not feel this one's. */
    private boolean othersAreAbout() {
        return !isAlone()
                && heard.keySet().stream()
                        .map(lines::get)
                        .anyMatch(line -> line == null || !isLong(line));
    }

    /** It is done; there may be more of its tenant's. */
    void over(Share<T> share) {
        lock.lock();
        try {
            Line<T> line = share.line;
            line.inHand--;
            if (isLong(line) && othersAreAbout()) {
                var took = Duration.between(share.takenAt, clock.instant());
                var rest = took.multipliedBy(REST);
                line.restsUntil =
                        clock.instant()
                                .plus(rest.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : rest);
            }
            if (line.inHand == 0 && line.items.isEmpty()) {
                lines.remove(line.tenant);
            } else {
                call(line);
            }
        } finally {
            lock.unlock();
        }
    }
}
