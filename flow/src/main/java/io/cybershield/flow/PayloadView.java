package io.cybershield.flow;

import dev.cel.common.values.NullValue;
import io.cybershield.engine.Payload;
import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A value that expressions walk through as through any other, while only what they look at is read.
 * Whatever would need all of it is refused when that is much.
 */
sealed interface PayloadView {
    /** All of it, as plain data. */
    Object whole();

    /** The payload when this is all of one; null when it is a part, or more. */
    @Nullable Payload root();

    /** Where it is, for people. */
    String label();

    /** What it is read by. */
    PayloadReading reading();

    /** The same with nothing for null, as transforms have it, instead of CEL's own value. */
    PayloadView forTransform();

    /** Data that holds references as its members. */
    static Map<String, Object> of(Map<String, ?> data, String label, PayloadReading reading) {
        boolean any = false;
        for (Object value : data.values()) {
            any |= value instanceof Payload;
        }
        if (!any) {
            return plain(data);
        }
        var inline = new LinkedHashMap<String, Object>();
        Payload more = null;
        for (var entry : data.entrySet()) {
            if (entry.getValue() instanceof Payload payload) {
                if (payload.kind() == Payload.Kind.MEMBERS) {
                    more = payload;
                } else {
                    inline.put(entry.getKey(), payload);
                }
            } else if (entry.getValue() != null) {
                inline.put(entry.getKey(), Expressions.plain(entry.getValue()));
            }
        }
        return new Members(
                inline,
                more == null ? null : new Fields(more, 0, label, reading, false),
                label,
                reading,
                false);
    }

    @SuppressWarnings("unchecked") // a map of texts stays one
    private static Map<String, Object> plain(Map<String, ?> data) {
        return (Map<String, Object>) Expressions.plain(data);
    }

    private static @Nullable Object nullItem(boolean transform) {
        return transform ? null : NullValue.NULL_VALUE;
    }

    /** A map of which some members are elsewhere. */
    final class Members extends AbstractMap<String, Object> implements PayloadView {
        private final Map<String, Object> inline;
        private final @Nullable Fields more;
        private final String label;
        private final PayloadReading reading;
        private final boolean transform;

        private Members(
                Map<String, Object> inline,
                @Nullable Fields more,
                String label,
                PayloadReading reading,
                boolean transform) {
            this.inline = inline;
            this.more = more;
            this.label = label;
            this.reading = reading;
            this.transform = transform;
        }

        @Override
        public @Nullable Object get(@Nullable Object key) {
            Object value = inline.get(key);
            if (value instanceof Payload payload) {
                return switch (payload.kind()) {
                    case TEXT -> reading.text(payload, label + "." + key);
                    case OBJECT -> new Fields(payload, 0, label + "." + key, reading, transform);
                    case LIST -> new Entries(payload, 0, label + "." + key, reading, transform);
                    case MEMBERS -> throw new IllegalStateException("Kept apart");
                };
            }
            return value == null && more != null ? more.get(key) : value;
        }

        /** A text that is elsewhere, unread. */
        @Nullable Payload text(String name) {
            return inline.get(name) instanceof Payload payload
                            && payload.kind() == Payload.Kind.TEXT
                    ? payload
                    : null;
        }

        @Override
        public boolean containsKey(@Nullable Object key) {
            return inline.containsKey(key) || (more != null && more.containsKey(key));
        }

        @Override
        public Set<String> keySet() {
            var all = new LinkedHashSet<>(inline.keySet());
            if (more != null) {
                all.addAll(more.keySet());
            }
            return all;
        }

        @Override
        public int size() {
            return keySet().size();
        }

        /** Each value is read when it is asked for. */
        @Override
        public Set<Entry<String, Object>> entrySet() {
            Set<String> names = transform && reading.isPassedBy() ? Set.of() : keySet();
            return new AbstractSet<>() {
                @Override
                public Iterator<Entry<String, Object>> iterator() {
                    return names.stream().map(name -> entry(Members.this, name)).iterator();
                }

                @Override
                public int size() {
                    return names.size();
                }
            };
        }

        @Override
        public Object whole() {
            var made = new LinkedHashMap<String, Object>();
            for (String key : keySet()) {
                Object value = get(key);
                if (value != null) {
                    made.put(key, value instanceof PayloadView view ? view.whole() : value);
                }
            }
            return made;
        }

        @Override
        public @Nullable Payload root() {
            return null;
        }

        @Override
        public String label() {
            return label;
        }

        @Override
        public PayloadReading reading() {
            return reading;
        }

        @Override
        public PayloadView forTransform() {
            var fresh = new LinkedHashMap<String, Object>();
            inline.forEach((name, value) -> fresh.put(name, PayloadReading.withoutNulls(value)));
            return new Members(
                    fresh, more == null ? null : more.forTransform(), label, reading, true);
        }

        @Override
        public String toString() {
            return label;
        }
    }

    private static Map.Entry<String, Object> entry(Members of, String name) {
        return new Map.Entry<>() {
            @Override
            public String getKey() {
                return name;
            }

            @Override
            @SuppressWarnings("NullAway") // a name that is there has a value
            public Object getValue() {
                return of.get(name);
            }

            @Override
            public Object setValue(Object value) {
                throw new UnsupportedOperationException();
            }
        };
    }

    /** An object within a payload. */
    final class Fields extends AbstractMap<String, Object> implements PayloadView {
        private final Payload payload;
        private final long offset;
        private final String label;
        private final PayloadReading reading;
        private final boolean transform;

        Fields(
                Payload payload,
                long offset,
                String label,
                PayloadReading reading,
                boolean transform) {
            this.payload = payload;
            this.offset = offset;
            this.label = label;
            this.reading = reading;
            this.transform = transform;
        }

        @Override
        public @Nullable Object get(@Nullable Object key) {
            return key instanceof String name
                    ? reading.member(payload, offset, name, label, transform)
                    : null;
        }

        @Override
        public boolean containsKey(@Nullable Object key) {
            return key instanceof String name && reading.hasMember(payload, offset, name, label);
        }

        @Override
        public Set<String> keySet() {
            return reading.names(payload, offset, label);
        }

        @Override
        public int size() {
            return keySet().size();
        }

        @Override
        public Set<Entry<String, Object>> entrySet() {
            return transform && reading.isPassedBy() ? Set.of() : whole().entrySet();
        }

        @Override
        @SuppressWarnings("unchecked") // an object it is
        public Map<String, Object> whole() {
            return (Map<String, Object>) reading.whole(payload, offset, label);
        }

        @Override
        public @Nullable Payload root() {
            return offset == 0 && payload.kind() == Payload.Kind.OBJECT ? payload : null;
        }

        @Override
        public String label() {
            return label;
        }

        @Override
        public PayloadReading reading() {
            return reading;
        }

        @Override
        public Fields forTransform() {
            return new Fields(payload, offset, label, reading, true);
        }

        @Override
        public String toString() {
            return label;
        }
    }

    /** A list within a payload. */
    final class Entries extends AbstractList<@Nullable Object> implements PayloadView {
        private final Payload payload;
        private final long offset;
        private final String label;
        private final PayloadReading reading;
        private final boolean transform;

        Entries(
                Payload payload,
                long offset,
                String label,
                PayloadReading reading,
                boolean transform) {
            this.payload = payload;
            this.offset = offset;
            this.label = label;
            this.reading = reading;
            this.transform = transform;
        }

        /** The same as the items of a for-each. */
        Payload.Items items() {
            return new Payload.Items(payload, offset, size());
        }

        @Override
        public @Nullable Object get(int index) {
            Object value = reading.item(payload, offset, index, label, transform);
            return value == NullValue.NULL_VALUE ? nullItem(transform) : value;
        }

        @Override
        public int size() {
            return transform && reading.isPassedBy() ? 0 : reading.size(payload, offset, label);
        }

        @Override
        public Iterator<@Nullable Object> iterator() {
            return new Iterator<>() {
                private final int size = size();
                private int next;

                @Override
                public boolean hasNext() {
                    return next < size;
                }

                @Override
                public @Nullable Object next() {
                    if (next >= size) {
                        throw new java.util.NoSuchElementException();
                    }
                    return get(next++);
                }
            };
        }

        @Override
        public Object[] toArray() {
            return whole().toArray();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof List<?> && whole().equals(other);
        }

        @Override
        public int hashCode() {
            return whole().hashCode();
        }

        @Override
        @SuppressWarnings("unchecked") // a list it is
        public List<@Nullable Object> whole() {
            return (List<@Nullable Object>) reading.whole(payload, offset, label);
        }

        @Override
        public @Nullable Payload root() {
            return offset == 0 && payload.kind() == Payload.Kind.LIST ? payload : null;
        }

        @Override
        public String label() {
            return label;
        }

        @Override
        public PayloadReading reading() {
            return reading;
        }

        @Override
        public Entries forTransform() {
            return new Entries(payload, offset, label, reading, true);
        }

        @Override
        public String toString() {
            return label;
        }
    }

    /** What cannot be read, for whoever looks at it. */
    final class Unreadable extends AbstractMap<String, Object> implements PayloadView {
        private final String label;
        private final Budget.Spent why;

        Unreadable(String label, Budget.Spent why) {
            this.label = label;
            this.why = why;
        }

        @Override
        public Object get(@Nullable Object key) {
            throw why;
        }

        @Override
        public boolean containsKey(@Nullable Object key) {
            throw why;
        }

        @Override
        public Set<Entry<String, Object>> entrySet() {
            throw why;
        }

        @Override
        public Object whole() {
            throw why;
        }

        @Override
        public @Nullable Payload root() {
            throw why;
        }

        @Override
        public String label() {
            return label;
        }

        @Override
        public PayloadReading reading() {
            return new PayloadReading(PayloadSource.NONE);
        }

        @Override
        public PayloadView forTransform() {
            return this;
        }

        @Override
        public String toString() {
            return label;
        }
    }
}
