package io.cybershield.hunt;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Brings what threads found back into the order of members and their batches. */
final class InOrder {

    private final Report report;
    private final Map<Long, List<Found>> waiting = new HashMap<>();
    private final Map<Integer, Integer> ends = new HashMap<>();
    private int place;
    private int sequence;
    private @Nullable IOException failure;

    InOrder(Report report) {
        this.report = report;
    }

    /** Every batch must be put once, also one in which nothing was found. */
    synchronized void put(int atPlace, int atSequence, List<Found> found) {
        waiting.put(key(atPlace, atSequence), found);
        flush();
    }

    /**
     * @param batches how many the member has had in all
     */
    synchronized void end(int atPlace, int batches) {
        ends.put(atPlace, batches);
        flush();
    }

    private void flush() {
        while (true) {
            List<Found> next = waiting.remove(key(place, sequence));
            if (next != null) {
                sequence++;
                write(next);
            } else if (Integer.valueOf(sequence).equals(ends.get(place))) {
                ends.remove(place);
                place++;
                sequence = 0;
            } else {
                return;
            }
        }
    }

    private void write(List<Found> found) {
        if (failure != null) {
            return;
        }
        try {
            for (Found one : found) {
                report.accept(one);
            }
        } catch (IOException e) {
            failure = e;
        }
    }

    synchronized @Nullable IOException failure() {
        return failure;
    }

    private static long key(int place, int sequence) {
        return (long) place << 32 | sequence;
    }
}
