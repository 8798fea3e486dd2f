package io.cybershield.sigma;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A window that has grown too large to remember every event of it: it is kept as sixteenths of the
 * timespan, each a sum or a sketch. Counts up to a sixteenth of the timespan too far back. Only the
 * window that ends with the newest event can be asked for.
 */
final class Buckets {

    static final int PARTS = 16;

    final long width;
    final TreeMap<Long, Part> parts = new TreeMap<>();
    final ArrayDeque<String> ids = new ArrayDeque<>();
    long newest = Long.MIN_VALUE;
    private @Nullable HyperLogLog union;
    private BigDecimal sum = BigDecimal.ZERO;
    private long count;

    /** One sixteenth. */
    record Part(long count, BigDecimal sum, @Nullable HyperLogLog sketch) {}

    Buckets(long span) {
        width = Math.max(1, (span + PARTS - 1) / PARTS);
    }

    /** Whether the event still falls into the window. */
    boolean add(long time, String id, @Nullable BigDecimal number, @Nullable Object value) {
        long place = Math.floorDiv(time, width);
        if (newest != Long.MIN_VALUE && place < Math.floorDiv(newest, width) - PARTS) {
            return false;
        }
        if (time > newest) {
            newest = time;
            expire();
        }
        Part old = parts.get(place);
        HyperLogLog sketch = old == null ? null : old.sketch;
        if (value != null) {
            long hash = HyperLogLog.hash(value.toString());
            sketch = sketch == null ? new HyperLogLog() : sketch;
            sketch.add(hash);
            union().add(hash);
        }
        BigDecimal more = number == null ? BigDecimal.ZERO : number;
        parts.put(
                place,
                old == null
                        ? new Part(1, more, sketch)
                        : new Part(old.count + 1, old.sum.add(more), sketch));
        sum = sum.add(more);
        count++;
        ids.add(id);
        if (ids.size() > CorrelationHit.MOST_EVENTS) {
            ids.removeFirst();
        }
        return true;
    }

    private void expire() {
        long oldest = Math.floorDiv(newest, width) - PARTS;
        boolean gone = false;
        while (!parts.isEmpty() && parts.firstKey() < oldest) {
            Map.Entry<Long, Part> first = parts.pollFirstEntry();
            sum = sum.subtract(first.getValue().sum);
            count -= first.getValue().count;
            gone = true;
        }
        if (gone) {
            union = null;
        }
    }

    private HyperLogLog union() {
        HyperLogLog known = union;
        if (known == null) {
            known = new HyperLogLog();
            for (Part part : parts.values()) {
                if (part.sketch != null) {
                    known.addAll(part.sketch);
                }
            }
            union = known;
        }
        return known;
    }

    /** Takes a part back from a checkpoint. */
    void restore(long place, Part part) {
        parts.put(place, part);
        sum = sum.add(part.sum);
        count += part.count;
    }

    /** Whether nothing but the newest event is left, so that events can be remembered again. */
    boolean isQuiet() {
        return count <= 1;
    }

    long count() {
        return count;
    }

    BigDecimal sum() {
        return sum;
    }

    long distinct() {
        return union().estimate();
    }

    long firstTime() {
        return parts.isEmpty() ? newest : parts.firstKey() * width;
    }
}
