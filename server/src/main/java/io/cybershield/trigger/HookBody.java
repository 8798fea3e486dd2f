package io.cybershield.trigger;

import io.cybershield.platform.Problems;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Reads what a webhook was sent, within limits. */
final class HookBody {
    /** As sent, and again as unpacked. */
    static final int MOST = 1 << 20;

    private static final int MOST_FIELDS = 1_000;

    private HookBody() {}

    /** The bytes as they were sent, which is what a signature is over; read when first wanted. */
    static final class Sent {
        private final InputStream in;
        private final long declared;
        private byte @Nullable [] read;

        Sent(InputStream in, long declared) {
            this.in = in;
            this.declared = declared;
        }

        byte[] bytes() throws IOException {
            if (read == null) {
                read = HookBody.read(in, declared);
            }
            return read;
        }

        /** Of bytes that were read before. */
        byte[] digest() {
            return HookAuth.sha256(java.util.Objects.requireNonNull(read));
        }
    }

    private static byte[] read(InputStream in, long declared) throws IOException {
        if (declared > MOST) {
            throw tooLarge();
        }
        byte[] body = in.readNBytes(MOST + 1);
        if (body.length > MOST) {
            throw tooLarge();
        }
        return body;
    }

    /** What they say: any JSON, or the fields of a form. */
    static @Nullable Object parse(
            byte[] sent, @Nullable String type, @Nullable String encoding, JsonMapper json)
            throws IOException {
        byte[] body = unpacked(sent, encoding);
        String media = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        Object value;
        if (media.equals("application/json") || media.endsWith("+json")) {
            try {
                value = body.length == 0 ? null : json.readValue(body, Object.class);
            } catch (JacksonException e) {
                throw Problems.MALFORMED.because(
                        "The body is not JSON: " + firstLine(e.getOriginalMessage()) + ".");
            }
        } else if (media.equals("application/x-www-form-urlencoded")) {
            value = fields(new String(body, StandardCharsets.UTF_8));
        } else if (body.length == 0) {
            value = null;
        } else {
            throw TriggerProblems.HOOK_FORMAT.because(
                    "The content type is '"
                            + media
                            + "'. Send application/json or application/x-www-form-urlencoded.");
        }
        if (hasNul(value)) {
            throw Problems.MALFORMED.because(
                    "A text has the character U+0000, which cannot be kept. Leave it out.");
        }
        return value;
    }

    private static byte[] unpacked(byte[] sent, @Nullable String encoding) throws IOException {
        if (encoding == null || encoding.isBlank() || encoding.equalsIgnoreCase("identity")) {
            return sent;
        }
        if (!encoding.equalsIgnoreCase("gzip")) {
            throw TriggerProblems.HOOK_FORMAT.because(
                    "The content encoding is '" + encoding + "'. Send gzip or none.");
        }
        try (var in = new GZIPInputStream(new ByteArrayInputStream(sent))) {
            byte[] body = in.readNBytes(MOST + 1);
            if (body.length > MOST) {
                throw tooLarge();
            }
            return body;
        } catch (ZipException | EOFException e) {
            throw Problems.MALFORMED.because("The gzip data are damaged. Compress again.");
        }
    }

    /** A field that comes more than once is a list. */
    static Map<String, @Nullable Object> fields(String text) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        if (text.isEmpty()) {
            return fields;
        }
        String[] pairs = text.split("&", MOST_FIELDS + 1);
        if (pairs.length > MOST_FIELDS) {
            throw Problems.TOO_LARGE.because("There are more than 1,000 fields.");
        }
        for (String pair : pairs) {
            if (pair.isEmpty()) {
                continue;
            }
            int at = pair.indexOf('=');
            String name = decoded(at < 0 ? pair : pair.substring(0, at));
            String value = at < 0 ? "" : decoded(pair.substring(at + 1));
            Object before = fields.get(name);
            if (before == null) {
                fields.put(name, value);
            } else if (before instanceof List<?> list) {
                var longer = new java.util.ArrayList<Object>(list);
                longer.add(value);
                fields.put(name, longer);
            } else {
                fields.put(name, List.of(before, value));
            }
        }
        return fields;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw Problems.MALFORMED.because(
                    "A field is not URL-encoded: a % must be followed by two hexadecimal digits.");
        }
    }

    private static boolean hasNul(@Nullable Object value) {
        return switch (value) {
            case String text -> text.indexOf('\0') >= 0;
            case Map<?, ?> map ->
                    map.entrySet().stream()
                            .anyMatch(e -> hasNul(e.getKey()) || hasNul(e.getValue()));
            case List<?> list -> list.stream().anyMatch(HookBody::hasNul);
            case null, default -> false;
        };
    }

    private static io.cybershield.platform.ProblemException tooLarge() {
        return Problems.TOO_LARGE.because(
                "A hook takes bodies of up to 1 MiB, unpacked too. Nothing was started.");
    }

    private static String firstLine(String text) {
        int cut = text.indexOf('\n');
        return cut < 0 ? text : text.substring(0, cut);
    }
}
