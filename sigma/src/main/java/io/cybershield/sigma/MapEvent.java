package io.cybershield.sigma;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An event held as a map, as a JSON reader gives it. A name answers for the key of that name; a
 * dotted name for the value inside nested maps too; a key with spaces also without them. Not thread
 * safe.
 */
public final class MapEvent implements Event {

    /** More fields than any log has; an event beyond this is an attack on its reader. */
    public static final int MOST_FIELDS = 10_000;

    private static final int DEEPEST = 32;

    private final Map<String, ? extends @Nullable Object> fields;
    private final EventSource source;
    private @Nullable Map<String, String> spaced;

    private MapEvent(Map<String, ? extends @Nullable Object> fields, EventSource source) {
        this.fields = fields;
        this.source = source;
    }

    /**
     * An event of a known source. The map is not copied and must not change.
     *
     * @throws IllegalArgumentException if it has more than {@value #MOST_FIELDS} fields, nested
     *     ones counted, or nests deeper than 32 levels
     */
    public static MapEvent of(Map<String, ? extends @Nullable Object> fields, EventSource source) {
        checkSize(fields, 0, 0);
        return new MapEvent(fields, source);
    }

    /**
     * A Windows event as flat fields, or as the {@code Event.System}/{@code Event.EventData} tree
     * that EVTX readers give (see {@link WindowsFields}); anything without a channel has an unknown
     * source.
     */
    public static MapEvent of(Map<String, ? extends @Nullable Object> fields) {
        return of(WindowsFields.flatten(fields), WindowsFields.source(fields));
    }

    private static int checkSize(@Nullable Object value, int depth, int before) {
        if (depth > DEEPEST) {
            throw new IllegalArgumentException(
                    "The event nests deeper than %d levels.".formatted(DEEPEST));
        }
        int count = before;
        if (value instanceof Map<?, ?> map) {
            for (Object inner : map.values()) {
                count = checkSize(inner, depth + 1, count + 1);
            }
        } else if (value instanceof Iterable<?> many) {
            for (Object inner : many) {
                count = checkSize(inner, depth + 1, count + 1);
            }
        }
        if (count > MOST_FIELDS) {
            throw new IllegalArgumentException(
                    "The event has more than %,d fields.".formatted(MOST_FIELDS));
        }
        return count;
    }

    @Override
    public @Nullable Object get(String path) {
        Object value = fields.get(path);
        if (value != null || fields.containsKey(path)) {
            return value;
        }
        String key = spaced().get(path);
        if (key != null) {
            return fields.get(key);
        }
        return path.indexOf('.') < 0 ? null : walk(fields, path, 0);
    }

    @Override
    public boolean has(String path) {
        return fields.containsKey(path)
                || spaced().containsKey(path)
                || path.indexOf('.') >= 0 && holds(fields, path, 0);
    }

    private Map<String, String> spaced() {
        Map<String, String> known = spaced;
        if (known == null) {
            known = Map.of();
            for (String key : fields.keySet()) {
                if (key.indexOf(' ') >= 0) {
                    if (known.isEmpty()) {
                        known = new HashMap<>();
                    }
                    known.putIfAbsent(key.replace(" ", ""), key);
                }
            }
            spaced = known;
        }
        return known;
    }

    /** Through a list, gathers what each element has. */
    private static @Nullable Object walk(@Nullable Object value, String path, int from) {
        if (from > path.length()) {
            return value;
        }
        if (value instanceof Map<?, ?> map) {
            String rest = path.substring(from);
            Object whole = map.get(rest);
            if (whole != null) {
                return whole;
            }
            for (int dot = path.indexOf('.', from); dot >= 0; dot = path.indexOf('.', dot + 1)) {
                Object inner = map.get(path.substring(from, dot));
                if (inner != null) {
                    Object found = walk(inner, path, dot + 1);
                    if (found != null) {
                        return found;
                    }
                }
            }
            return null;
        }
        if (value instanceof Iterable<?> many) {
            List<Object> found = new ArrayList<>();
            for (Object one : many) {
                Object inner = walk(one, path, from);
                if (inner != null) {
                    found.add(inner);
                }
            }
            return found.isEmpty() ? null : found;
        }
        return null;
    }

    private static boolean holds(@Nullable Object value, String path, int from) {
        if (value instanceof Map<?, ?> map) {
            if (map.containsKey(path.substring(from))) {
                return true;
            }
            for (int dot = path.indexOf('.', from); dot >= 0; dot = path.indexOf('.', dot + 1)) {
                if (holds(map.get(path.substring(from, dot)), path, dot + 1)) {
                    return true;
                }
            }
        } else if (value instanceof Iterable<?> many) {
            for (Object one : many) {
                if (holds(one, path, from)) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public Iterable<?> values() {
        List<Object> leaves = new ArrayList<>();
        gather(fields, leaves);
        return leaves;
    }

    private static void gather(@Nullable Object value, List<Object> leaves) {
        switch (value) {
            case null -> {}
            case Map<?, ?> map -> map.values().forEach(inner -> gather(inner, leaves));
            case Iterable<?> many -> many.forEach(inner -> gather(inner, leaves));
            default -> leaves.add(value);
        }
    }

    @Override
    public EventSource source() {
        return source;
    }
}
