package io.cybershield.billing;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The header {@code Stripe-Signature}: {@code t=seconds,v1=hex}, where hex is HMAC-SHA256 over
 * {@code seconds.body}. While a secret is being changed there are several {@code v1}.
 */
final class StripeSignature {
    static final Duration TOLERANCE = Duration.ofMinutes(5);
    private static final String ALGORITHM = "HmacSHA256";
    private static final int MOST = 10;

    private StripeSignature() {}

    static boolean holds(@Nullable String header, byte[] body, String secret, Instant now) {
        if (header == null || header.length() > 2_000) {
            return false;
        }
        String time = "";
        List<byte[]> signatures = new ArrayList<>();
        for (String part : header.split(",", 2 * MOST)) {
            if (part.startsWith("t=")) {
                time = part.substring(2);
            } else if (part.matches("v1=[0-9a-f]{64}") && signatures.size() < MOST) {
                signatures.add(HexFormat.of().parseHex(part, 3, part.length()));
            }
        }
        if (!time.matches("\\d{1,12}")) {
            return false;
        }
        var apart = Duration.between(Instant.ofEpochSecond(Long.parseLong(time)), now).abs();
        byte[] expected = sign(time, body, secret);
        boolean found = false;
        for (byte[] signature : signatures) {
            found |= MessageDigest.isEqual(expected, signature);
        }
        return found && apart.compareTo(TOLERANCE) <= 0;
    }

    static byte[] sign(String time, byte[] body, String secret) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
            mac.update((time + ".").getBytes(StandardCharsets.UTF_8));
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
