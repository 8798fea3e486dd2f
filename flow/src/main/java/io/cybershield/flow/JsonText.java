package io.cybershield.flow;

import dev.cel.common.values.NullValue;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes JSON-shaped values as JSON, in the order they have. */
final class JsonText {
    private JsonText() {}

    /** In one line. */
    static String of(@Nullable Object value) {
        var out = new StringBuilder();
        write(value, out, -1);
        return out.toString();
    }

    /** Over several lines, two blanks a level; what holds nothing but plain values keeps to one. */
    static String pretty(@Nullable Object value) {
        var out = new StringBuilder();
        write(value, out, 0);
        return out.append('\n').toString();
    }

    private static void write(@Nullable Object value, StringBuilder out, int level) {
        switch (value) {
            case null -> out.append("null");
            case NullValue _ -> out.append("null");
            case PayloadView view -> write(view.whole(), out, level);
            case Boolean flag -> out.append(flag.booleanValue());
            case Number number -> out.append(number);
            case Map<?, ?> map -> {
                boolean broken = level >= 0 && !map.isEmpty();
                out.append('{');
                String separator = "";
                for (var entry : map.entrySet()) {
                    out.append(separator);
                    line(out, broken, level + 1);
                    quote(entry.getKey().toString(), out);
                    out.append(level >= 0 ? ": " : ":");
                    write(entry.getValue(), out, level >= 0 ? level + 1 : -1);
                    separator = ",";
                }
                line(out, broken, level);
                out.append('}');
            }
            case List<?> list -> {
                boolean broken = level >= 0 && !list.isEmpty();
                out.append('[');
                String separator = "";
                for (Object item : list) {
                    out.append(separator);
                    line(out, broken, level + 1);
                    write(item, out, level >= 0 ? level + 1 : -1);
                    separator = ",";
                }
                line(out, broken, level);
                out.append(']');
            }
            default -> quote(value.toString(), out);
        }
    }

    private static void line(StringBuilder out, boolean broken, int level) {
        if (broken) {
            out.append('\n').append("  ".repeat(level));
        }
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20
                            || c == 0x7f
                            || c == 0x2028
                            || c == 0x2029
                            || Character.isSurrogate(c) && !paired(text, i)) {
                        out.append("\\u").append(HexFormat.of().toHexDigits(c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static boolean paired(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
                ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }
}
