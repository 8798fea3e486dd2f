package io.cybershield.access;

import io.cybershield.platform.Ids;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A secret in a mailed link; only its hash is stored.
 *
 * @param text 256 random bits, so a plain hash cannot be guessed back
 */
public record LinkToken(String text) {
    public static LinkToken make(Ids ids) {
        return new LinkToken(ids.secret());
    }

    public byte[] hash() {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return "LinkToken[...]";
    }
}
