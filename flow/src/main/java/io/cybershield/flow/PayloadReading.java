package io.cybershield.flow;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.cel.common.values.NullValue;
import io.cybershield.engine.Payload;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads parts of payloads for one evaluation, by streaming, and counts what it reads. What is
 * counted follows from the question alone and not from what is known from earlier ones, so that an
 * evaluation ends the same way wherever it is done again. For one thread at a time.
 */
final class PayloadReading {
    /** What is handed out whole at most, of one value. */
    static final int LARGEST_WHOLE = Budget.LARGEST_VALUE;

    private static final long MOST_READ = 512L << 20;
    private static final long MOST_MADE = 16L << 20;

    /** Objects and lists up to this size are read at once instead of bit by bit. */
    private static final int SMALL = 512;

    private static final int MOST_NAMES = 100_000;
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(200)
                                    .maxStringLength(LARGEST_WHOLE)
                                    .maxNameLength(LARGEST_WHOLE)
                                    .build())
                    .build();

    /** Where items begin is the same for ever: the hash names the content. */
    private static final Cache<Place, Shape> SHAPES =
            Caffeine.newBuilder().maximumSize(500).build();

    private record Place(String hash, long offset) {}

    private record Member(Place of, String name) {}

    private final PayloadSource source;
    private final Set<Object> counted = new HashSet<>();
    private final Map<Member, Long> found = new HashMap<>();
    private long read;
    private long made;
    private boolean passedBy;

    PayloadReading(PayloadSource source) {
        this.source = source;
    }

    /** A new evaluation begins. */
    void begin() {
        counted.clear();
        found.clear();
        read = 0;
        made = 0;
    }

    /**
     * While this holds, transforms' views have nothing in them for whoever goes through all there
     * is: the library looks for its own kind of null in every result, and there is none in ours.
     */
    void passBy(boolean on) {
        passedBy = on;
    }

    boolean isPassedBy() {
        return passedBy;
    }

    private void read(Object what, long bytes, String label) {
        if (counted.add(what)) {
            read += bytes;
            if (read > MOST_READ) {
                throw new Budget.Spent(
                        "'"
                                + label
                                + "' is kept by reference, and this reads more than "
                                + size(MOST_READ)
                                + " of such data. Look at fewer places of it, or go over it with a"
                                + " for-each.");
            }
        }
    }

    private void made(long bytes, String label) {
        made += bytes;
        if (made > MOST_MADE) {
            throw new Budget.Spent(
                    "'"
                            + label
                            + "' is kept by reference, and this takes more than "
                            + size(MOST_MADE)
                            + " out of such data. Take less, or go over it with a for-each.");
        }
    }

    static Budget.Spent tooLarge(String label, long bytes) {
        return new Budget.Spent(
                "'"
                        + label
                        + "' has "
                        + (bytes < 0 ? "more than " + size(LARGEST_WHOLE) : size(bytes))
                        + " and is kept by reference: it cannot be used whole here, "
                        + size(LARGEST_WHOLE)
                        + " is the most. Name a path into it, go over it with a for-each, or pass"
                        + " it on as the whole body of a request.");
    }

    /** For people. */
    static String size(long bytes) {
        return bytes < 10_000
                ? bytes + " bytes"
                : bytes < 1_000_000
                        ? bytes / 1000 + " kB"
                        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }

    private JsonParser parser(Payload payload, long offset, boolean inList) {
        // A bracket before it, so that a comma may follow.
        var content = new PayloadInput(this::chunk, payload, offset);
        return JSON.createParser(
                ObjectReadContext.empty(),
                inList
                        ? new SequenceInputStream(
                                new ByteArrayInputStream(new byte[] {'['}), content)
                        : content);
    }

    private byte[] chunk(Payload payload, int number) {
        return Errands.run(() -> source.chunk(payload, number));
    }

    private <T> T reading(String label, java.util.function.Supplier<T> work) {
        try {
            return work.get();
        } catch (PayloadSource.Unreadable e) {
            throw new Budget.Spent("'" + label + "' cannot be read: " + e.getMessage());
        } catch (StreamConstraintsException e) {
            throw tooLarge(label, -1);
        } catch (JacksonException e) {
            throw new Budget.Spent(
                    "'" + label + "' cannot be read as JSON: " + e.getOriginalMessage());
        }
    }

    String text(Payload payload, String label) {
        if (payload.bytes() > LARGEST_WHOLE) {
            throw tooLarge(label, payload.bytes());
        }
        made(payload.bytes(), label);
        return reading(
                label,
                () -> {
                    try (var in = new PayloadInput(this::chunk, payload, 0)) {
                        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
    }

    Object whole(Payload payload, long offset, String label) {
        if (offset == 0 && payload.bytes() > LARGEST_WHOLE) {
            throw tooLarge(label, payload.bytes());
        }
        return reading(
                label,
                () -> {
                    try (var p = parser(payload, offset, true)) {
                        p.nextToken();
                        p.nextToken();
                        Object value = build(p, LARGEST_WHOLE + 1L);
                        if (value == null) {
                            throw tooLarge(label, -1);
                        }
                        made(p.currentLocation().getByteOffset(), label);
                        return value;
                    }
                });
    }

    /** The value that the parser stands at, in CEL's types; null when it goes beyond the limit. */
    private static @Nullable Object build(JsonParser p, long limit) {
        switch (p.currentToken()) {
            case START_OBJECT -> {
                var made = new LinkedHashMap<String, Object>();
                while (p.nextToken() != JsonToken.END_OBJECT) {
                    String name = p.currentName();
                    p.nextToken();
                    Object value = build(p, limit);
                    if (value == null || p.currentLocation().getByteOffset() > limit) {
                        return null;
                    }
                    if (value != NullValue.NULL_VALUE) {
                        made.put(name, value);
                    }
                }
                return made;
            }
            case START_ARRAY -> {
                var made = new ArrayList<Object>();
                while (p.nextToken() != JsonToken.END_ARRAY) {
                    Object value = build(p, limit);
                    if (value == null || p.currentLocation().getByteOffset() > limit) {
                        return null;
                    }
                    made.add(value);
                }
                return made;
            }
            default -> {
                return scalar(p);
            }
        }
    }

    private static Object scalar(JsonParser p) {
        return switch (p.currentToken()) {
            case VALUE_STRING -> p.getString();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Expressions.plain(p.getNumberValue());
            default -> NullValue.NULL_VALUE;
        };
    }

    /** The value at a place: small ones as they are, others to be walked through. */
    private Object at(Payload payload, long offset, String label, boolean transform) {
        byte[] head = head(payload, offset);
        JsonToken token;
        try (var p = JSON.createParser(ObjectReadContext.empty(), head)) {
            p.nextToken();
            token = p.nextToken();
            try {
                Object value = build(p, Long.MAX_VALUE);
                if (value != null
                        && (p.currentLocation().getByteOffset() < head.length
                                || offset + head.length - 1 >= payload.bytes())) {
                    made(p.currentLocation().getByteOffset(), label);
                    return transform ? withoutNulls(value) : value;
                }
            } catch (JacksonException e) {
                // It goes on behind the head.
            }
        }
        return switch (token) {
            case START_OBJECT -> new PayloadView.Fields(payload, offset, label, this, transform);
            case START_ARRAY -> new PayloadView.Entries(payload, offset, label, this, transform);
            default -> {
                try (var p = parser(payload, offset, true)) {
                    p.nextToken();
                    p.nextToken();
                    Object value = scalar(p);
                    made(value instanceof String text ? text.length() : SMALL, label);
                    yield value;
                }
            }
        };
    }

    /** A bracket, and the beginning of what stands there. */
    private byte[] head(Payload payload, long offset) {
        byte[] head = new byte[SMALL + 1];
        head[0] = '[';
        try (var in = new PayloadInput(this::chunk, payload, offset)) {
            return Arrays.copyOf(head, 1 + in.readNBytes(head, 1, SMALL));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static Object withoutNulls(Object value) {
        if (value instanceof List<?> list) {
            var made = new ArrayList<@Nullable Object>(list.size());
            list.forEach(
                    item -> made.add(item == NullValue.NULL_VALUE ? null : withoutNulls(item)));
            return made;
        }
        if (value instanceof Map<?, ?> map) {
            var made = new LinkedHashMap<Object, Object>();
            map.forEach((name, inner) -> made.put(name, withoutNulls(inner)));
            return made;
        }
        return value;
    }

    // ---- objects

    boolean hasMember(Payload payload, long offset, String name, String label) {
        return reading(label, () -> find(payload, offset, name, label) >= 0);
    }

    @Nullable Object member(
            Payload payload, long offset, String name, String label, boolean transform) {
        String here = label + "." + name;
        Optional<Object> value =
                reading(
                        here,
                        () -> {
                            long at = find(payload, offset, name, label);
                            return at < 0
                                    ? Optional.empty()
                                    : Optional.of(at(payload, at, here, transform));
                        });
        return value.orElse(null);
    }

    /** Where a member's value begins; -1 when there is none, or it is null. */
    private long find(Payload payload, long offset, String name, String label) {
        var member = new Member(new Place(payload.hash(), offset), name);
        Long known = found.get(member);
        if (known != null) {
            return known;
        }
        long at = -1;
        try (var p = parser(payload, offset, true)) {
            p.nextToken();
            p.nextToken();
            while (p.nextToken() != JsonToken.END_OBJECT) {
                boolean same = name.equals(p.currentName());
                JsonToken token = p.nextToken();
                if (same) {
                    at =
                            token == JsonToken.VALUE_NULL
                                    ? -1
                                    : offset + p.currentTokenLocation().getByteOffset() - 1;
                    break;
                }
                p.skipChildren();
            }
            read(member, p.currentTokenLocation().getByteOffset(), label);
        }
        found.put(member, at);
        return at;
    }

    Set<String> names(Payload payload, long offset, String label) {
        return reading(
                label,
                () -> {
                    var names = new LinkedHashSet<String>();
                    try (var p = parser(payload, offset, true)) {
                        p.nextToken();
                        p.nextToken();
                        while (p.nextToken() != JsonToken.END_OBJECT) {
                            String name = p.currentName();
                            if (p.nextToken() != JsonToken.VALUE_NULL) {
                                names.add(name);
                                made(name.length() + 16L, label);
                                if (names.size() > MOST_NAMES) {
                                    throw new Budget.Spent(
                                            "'"
                                                    + label
                                                    + "' has more than "
                                                    + MOST_NAMES
                                                    + " members.");
                                }
                            }
                            p.skipChildren();
                        }
                        read(
                                new Member(new Place(payload.hash(), offset), "\0names"),
                                p.currentLocation().getByteOffset(),
                                label);
                    }
                    return names;
                });
    }

    // ---- lists

    int size(Payload payload, long offset, String label) {
        return reading(
                label,
                () -> {
                    Shape shape = shape(payload, offset);
                    synchronized (shape) {
                        if (shape.size < 0) {
                            walk(shape, payload, offset, Integer.MAX_VALUE);
                        }
                        read(new Place(payload.hash(), offset), shape.end - offset, label);
                        return shape.size;
                    }
                });
    }

    /** CEL's null when it is null. */
    Object item(Payload payload, long offset, int index, String label, boolean transform) {
        String here = label + "[" + index + "]";
        return reading(
                here,
                () -> {
                    long at;
                    Shape shape = shape(payload, offset);
                    synchronized (shape) {
                        at = walk(shape, payload, offset, index);
                    }
                    if (at < 0) {
                        throw new IndexOutOfBoundsException(index);
                    }
                    return at(payload, at, here, transform);
                });
    }

    /** The item of a for-each; where it cannot be read, only whoever looks at it is told. */
    Object itemOrProblem(Payload payload, long offset, int index) {
        try {
            return item(payload, offset, index, "items", false);
        } catch (Budget.Spent e) {
            return new PayloadView.Unreadable("item", e);
        }
    }

    private static Shape shape(Payload payload, long offset) {
        return SHAPES.get(new Place(payload.hash(), offset), _ -> new Shape());
    }

    /** Where the items of one list begin: every so many of them. */
    private static final class Shape {
        private long[] samples = new long[16];
        private int stride = 1;
        private int count;
        private int size = -1;
        private long end;
        // What was looked for last: whoever goes from item to item begins there.
        private int lastIndex = -1;
        private long lastAt;

        private static final int MOST = 1024;

        void passed(int index, long at) {
            if (index != count * stride) {
                return;
            }
            if (count == MOST) {
                for (int i = 0; i < MOST / 2; i++) {
                    samples[i] = samples[2 * i];
                }
                count = MOST / 2;
                stride *= 2;
                passed(index, at);
                return;
            }
            if (count == samples.length) {
                samples = Arrays.copyOf(samples, Math.min(MOST, count * 4));
            }
            samples[count++] = at;
        }
    }

    /** Where an item begins; -1 when the list is shorter, whose length is then known. */
    private long walk(Shape shape, Payload payload, long offset, int index) {
        if (shape.size >= 0 && index >= shape.size) {
            return -1;
        }
        int from = Math.min(index / shape.stride, shape.count - 1);
        int number = Math.max(0, from * shape.stride);
        long start = from < 0 ? offset : shape.samples[from];
        if (shape.lastIndex > number && shape.lastIndex <= index) {
            number = shape.lastIndex;
            start = shape.lastAt;
            from = 0;
        }
        boolean whole = from < 0;
        try (var p = parser(payload, start, !whole)) {
            p.nextToken(); // the list's own bracket, or ours
            long base = whole ? start : start - 1;
            while (p.nextToken() != JsonToken.END_ARRAY) {
                long at = base + p.currentTokenLocation().getByteOffset();
                shape.passed(number, at);
                if (number == index) {
                    shape.lastIndex = index;
                    shape.lastAt = at;
                    return at;
                }
                p.skipChildren();
                number++;
            }
            shape.size = number;
            shape.end = base + p.currentLocation().getByteOffset();
            return -1;
        }
    }
}
