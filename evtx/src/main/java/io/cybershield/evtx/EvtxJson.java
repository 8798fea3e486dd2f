package io.cybershield.evtx;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes events as JSON (RFC 8259), so that this module is of use without a JSON library. Lone
 * surrogates and control characters are escaped; the output is one line.
 */
public final class EvtxJson {

    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private EvtxJson() {}

    /**
     * @param value a {@code Map} with string keys, {@code List}, {@code String}, {@code Number},
     *     {@code Boolean} or null
     * @throws IllegalArgumentException for any other type, or a number that JSON cannot hold
     */
    public static String write(@Nullable Object value) {
        var out = new StringBuilder(1024);
        write(value, out);
        return out.toString();
    }

    /** As {@link #write(Object)}, appending to {@code out}. */
    public static void write(@Nullable Object value, Appendable out) {
        try {
            append(value, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void append(@Nullable Object value, Appendable out) throws IOException {
        switch (value) {
            case null -> out.append("null");
            case String s -> quote(s, out);
            case Double d when !Double.isFinite(d) ->
                    throw new IllegalArgumentException(
                            "JSON has no number " + d + "; write it as text");
            case Float f when !Float.isFinite(f) ->
                    throw new IllegalArgumentException(
                            "JSON has no number " + f + "; write it as text");
            case Number n -> out.append(n.toString());
            case Boolean b -> out.append(b.toString());
            case Map<?, ?> map -> {
                out.append('{');
                var first = true;
                for (var entry : map.entrySet()) {
                    if (!first) {
                        out.append(',');
                    }
                    first = false;
                    quote(String.valueOf(entry.getKey()), out);
                    out.append(':');
                    append(entry.getValue(), out);
                }
                out.append('}');
            }
            case List<?> list -> {
                out.append('[');
                for (var i = 0; i < list.size(); i++) {
                    if (i > 0) {
                        out.append(',');
                    }
                    append(list.get(i), out);
                }
                out.append(']');
            }
            default ->
                    throw new IllegalArgumentException(
                            "cannot write a " + value.getClass().getName() + " as JSON");
        }
    }

    private static void quote(String s, Appendable out) throws IOException {
        out.append('"');
        var plain = 0;
        for (var i = 0; i < s.length(); i++) {
            var c = s.charAt(i);
            if (c >= ' ' && c != '"' && c != '\\' && !isLoneSurrogate(s, i)) {
                continue;
            }
            out.append(s, plain, i);
            plain = i + 1;
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default ->
                        out.append("\\u")
                                .append(HEX[c >> 12])
                                .append(HEX[c >> 8 & 15])
                                .append(HEX[c >> 4 & 15])
                                .append(HEX[c & 15]);
            }
        }
        out.append(s, plain, s.length()).append('"');
    }

    private static boolean isLoneSurrogate(String s, int i) {
        var c = s.charAt(i);
        if (!Character.isSurrogate(c)) {
            return false;
        }
        return Character.isHighSurrogate(c)
                ? i + 1 >= s.length() || !Character.isLowSurrogate(s.charAt(i + 1))
                : i == 0 || !Character.isHighSurrogate(s.charAt(i - 1));
    }
}
