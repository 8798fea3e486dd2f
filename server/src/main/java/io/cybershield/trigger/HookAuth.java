package io.cybershield.trigger;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Whether a request may use a webhook. Pure: no clock; compares secrets in constant time. */
final class HookAuth {
    static final String TIMESTAMP = "X-CyberShield-Timestamp";
    static final String SIGNATURE = "X-CyberShield-Signature";
    private static final String VERSION = "v1=";

    private HookAuth() {}

    enum Kind {
        NONE,
        BASIC,
        BEARER,
        HMAC;

        static Kind of(String setting) {
            return valueOf(setting.toUpperCase(Locale.ROOT));
        }
    }

    /**
     * Why not, in a word for the counter and a sentence for the caller.
     *
     * @param what {@code no-credentials}, {@code wrong-credentials}, {@code too-old}, {@code
     *     from-the-future}
     */
    record Objection(String what, String text) {}

    /** Basic and bearer, by the header's values as they came. */
    static Optional<Objection> credentials(
            Kind kind, List<String> authorization, String user, byte[] secret) {
        if (authorization.size() != 1) {
            return Optional.of(
                    new Objection(
                            "no-credentials",
                            "The request needs exactly one header Authorization."));
        }
        String[] parts = authorization.getFirst().strip().split("\\s+", 2);
        String wanted = kind == Kind.BASIC ? "basic" : "bearer";
        if (parts.length != 2 || !parts[0].equalsIgnoreCase(wanted)) {
            return Optional.of(
                    new Objection(
                            "no-credentials",
                            "The request needs the header 'Authorization: "
                                    + (kind == Kind.BASIC ? "Basic" : "Bearer")
                                    + " ...'."));
        }
        byte[] given;
        byte[] expected;
        if (kind == Kind.BASIC) {
            try {
                given = Base64.getDecoder().decode(parts[1].strip());
            } catch (IllegalArgumentException e) {
                given = new byte[0];
            }
            expected = join((user + ":").getBytes(StandardCharsets.UTF_8), secret);
        } else {
            given = parts[1].strip().getBytes(StandardCharsets.UTF_8);
            expected = secret;
        }
        return same(given, expected) ? Optional.empty() : wrong();
    }

    /**
     * HMAC-SHA256 over the timestamp, a full stop and the body as it was sent.
     *
     * @param window how far the timestamp may be from now, either way
     */
    static Optional<Objection> signature(
            List<String> timestamps,
            List<String> signatures,
            byte[] body,
            byte[] secret,
            Duration window,
            Instant now) {
        if (timestamps.size() != 1 || signatures.size() != 1) {
            return Optional.of(
                    new Objection(
                            "no-credentials",
                            "The request needs the headers "
                                    + TIMESTAMP
                                    + " and "
                                    + SIGNATURE
                                    + ", each once."));
        }
        String timestamp = timestamps.getFirst();
        String signature = signatures.getFirst();
        if (!timestamp.matches("\\d{1,12}") || !signature.startsWith(VERSION)) {
            return Optional.of(
                    new Objection(
                            "no-credentials",
                            TIMESTAMP
                                    + " is seconds since 1970, and "
                                    + SIGNATURE
                                    + " is v1= and the HMAC-SHA256 in hexadecimal."));
        }
        // The signature first: nobody without the secret learns what the clock says.
        byte[] given;
        try {
            given =
                    HexFormat.of()
                            .parseHex(
                                    signature.substring(VERSION.length()).toLowerCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            return wrong();
        }
        if (!same(given, sign(timestamp, body, secret))) {
            return wrong();
        }
        Instant at = Instant.ofEpochSecond(Long.parseLong(timestamp));
        if (at.isBefore(now.minus(window))) {
            return Optional.of(
                    new Objection(
                            "too-old",
                            "The timestamp is older than "
                                    + window.toSeconds()
                                    + " seconds. Sign again with the time of now."));
        }
        if (at.isAfter(now.plus(window))) {
            return Optional.of(
                    new Objection(
                            "from-the-future",
                            "The timestamp is more than "
                                    + window.toSeconds()
                                    + " seconds ahead of our clock. Set your clock right."));
        }
        return Optional.empty();
    }

    static byte[] sign(String timestamp, byte[] body, byte[] secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            mac.update((timestamp + ".").getBytes(StandardCharsets.US_ASCII));
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] sha256(byte[] data) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(data);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** By hashes of equal length, so that not even the secret's length shows. */
    private static boolean same(byte[] given, byte[] expected) {
        return MessageDigest.isEqual(sha256(given), sha256(expected));
    }

    private static Optional<Objection> wrong() {
        return Optional.of(
                new Objection(
                        "wrong-credentials",
                        "The secret is not the one that this hook has now. Lost it? Make a new one"
                                + " on the workflow's page, under Triggers."));
    }

    private static byte[] join(byte[] a, byte[] b) {
        byte[] both = new byte[a.length + b.length];
        System.arraycopy(a, 0, both, 0, a.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
