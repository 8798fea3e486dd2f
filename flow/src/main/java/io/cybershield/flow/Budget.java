package io.cybershield.flow;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts the work of one evaluation and ends it when it is too much. It counts steps and sizes
 * rather than time, so that the same evaluation ends the same way on any machine; a clock is only
 * the last line. For one thread.
 */
final class Budget {
    static final int LARGEST_VALUE = 1 << 20;
    private static final int MOST_STEPS = 100_000;
    private static final long MOST_MADE = 6_000_000;
    private static final int MOST_LOOKS = 2_000_000;
    private static final int DEEPEST = 100;
    private static final int SMALL_TEXT = 64;
    static final long LONGEST_NANOS = 80_000_000;

    private final IdentityHashMap<Object, Long> weights = new IdentityHashMap<>();
    private final long began = System.nanoTime();
    private long steps;
    private long made;
    private long looks;

    /** The evaluation did more than it may. Without a stack: it says all. */
    static final class Spent extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Spent(String message) {
            super(message, null, false, false);
        }
    }

    void step() {
        if (++steps > MOST_STEPS) {
            throw new Spent(
                    "It takes more than " + MOST_STEPS + " steps. Narrow what it goes over.");
        }
        if ((steps & 15) == 0) {
            clock();
        }
    }

    private void clock() {
        if (System.nanoTime() - began > LONGEST_NANOS) {
            throw new Spent(
                    "It takes longer than " + LONGEST_NANOS / 1_000_000 + " ms. Make it simpler.");
        }
    }

    /** A character was looked at by a regular expression. */
    void look() {
        if (++looks > MOST_LOOKS) {
            throw new Spent(
                    "A regular expression tries too many ways. Avoid nested repeats such as"
                            + " (a+)+.");
        }
        if ((looks & 0xffff) == 0) {
            clock();
        }
    }

    /** So many bytes are about to be made. */
    void make(long bytes) {
        made += bytes;
        if (bytes > LARGEST_VALUE || made > MOST_MADE) {
            throw new Spent(
                    "It makes too much data: a value may have 1 MiB, and all together 6 MB.");
        }
    }

    /**
     * A value came to be: its size counts once, and a list that names a large value many times is
     * as large as if it were written out.
     */
    void seen(@Nullable Object value) {
        if (weigh(value, 0) > LARGEST_VALUE) {
            throw new Spent("A value is larger than 1 MiB. Narrow it first.");
        }
    }

    private long weigh(@Nullable Object value, int depth) {
        if (depth > DEEPEST) {
            throw new Spent("A value is nested deeper than " + DEEPEST + " levels.");
        }
        switch (value) {
            case null -> {
                return 8;
            }
            case CharSequence text -> {
                long weight = 40L + text.length();
                if (text.length() > SMALL_TEXT && weights.putIfAbsent(text, weight) == null) {
                    make(weight);
                }
                return weight;
            }
            case List<?> list -> {
                return known(list, depth);
            }
            case Map<?, ?> map -> {
                return known(map, depth);
            }
            default -> {
                return 16;
            }
        }
    }

    private long known(Object container, int depth) {
        Long known = weights.get(container);
        if (known != null && known >= 0) {
            return known;
        }
        if (known != null) {
            throw new Spent("A value contains itself.");
        }
        int size = container instanceof List<?> list ? list.size() : ((Map<?, ?>) container).size();
        make(48L + (container instanceof List<?> ? 8L : 48L) * size);
        weights.put(container, -1L);
        long weight = 48;
        if (container instanceof List<?> list) {
            if (list.getClass().getSimpleName().equals("RangeList")) {
                weight += 24L * size; // made when it is looked at; all its numbers are alike
            } else {
                for (Object item : list) {
                    weight = within(weight + 8 + weigh(item, depth + 1));
                }
            }
        } else {
            for (var entry : ((Map<?, ?>) container).entrySet()) {
                weight =
                        within(
                                weight
                                        + 24
                                        + weigh(entry.getKey(), depth + 1)
                                        + weigh(entry.getValue(), depth + 1));
            }
        }
        weights.put(container, within(weight));
        return weight;
    }

    private static long within(long weight) {
        if (weight > LARGEST_VALUE) {
            throw new Spent("A value is larger than 1 MiB. Narrow it first.");
        }
        return weight;
    }
}
