package io.cybershield.engine;

import java.util.AbstractList;
import java.util.List;
import java.util.Locale;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * Stands for a value that is too large to travel with a run: its content lies elsewhere, under its
 * hash. It is a type of its own and no shape of JSON, so no data can pass for it. It stands as a
 * member of an event's map and nowhere deeper.
 *
 * @param hash of the content, 64 hexadecimal digits in lower case
 * @param bytes of the content
 */
public record Payload(String hash, long bytes, Kind kind) {
    /** Name of the member that is {@link Kind#MEMBERS}. */
    public static final String MEMBERS = "*";

    /** How the content is to be read. */
    public enum Kind {
        /** One JSON object. */
        OBJECT,
        /** One JSON list. */
        LIST,
        /** The text itself, in UTF-8. */
        TEXT,
        /** One JSON object whose members are members of the map that the reference stands in. */
        MEMBERS
    }

    public Payload {
        if (!isHash(hash)) {
            throw new IllegalArgumentException("'" + hash + "' is no hash of a payload.");
        }
        if (bytes < 0) {
            throw new IllegalArgumentException("A payload has no " + bytes + " bytes.");
        }
    }

    /** Whether a text has the shape of a payload's hash. */
    public static boolean isHash(String text) {
        if (text.length() != 64) {
            return false;
        }
        for (int i = 0; i < 64; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    /** For people. */
    @Override
    public String toString() {
        return "["
                + bytes
                + " bytes by reference, "
                + kind.name().toLowerCase(Locale.ROOT)
                + " "
                + hash.substring(0, 12)
                + "]";
    }

    /**
     * Items of a list within a payload: the list knows how many they are, and each item only where
     * it is.
     */
    public static final class Items extends AbstractList<@Nullable Object> implements RandomAccess {
        private final Payload payload;
        private final long offset;
        private final int count;

        /**
         * @param offset in the content, of the list's bracket
         */
        public Items(Payload payload, long offset, int count) {
            this.payload = payload;
            this.offset = offset;
            this.count = count;
        }

        public Payload payload() {
            return payload;
        }

        public long offset() {
            return offset;
        }

        @Override
        public Item get(int index) {
            if (index < 0 || index >= count) {
                throw new IndexOutOfBoundsException(index);
            }
            return new Item(payload, offset, index);
        }

        @Override
        public int size() {
            return count;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Items items
                    ? payload.equals(items.payload)
                            && offset == items.offset
                            && count == items.count
                    : other instanceof List<?> && super.equals(other);
        }

        @Override
        public int hashCode() {
            return super.hashCode();
        }
    }

    /** One of them. */
    public record Item(Payload payload, long offset, int index) {}
}
