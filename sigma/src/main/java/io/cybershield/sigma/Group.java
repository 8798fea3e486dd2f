package io.cybershield.sigma;

import java.math.BigDecimal;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one correlation remembers of one group. */
final class Group {

    final List<String> key;

    /** One for each rule of a temporal correlation that is decided at once, else one for all. */
    final Entries[] series;

    /** Takes the place of the entries where there are too many of them. */
    @Nullable Buckets buckets;

    /** What was taken off a waiting window that has too many entries. */
    @Nullable Folded folded;

    boolean hasFired;
    long firedAt;

    /** Of the window that ends with the newest entry: where it starts, and its sum or values. */
    int start;

    BigDecimal sum = BigDecimal.ZERO;
    final Map<Object, Integer> values = new HashMap<>();

    Group(List<String> key, int series) {
        this.key = key;
        this.series = new Entries[series];
        for (int i = 0; i < series; i++) {
            this.series[i] = new Entries();
        }
    }

    int size() {
        int size = 0;
        for (Entries entries : series) {
            size += entries.size();
        }
        return size;
    }

    /** The part of a waiting window that is not kept event by event any more. */
    static final class Folded {
        final long first;
        long count;
        BigDecimal sum = BigDecimal.ZERO;
        final BitSet rules = new BitSet();
        final HyperLogLog distinct;

        Folded(long first, HyperLogLog distinct) {
            this.first = first;
            this.distinct = distinct;
        }
    }
}
