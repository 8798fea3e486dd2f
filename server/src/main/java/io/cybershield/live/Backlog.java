package io.cybershield.live;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A bounded queue that never blocks who fills it and never hides a loss: what does not fit is
 * dropped and its key noted as missed; further items of a missed key are dropped too, until the
 * queue ran empty and the reader was told.
 */
final class Backlog<K, T> {
    /**
     * What the reader gets: items in order, then the keys of which items are missing.
     *
     * @param missed empty unless every item that waited is in this one
     */
    record Portion<K, T>(List<T> items, Set<K> missed) {}

    private final int capacity;
    private final int portion;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private final Queue<T> items = new ArrayDeque<>();
    private final Set<K> missed = new LinkedHashSet<>();

    Backlog(int capacity, int portion) {
        this.capacity = capacity;
        this.portion = portion;
    }

    /** Whether the item will come out at the other end. */
    boolean offer(K key, T item) {
        lock.lock();
        try {
            if (missed.contains(key)) {
                return false;
            }
            if (items.size() >= capacity) {
                missed.add(key);
                return false;
            }
            items.add(item);
            filled.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Notes a loss that happened elsewhere. */
    void miss(K key) {
        lock.lock();
        try {
            missed.add(key);
            filled.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for something; an empty portion when nothing came in time. */
    Portion<K, T> take(Duration atMost) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = atMost.toNanos();
            while (items.isEmpty() && missed.isEmpty() && left > 0) {
                left = filled.awaitNanos(left);
            }
            var taken = new ArrayList<T>(Math.min(portion, items.size()));
            while (taken.size() < portion && !items.isEmpty()) {
                taken.add(items.remove());
            }
            if (!items.isEmpty()) {
                return new Portion<>(taken, Set.of());
            }
            var lost = new LinkedHashSet<>(missed);
            missed.clear();
            return new Portion<>(taken, lost);
        } finally {
            lock.unlock();
        }
    }
}
