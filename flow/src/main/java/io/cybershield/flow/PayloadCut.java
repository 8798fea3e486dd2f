package io.cybershield.flow;

import dev.cel.common.values.NullValue;
import io.cybershield.engine.Event;
import io.cybershield.engine.Payload;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Takes large values out of events before the engine sees them, the largest members first, so that
 * a small {@code status} stays beside a large {@code body}. The same event always comes to the
 * same.
 */
public final class PayloadCut {
    /** Data up to this size stays in the event, in bytes of JSON. */
    public static final int LARGEST_INLINE = 8 << 10;

    /** What is smaller is not worth a reference of its own. */
    private static final int SMALLEST = 512;

    private static final int REFERENCE = 128;
    private static final JsonFactory JSON = new JsonFactory();

    private PayloadCut() {}

    /** Writes a content. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Keeps contents. */
    @FunctionalInterface
    public interface Keeper {
        Payload keep(Payload.Kind kind, Content content);
    }

    /** Keeps nothing: for a replay, which needs the references alone. */
    public static final Keeper HASHING =
            (kind, content) -> {
                try {
                    var writer = new PayloadWriter((_, _, _) -> {});
                    content.writeTo(writer);
                    return writer.finish().as(kind);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            };

    public static Event cut(Event event, Keeper keeper) {
        return EventData.with(event, map -> map(map, keeper), list -> items(list, keeper));
    }

    /** The references that an event carries. */
    public static Set<Payload> of(Event event) {
        var found = new LinkedHashSet<Payload>();
        var _ =
                EventData.with(
                        event,
                        map -> {
                            found.addAll(of(map));
                            return map;
                        },
                        list -> {
                            if (list instanceof Payload.Items items) {
                                found.add(items.payload());
                            }
                            return list;
                        });
        return found;
    }

    public static Set<Payload> of(Map<String, ?> map) {
        var found = new LinkedHashSet<Payload>();
        map.values()
                .forEach(value -> {
                    if (value instanceof Payload payload) {
                        found.add(payload);
                    }
                });
        return found;
    }

    /** What a reference may bring back into a file. */
    private static final long LARGEST_INLINED = 200_000;

    /**
     * Data with the contents in place of the references, for whoever has no store.
     *
     * @throws IllegalArgumentException if one is too large for that, or cannot be read
     */
    public static Map<String, @Nullable Object> inlined(
            Map<String, @Nullable Object> data, PayloadSource source) {
        var made = new LinkedHashMap<String, @Nullable Object>();
        data.forEach((name, value) -> {
            if (value instanceof Payload payload && payload.kind() == Payload.Kind.MEMBERS) {
                if (inlined(name, payload, source) instanceof Map<?, ?> members) {
                    members.forEach((key, inner) -> made.put(key.toString(), inner));
                }
            } else {
                made.put(name, inlined(name, value, source));
            }
        });
        return made;
    }

    private static @Nullable Object inlined(
            String name, @Nullable Object value, PayloadSource source) {
        switch (value) {
            case Payload payload -> {
                if (payload.bytes() > LARGEST_INLINED) {
                    throw new IllegalArgumentException(
                            "'"
                                    + name
                                    + "' has "
                                    + PayloadReading.size(payload.bytes())
                                    + " and is kept by reference; a test takes "
                                    + PayloadReading.size(LARGEST_INLINED)
                                    + " of one value. Write the case by hand with what the"
                                    + " drawing reads of it.");
                }
                var reading = new PayloadReading(source);
                try {
                    return payload.kind() == Payload.Kind.TEXT
                            ? reading.text(payload, name)
                            : plain(reading.whole(payload, 0, name));
                } catch (Budget.Spent e) {
                    throw new IllegalArgumentException(e.getMessage(), e);
                }
            }
            case Map<?, ?> map -> {
                var copy = new LinkedHashMap<String, @Nullable Object>();
                map.forEach((key, inner) -> copy.put(key.toString(), inner));
                return inlined(copy, source);
            }
            case List<?> list -> {
                var copy = new ArrayList<@Nullable Object>();
                list.forEach(inner -> copy.add(inlined(name, inner, source)));
                return copy;
            }
            case null, default -> {
                return value;
            }
        }
    }

    /** Nothing for CEL's null. */
    private static @Nullable Object plain(Object value) {
        return switch (value) {
            case NullValue _ -> null;
            case Map<?, ?> map -> {
                var copy = new LinkedHashMap<String, @Nullable Object>();
                map.forEach((key, inner) -> copy.put(key.toString(), plain(inner)));
                yield copy;
            }
            case List<?> list -> {
                var copy = new ArrayList<@Nullable Object>();
                list.forEach(inner -> copy.add(plain(inner)));
                yield copy;
            }
            default -> value;
        };
    }

    private record Member(String name, @Nullable Object value, long size) {}

    static Map<String, @Nullable Object> map(Map<String, @Nullable Object> map, Keeper keeper) {
        long total = size(map);
        if (total <= LARGEST_INLINE) {
            return map;
        }
        var members = new ArrayList<Member>();
        map.forEach((name, value) -> members.add(new Member(name, value, size(value))));
        members.sort(Comparator.comparingLong(Member::size).reversed().thenComparing(Member::name));
        var out = new LinkedHashMap<String, @Nullable Object>();
        for (Member member : members) {
            if (total <= LARGEST_INLINE || member.size() <= SMALLEST) {
                break;
            }
            if (isWritable(member.value())) {
                out.put(member.name(), keep(member.value(), keeper));
                total -= member.size() - REFERENCE;
            }
        }
        var rest = new LinkedHashMap<String, @Nullable Object>();
        if (total > LARGEST_INLINE) {
            // Nothing large, but much of it.
            map.forEach((name, value) -> {
                if (!out.containsKey(name)
                        && !(value instanceof Payload)
                        && isWritable(name)
                        && isWritable(value)) {
                    rest.put(name, value);
                }
            });
            if (out.containsKey(Payload.MEMBERS) || map.get(Payload.MEMBERS) instanceof Payload) {
                rest.clear(); // the name is taken
            }
        }
        var made = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((name, value) -> {
            if (!rest.containsKey(name)) {
                made.put(name, out.containsKey(name) ? out.get(name) : value);
            }
        });
        if (!rest.isEmpty()) {
            made.put(Payload.MEMBERS, keeper.keep(Payload.Kind.MEMBERS, to -> write(rest, to)));
        }
        return made;
    }

    private static List<@Nullable Object> items(List<@Nullable Object> list, Keeper keeper) {
        return list instanceof Payload.Items || size(list) <= LARGEST_INLINE || !isWritable(list)
                ? list
                : new Payload.Items(
                        keeper.keep(Payload.Kind.LIST, to -> write(list, to)), 0, list.size());
    }

    private static Payload keep(@Nullable Object value, Keeper keeper) {
        return switch (value) {
            case String text -> keeper.keep(Payload.Kind.TEXT, out -> writeText(text, out));
            case Map<?, ?> map -> keeper.keep(Payload.Kind.OBJECT, out -> write(map, out));
            case List<?> list -> keeper.keep(Payload.Kind.LIST, out -> write(list, out));
            case null, default ->
                    throw new IllegalArgumentException("Nothing else is large: " + value);
        };
    }

    /** Whether a value can be kept without changing: not half of a surrogate pair, not a number. */
    private static boolean isWritable(@Nullable Object value) {
        return switch (value) {
            case String text -> isWhole(text);
            case Map<?, ?> map ->
                    map.entrySet().stream()
                            .allMatch(e -> isWhole(e.getKey().toString()) && isInner(e.getValue()));
            case List<?> list -> list.stream().allMatch(PayloadCut::isInner);
            case null, default -> false;
        };
    }

    private static boolean isInner(@Nullable Object value) {
        return switch (value) {
            case null -> true;
            case Payload _ -> false;
            case Number _, Boolean _ -> true;
            default -> isWritable(value);
        };
    }

    private static boolean isWhole(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(++i))) {
                    return false;
                }
            }
        }
        return true;
    }

    /** About as many bytes as it has in JSON; escapes are not counted. */
    static long size(@Nullable Object value) {
        return switch (value) {
            case null -> 4;
            case String text -> 2 + utf8(text);
            case Payload _ -> REFERENCE;
            case Payload.Items _ -> REFERENCE;
            case Map<?, ?> map -> {
                long size = 2;
                for (var entry : map.entrySet()) {
                    size += 4 + utf8(entry.getKey().toString()) + size(entry.getValue());
                }
                yield size;
            }
            case List<?> list -> {
                long size = 2;
                for (Object item : list) {
                    size += 1 + size(item);
                }
                yield size;
            }
            default -> value.toString().length();
        };
    }

    private static long utf8(String text) {
        long size = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                size += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
            }
        }
        return size;
    }

    private static void writeText(String text, OutputStream out) throws IOException {
        int part = 1 << 16;
        for (int from = 0; from < text.length(); ) {
            int to = Math.min(text.length(), from + part);
            if (to < text.length() && Character.isHighSurrogate(text.charAt(to - 1))) {
                to--;
            }
            out.write(text.substring(from, to).getBytes(StandardCharsets.UTF_8));
            from = to;
        }
    }

    /** As JSON. */
    static void write(Object value, OutputStream out) {
        try (var generator = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            write(value, generator);
        }
    }

    private static void write(@Nullable Object value, JsonGenerator out) {
        switch (value) {
            case null -> out.writeNull();
            case NullValue _ -> out.writeNull();
            case String text -> out.writeString(text);
            case Boolean flag -> out.writeBoolean(flag);
            case Long number -> out.writeNumber(number);
            case Integer number -> out.writeNumber(number);
            case Double number -> out.writeNumber(number);
            case java.math.BigInteger number -> out.writeNumber(number);
            case java.math.BigDecimal number -> out.writeNumber(number);
            case Map<?, ?> map -> {
                out.writeStartObject();
                map.forEach((name, inner) -> {
                    out.writeName(name.toString());
                    write(inner, out);
                });
                out.writeEndObject();
            }
            case List<?> list -> {
                out.writeStartArray();
                for (Object item : list) {
                    write(item, out);
                }
                out.writeEndArray();
            }
            default -> throw new IllegalArgumentException("JSON has no " + value.getClass());
        }
    }
}
