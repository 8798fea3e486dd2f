package io.cybershield.hunt;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;

/**
 * Hits by time, in not too many equal spans.
 *
 * @param unit in words
 */
record Buckets(String unit, List<Bucket> all) {

    private static final int MOST = 120;
    private static final long DAY = 24 * 60;

    private record Span(String unit, long minutes) {}

    private static final List<Span> SPANS =
            List.of(
                    new Span("minute", 1),
                    new Span("5 minutes", 5),
                    new Span("15 minutes", 15),
                    new Span("hour", 60),
                    new Span("6 hours", 360),
                    new Span("day", DAY),
                    new Span("7 days", 7 * DAY),
                    new Span("30 days", 30 * DAY),
                    new Span("365 days", 365 * DAY));

    /**
     * @param counts by level
     */
    record Bucket(Instant from, Instant to, long[] counts) {
        long sum() {
            return Arrays.stream(counts).sum();
        }
    }

    /**
     * @param byMinute counts by level for minutes since 1970
     */
    static Buckets of(SortedMap<Long, long[]> byMinute, int levels) {
        if (byMinute.isEmpty()) {
            return new Buckets("minute", List.of());
        }
        long first = byMinute.firstKey();
        long last = byMinute.lastKey();
        Span span = SPANS.getLast();
        for (Span candidate : SPANS.reversed()) {
            if ((last - first) / candidate.minutes < MOST) {
                span = candidate;
            }
        }
        // A forged date in the far future must not make millions of spans.
        long minutes = Math.max(span.minutes, (last - first) / MOST + 1);
        long start = Math.floorDiv(first, minutes);
        int size = (int) (Math.floorDiv(last, minutes) - start) + 1;
        var buckets = new ArrayList<Bucket>();
        for (int i = 0; i < size; i++) {
            buckets.add(
                    new Bucket(
                            Instant.ofEpochSecond((start + i) * minutes * 60),
                            Instant.ofEpochSecond((start + i + 1) * minutes * 60),
                            new long[levels]));
        }
        byMinute.forEach((minute, counts) -> {
            long[] into = buckets.get((int) (Math.floorDiv(minute, minutes) - start)).counts();
            for (int i = 0; i < levels; i++) {
                into[i] += counts[i];
            }
        });
        return new Buckets(
                minutes == span.minutes ? span.unit : minutes / DAY + " days",
                List.copyOf(buckets));
    }
}
