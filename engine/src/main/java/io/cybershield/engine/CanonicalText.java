package io.cybershield.engine;

import java.math.BigDecimal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One text per definition, whatever order its parts were given in: JSON with sorted keys, no
 * blanks, ASCII only, and numbers in their shortest plain form. The first line names the form, so
 * that a later form cannot be taken for this one.
 */
final class CanonicalText {
    private static final String FORM = "cybershield-workflow-1\n";

    private CanonicalText() {}

    static String sha256(WorkflowDefinition definition) {
        return sha256(of(definition));
    }

    static String sha256(String text) {
        try {
            var ascii = new byte[text.length()];
            for (int i = 0; i < ascii.length; i++) {
                ascii[i] = (byte) text.charAt(i);
            }
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(ascii));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    static String of(WorkflowDefinition definition) {
        var out = new StringBuilder(FORM);
        var settings = definition.settings();
        var whole = new TreeMap<String, @Nullable Object>();
        whole.put("name", definition.name());
        whole.put("nodes", definition.nodes().stream().map(CanonicalText::node).toList());
        whole.put(
                "edges",
                definition.edges().stream()
                        .map(edge -> List.of(edge.from(), edge.port(), edge.to()))
                        .toList());
        whole.put("deadline", text(settings.deadline()));
        whole.put("maxWorkerLosses", settings.maxWorkerLosses());
        put(whole, "closing", text(settings.closing()));
        put(whole, "keepOnFailure", settings.keepOnFailure() ? true : null);
        put(whole, "errorWorkflow", settings.errorWorkflow());
        write(whole, out);
        return out.toString();
    }

    /** The same form for any JSON-shaped value, without a first line. */
    static String of(Map<String, ?> value) {
        var out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static Map<String, @Nullable Object> node(Node node) {
        var map = new TreeMap<String, @Nullable Object>();
        map.put("key", node.key());
        map.put("type", node.type());
        map.put("name", node.name());
        map.put("config", node.config());
        map.put("timeout", text(node.timeout()));
        map.put("onError", node.onError().name());
        map.put("x", node.position().x());
        map.put("y", node.position().y());
        var retry = node.retry();
        map.put("maxAttempts", retry.maxAttempts());
        map.put("firstDelay", text(retry.firstDelay()));
        map.put("factor", retry.factor());
        map.put("maxDelay", text(retry.maxDelay()));
        map.put("jitter", retry.jitter());
        map.put("within", text(retry.within()));
        put(map, "retryOn", retry.retryOn());
        put(map, "exemption", node.exemption());
        return map;
    }

    /**
     * What came later is left out where it says nothing, so that older hashes stay what they are.
     */
    private static void put(Map<String, @Nullable Object> map, String key, @Nullable Object value) {
        if (value != null) {
            map.put(key, value);
        }
    }

    private static @Nullable String text(@Nullable Duration duration) {
        return duration == null ? null : duration.toString();
    }

    private static void write(@Nullable Object value, StringBuilder out) {
        switch (value) {
            case null -> out.append("null");
            case String text -> quote(text, out);
            case Boolean flag -> out.append(flag.booleanValue());
            case Number number -> out.append(plain(number));
            // Without quotes, so that no text comes to the same.
            case Payload payload ->
                    out.append("payload(")
                            .append(payload.hash())
                            .append(',')
                            .append(payload.bytes())
                            .append(',')
                            .append(payload.kind())
                            .append(')');
            case Map<?, ?> map -> {
                char separator = '{';
                var sorted = new TreeMap<String, @Nullable Object>();
                map.forEach((key, inner) -> sorted.put((String) key, inner));
                for (var entry : sorted.entrySet()) {
                    out.append(separator);
                    quote(entry.getKey(), out);
                    out.append(':');
                    write(entry.getValue(), out);
                    separator = ',';
                }
                out.append(sorted.isEmpty() ? "{}" : "}");
            }
            case List<?> list -> {
                char separator = '[';
                for (var item : list) {
                    out.append(separator);
                    write(item, out);
                    separator = ',';
                }
                out.append(list.isEmpty() ? "[]" : "]");
            }
            default -> throw new IllegalStateException("Values lets nothing else in: " + value);
        }
    }

    private static String plain(Number number) {
        var decimal = new BigDecimal(number.toString());
        return decimal.signum() == 0 ? "0" : decimal.stripTrailingZeros().toString();
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20 || c > 0x7e) {
                out.append("\\u").append(HexFormat.of().toHexDigits(c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
