package io.cybershield.sigma;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Occurrences sorted by time, those of one time in the order of arrival. A ring, so that the oldest
 * leave at no cost.
 */
final class Entries {

    private static final int FIRST_ROOM = 4;

    private long[] times = new long[FIRST_ROOM];
    private int[] rules = new int[FIRST_ROOM];
    private @Nullable String[] ids = new String[FIRST_ROOM];
    private @Nullable Object @Nullable [] values;
    private int head;
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    long time(int place) {
        return times[at(place)];
    }

    int rule(int place) {
        return rules[at(place)];
    }

    String id(int place) {
        String id = ids[at(place)];
        return id == null ? "" : id;
    }

    @Nullable Object value(int place) {
        return values == null ? null : values[at(place)];
    }

    long lastTime() {
        return time(size - 1);
    }

    private int at(int place) {
        return (head + place) & (times.length - 1);
    }

    /** Returns the place that the entry took. */
    int insert(long time, int rule, String id, @Nullable Object value) {
        if (size == times.length) {
            grow();
        }
        if (value != null && values == null) {
            values = new Object[times.length];
        }
        int place = size;
        while (place > 0 && time(place - 1) > time) {
            place--;
        }
        for (int i = size; i > place; i--) {
            int to = at(i);
            int from = at(i - 1);
            times[to] = times[from];
            rules[to] = rules[from];
            ids[to] = ids[from];
            if (values != null) {
                values[to] = values[from];
            }
        }
        int to = at(place);
        times[to] = time;
        rules[to] = rule;
        ids[to] = id;
        if (values != null) {
            values[to] = value;
        }
        size++;
        return place;
    }

    private void grow() {
        int length = times.length;
        long[] moreTimes = new long[length * 2];
        int[] moreRules = new int[length * 2];
        @Nullable String[] moreIds = new String[length * 2];
        @Nullable Object[] moreValues = new Object[length * 2];
        for (int i = 0; i < size; i++) {
            int from = at(i);
            moreTimes[i] = times[from];
            moreRules[i] = rules[from];
            moreIds[i] = ids[from];
            if (values != null) {
                moreValues[i] = values[from];
            }
        }
        times = moreTimes;
        rules = moreRules;
        ids = moreIds;
        values = values == null ? null : moreValues;
        head = 0;
    }

    void removeFirst(int count) {
        for (int i = 0; i < count; i++) {
            int from = at(i);
            ids[from] = null;
            if (values != null) {
                values[from] = null;
            }
        }
        head = at(count);
        size -= count;
    }

    void clear() {
        times = new long[FIRST_ROOM];
        rules = new int[FIRST_ROOM];
        ids = new String[FIRST_ROOM];
        values = null;
        head = 0;
        size = 0;
    }

    /** The first place whose time is not before the given one; {@link #size} when there is none. */
    int firstFrom(long time) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (time(middle) < time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    @Override
    public String toString() {
        long[] shown = new long[size];
        Arrays.setAll(shown, this::time);
        return Arrays.toString(shown);
    }
}
