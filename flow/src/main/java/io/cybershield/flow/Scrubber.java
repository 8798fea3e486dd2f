package io.cybershield.flow;

import io.cybershield.engine.Outcome;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes secrets out of what came back from a call, before it is kept or shown: as they were sent,
 * and in the encodings and hashes that others put them into. Knows only the secrets of that one
 * call.
 */
public final class Scrubber {
    /** For a call without secrets. */
    public static final Scrubber NOTHING = new Scrubber();

    private static final int SHORTEST = 4;
    private final Map<String, String> forms =
            new TreeMap<>(
                    Comparator.comparingInt(String::length)
                            .reversed()
                            .thenComparing(Comparator.naturalOrder()));

    Scrubber() {}

    /** For whatever any of these secrets may have gone into. */
    public static Scrubber of(Map<String, String> secrets) {
        var scrubber = new Scrubber();
        secrets.forEach((name, value) -> scrubber.remember(name, value, value));
        return scrubber;
    }

    /** Remembers a secret, and how it was written into the call. */
    void remember(String name, String value, String written) {
        String shown = "[secrets." + name + "]";
        for (String form : forms(value)) {
            add(form, shown);
        }
        add(written, shown);
        var encoded = new LinkedHashSet<String>();
        encoded(written, encoded);
        encoded.forEach(form -> add(form, shown));
    }

    private void add(String form, String shown) {
        if (form.length() >= SHORTEST) {
            forms.putIfAbsent(form, shown);
        }
    }

    private static Set<String> forms(String value) {
        var found = new LinkedHashSet<String>();
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        found.add(value);
        found.add(value.strip());
        found.add(TextTemplate.html(value));
        found.add(TextTemplate.jsonText(value));
        found.add(value.replace("\"", "\\\"").replace("/", "\\/"));
        String url = URLEncoder.encode(value, StandardCharsets.UTF_8);
        found.add(url);
        found.add(url.replace("+", "%20"));
        found.add(lowerEscapes(url));
        found.add(lowerEscapes(url.replace("+", "%20")));
        found.add(URLEncoder.encode(url, StandardCharsets.UTF_8));
        found.add(new StringBuilder(value).reverse().toString());
        found.add(value.toLowerCase(Locale.ROOT));
        found.add(value.toUpperCase(Locale.ROOT));
        for (String text : List.copyOf(found)) {
            encoded(text, found);
        }
        for (String algorithm : List.of("MD5", "SHA-1", "SHA-256", "SHA-512")) {
            try {
                byte[] hash = MessageDigest.getInstance(algorithm).digest(bytes);
                found.add(HexFormat.of().formatHex(hash));
                found.add(HexFormat.of().withUpperCase().formatHex(hash));
                base64(hash, found);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("Every Java platform has " + algorithm, e);
            }
        }
        return found;
    }

    private static void encoded(String text, Collection<String> found) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        found.add(HexFormat.of().formatHex(bytes));
        found.add(HexFormat.of().withUpperCase().formatHex(bytes));
        base64(bytes, found);
    }

    /**
     * At each of the three places where it can stand in what was encoded, as in {@code
     * user:secret}.
     */
    private static void base64(byte[] bytes, Collection<String> found) {
        for (int before = 0; before < 3; before++) {
            byte[] shifted = new byte[before + bytes.length];
            System.arraycopy(bytes, 0, shifted, before, bytes.length);
            int whole = shifted.length / 3 * 3;
            for (var encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
                String text =
                        encoder.withoutPadding().encodeToString(Arrays.copyOf(shifted, whole));
                found.add(text.substring(before == 0 ? 0 : 4));
            }
        }
        found.add(Base64.getEncoder().withoutPadding().encodeToString(bytes));
        found.add(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    private static String lowerEscapes(String url) {
        var out = new StringBuilder(url);
        for (int i = 0; i + 2 < out.length(); i++) {
            if (out.charAt(i) == '%') {
                out.setCharAt(i + 1, Character.toLowerCase(out.charAt(i + 1)));
                out.setCharAt(i + 2, Character.toLowerCase(out.charAt(i + 2)));
            }
        }
        return out.toString();
    }

    public String text(String text) {
        String clean = text;
        for (var form : forms.entrySet()) {
            if (clean.contains(form.getKey())) {
                clean = clean.replace(form.getKey(), form.getValue());
            }
        }
        return clean;
    }

    /** What a stream brings, without the secrets, wherever its pieces begin and end. */
    public InputStream input(InputStream in) {
        return forms.isEmpty() ? in : new ScrubbedInput(in, forms);
    }

    /** Whether it knows no secret. */
    public boolean isEmpty() {
        return forms.isEmpty();
    }

    /** What an attempt came to, without the secrets that went into it. */
    @SuppressWarnings(
            "NullAway") // an output may hold null; the engine's type says so only in its source
    public Outcome outcome(Outcome outcome) {
        if (forms.isEmpty()) {
            return outcome;
        }
        return switch (outcome) {
            case Outcome.Succeeded(var port, var output) ->
                    new Outcome.Succeeded(port, map(output));
            case Outcome.Failed(var reason, var retryable, var notBefore) ->
                    new Outcome.Failed(text(reason), retryable, notBefore);
            case Outcome.InDoubt(var reason) -> new Outcome.InDoubt(text(reason));
        };
    }

    Map<String, @Nullable Object> map(Map<?, ?> map) {
        var copy = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((key, value) -> copy.put(text(key.toString()), value(value)));
        return copy;
    }

    private @Nullable Object value(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case String text -> text(text);
            case Number number -> {
                String written = number.toString();
                yield text(written).equals(written) ? number : text(written);
            }
            case Map<?, ?> map -> map(map);
            case List<?> list -> {
                var copy = new ArrayList<@Nullable Object>();
                list.forEach(item -> copy.add(value(item)));
                yield copy;
            }
            default -> value;
        };
    }
}
