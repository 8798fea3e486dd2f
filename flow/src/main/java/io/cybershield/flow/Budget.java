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

    /** Each allocates some 300 bytes in the library. */
    private static final int MOST_STEPS_OF_CEL = 30_000;

    private static final long MOST_MADE = 5_000_000;
    private static final int MOST_LOOKS = 1_000_000;
    private static final long MOST_SEARCHED = 20_000_000;
    private static final long MOST_CPU_NANOS = 75_000_000;
    private static final int DEEPEST = 100;
    private static final int SMALL_TEXT = 64;

    /** Far above what the other bounds let through, so that a slow machine fails nothing. */
    private static final long LONGEST_NANOS = 3_000_000_000L;

    private final IdentityHashMap<Object, Long> weights = new IdentityHashMap<>();
    private final long began = System.nanoTime();
    private final int mostSteps;
    private long cpuBefore = -1;
    private long searched;
    private long steps;
    private long made;
    private long looks;
    private @Nullable Spent over;

    private Budget(int mostSteps) {
        this.mostSteps = mostSteps;
    }

    static Budget ofCel() {
        return new Budget(MOST_STEPS_OF_CEL);
    }

    static Budget ofTransform() {
        return new Budget(MOST_STEPS);
    }

    /** The evaluation did more than it may. Without a stack: it says all. */
    static final class Spent extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Spent(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * Kept, as the libraries pass over what a function threw where another branch still gives an
     * answer.
     */
    private Spent end(String message) {
        var spent = new Spent(message);
        over = spent;
        return spent;
    }

    void step() {
        if (over != null) {
            throw over;
        }
        if (++steps > mostSteps) {
            throw end("It takes more than " + mostSteps + " steps. Narrow what it goes over.");
        }
        if ((steps & 15) == 0) {
            clock();
        }
    }

    private void clock() {
        if (System.nanoTime() - began > LONGEST_NANOS) {
            throw end(
                    "It takes longer than " + LONGEST_NANOS / 1_000_000 + " ms. Make it simpler.");
        }
    }

    /** A character was looked at by a regular expression. */
    void look() {
        if (++looks > MOST_LOOKS) {
            throw end(
                    "A regular expression tries too many ways. Avoid nested repeats such as"
                            + " (a+)+.");
        }
        // A nested repeat can think long about one character: here the processor's clock must help.
        if ((looks & 0x3ff) == 1) {
            long cpu = CpuClock.ofThisThread();
            cpuBefore = cpuBefore < 0 ? cpu : cpuBefore;
            if (cpu - cpuBefore > MOST_CPU_NANOS) {
                throw end(
                        "A regular expression tries too many ways. Avoid nested repeats such as"
                                + " (a+)+.");
            }
        }
    }

    /** So many characters are about to be searched through. */
    void search(long characters) {
        searched += characters;
        if (searched > MOST_SEARCHED) {
            throw end("It searches too much text. Cut it down first.");
        }
    }

    /** So many bytes are about to be made. */
    void make(long bytes) {
        made += bytes;
        if (bytes > LARGEST_VALUE || made > MOST_MADE) {
            throw end("It makes too much data: a value may have 1 MiB, and all together 6 MB.");
        }
    }

    /**
     * A value came to be: its size counts once, and a list that names a large value many times is
     * as large as if it were written out.
     */
    void seen(@Nullable Object value) {
        if (weigh(value, 0) > LARGEST_VALUE) {
            throw end("A value is larger than 1 MiB. Narrow it first.");
        }
    }

    private long weigh(@Nullable Object value, int depth) {
        if (depth > DEEPEST) {
            throw end("A value is nested deeper than " + DEEPEST + " levels.");
        }
        switch (value) {
            case null -> {
                return 8;
            }
            case PayloadView _ -> {
                return SMALL_TEXT; // what is taken out of it is counted where it is read
            }
            case CharSequence text -> {
                long weight = 40L + text.length();
                if (text.length() > SMALL_TEXT && weights.putIfAbsent(text, weight) == null) {
                    make(weight + 2L * text.length()); // and what it was put together in
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
            throw end("A value contains itself.");
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

    private long within(long weight) {
        if (weight > LARGEST_VALUE) {
            throw end("A value is larger than 1 MiB. Narrow it first.");
        }
        return weight;
    }
}
