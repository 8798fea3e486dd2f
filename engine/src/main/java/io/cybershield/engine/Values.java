package io.cybershield.engine;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * JSON-shaped values, copied so deep that nobody can change them afterwards. Whole numbers become
 * {@code Long} and fractions {@code Double} where they fit, so a value that went through JSON and
 * back equals the one that did not.
 */
final class Values {
    /**
     * Deeper data is no configuration or result of ours, and would overflow the stack of a reader.
     */
    private static final int MAX_DEPTH = 100;

    private Values() {}

    static Map<String, @Nullable Object> frozen(Map<String, ? extends @Nullable Object> map) {
        return frozenMap(map, "", 0);
    }

    static List<@Nullable Object> frozenItems(List<? extends @Nullable Object> list) {
        return switch (list) {
            case FrozenList frozen -> frozen;
            case Payload.Items items -> items;
            default -> new FrozenList(frozenList(list, "", 0));
        };
    }

    private static Map<String, @Nullable Object> frozenMap(Map<?, ?> map, String path, int depth) {
        if (map instanceof FrozenMap frozen && depth == 0) {
            return frozen;
        }
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException(
                    "Value at '" + path + "' is nested deeper than " + MAX_DEPTH + " levels.");
        }
        var copy = new LinkedHashMap<String, @Nullable Object>();
        for (var entry : map.entrySet()) {
            if (!(entry.getKey() instanceof String key)) {
                throw new IllegalArgumentException(
                        "Value at '" + path + "' has a key that is no text: " + entry.getKey());
            }
            copy.put(key, frozen(entry.getValue(), path + "/" + key, depth + 1));
        }
        return new FrozenMap(copy);
    }

    private static @Nullable Object frozen(@Nullable Object value, String path, int depth) {
        return switch (value) {
            case null -> null;
            case String text -> text;
            case Boolean flag -> flag;
            case Long number -> number;
            case Integer number -> number.longValue();
            case Short number -> number.longValue();
            case Byte number -> number.longValue();
            case Float number -> finite(number.doubleValue(), path);
            case Double number -> finite(number, path);
            case BigInteger number ->
                    number.bitLength() <= 63 ? (Object) number.longValue() : number;
            case BigDecimal number ->
                    new BigDecimal(Double.toString(number.doubleValue())).compareTo(number) == 0
                            ? (Object) number.doubleValue()
                            : number;
            case Payload payload -> payload;
            case Map<?, ?> map -> frozenMap(map, path, depth);
            case List<?> list -> frozenList(list, path, depth);
            default ->
                    throw new IllegalArgumentException(
                            "Value at '"
                                    + path
                                    + "' is a "
                                    + value.getClass().getName()
                                    + "; only text, numbers, true/false, null, lists and maps can"
                                    + " be kept. Convert it first.");
        };
    }

    private static List<@Nullable Object> frozenList(List<?> list, String path, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException(
                    "Value at '" + path + "' is nested deeper than " + MAX_DEPTH + " levels.");
        }
        var copy = new ArrayList<@Nullable Object>(list.size());
        for (int i = 0; i < list.size(); i++) {
            copy.add(frozen(list.get(i), path + "/" + i, depth + 1));
        }
        return Collections.unmodifiableList(copy);
    }

    private static Double finite(double number, String path) {
        if (!Double.isFinite(number)) {
            throw new IllegalArgumentException(
                    "Value at '" + path + "' is " + number + ", which JSON cannot hold.");
        }
        return number;
    }

    /** As {@link FrozenMap}, for the items of a loop. */
    private static final class FrozenList extends AbstractList<@Nullable Object>
            implements RandomAccess {
        private final List<@Nullable Object> values;

        FrozenList(List<@Nullable Object> values) {
            this.values = values;
        }

        @Override
        public @Nullable Object get(int index) {
            return values.get(index);
        }

        @Override
        public int size() {
            return values.size();
        }
    }

    /** Known to be frozen, so that copying a state does not copy its payloads. */
    private static final class FrozenMap extends AbstractMap<String, @Nullable Object> {
        private final Map<String, @Nullable Object> values;

        FrozenMap(Map<String, @Nullable Object> values) {
            this.values = Collections.unmodifiableMap(values);
        }

        @Override
        public Set<Map.Entry<String, @Nullable Object>> entrySet() {
            return values.entrySet();
        }

        @Override
        public @Nullable Object get(@Nullable Object key) {
            return values.get(key);
        }

        @Override
        public boolean containsKey(@Nullable Object key) {
            return values.containsKey(key);
        }
    }
}
