package io.cybershield.ingest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Text that PostgreSQL can keep: it knows neither NUL nor half a surrogate pair. */
final class Texts {
    private static final char REPLACEMENT = '\uFFFD';

    private Texts() {}

    static String clean(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isBad(text, i)) {
                return replace(text, i);
            }
        }
        return text;
    }

    /**
     * Cleans every name and text of a JSON tree; nulls leave, as a missing field means the same.
     */
    static @Nullable Object cleanTree(@Nullable Object value) {
        return switch (value) {
            case String s -> clean(s);
            case Map<?, ?> map -> {
                var copy = LinkedHashMap.<String, Object>newLinkedHashMap(map.size());
                map.forEach((name, inner) -> {
                    Object cleaned = cleanTree(inner);
                    if (cleaned != null) {
                        copy.put(clean(String.valueOf(name)), cleaned);
                    }
                });
                yield copy;
            }
            case List<?> list -> {
                var copy = new ArrayList<Object>(list.size());
                for (Object inner : list) {
                    Object cleaned = cleanTree(inner);
                    if (cleaned != null) {
                        copy.add(cleaned);
                    }
                }
                yield copy;
            }
            case Double d when !Double.isFinite(d) -> d.toString();
            case null -> null;
            case Object other -> other;
        };
    }

    private static String replace(String text, int from) {
        var cleaned = new StringBuilder(text);
        for (int i = from; i < text.length(); i++) {
            if (isBad(text, i)) {
                cleaned.setCharAt(i, REPLACEMENT);
            }
        }
        return cleaned.toString();
    }

    private static boolean isBad(String text, int i) {
        char c = text.charAt(i);
        if (c == 0) {
            return true;
        }
        if (!Character.isSurrogate(c)) {
            return false;
        }
        return Character.isHighSurrogate(c)
                ? i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))
                : i == 0 || !Character.isHighSurrogate(text.charAt(i - 1));
    }
}
