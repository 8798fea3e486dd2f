package io.cybershield.platform;

import com.google.crypto.tink.Aead;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * Seals what travels from one installation to another, with AES-256-GCM under a key that the
 * operator makes for the journey.
 */
public final class TransferBox {
    private final Aead aead;

    /**
     * @param key 32 bytes in Base64
     * @throws IllegalArgumentException if it is not that
     */
    public TransferBox(String key) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(key.strip());
        } catch (IllegalArgumentException e) {
            bytes = new byte[0];
        }
        if (bytes.length != SecretBox.KEY_BYTES) {
            throw new IllegalArgumentException(
                    "The key for the journey is not 32 bytes in Base64; 'openssl rand -base64 32'"
                            + " makes one.");
        }
        this.aead = SecretBox.aead(bytes);
    }

    /** 32 bytes by chance, in Base64. */
    public static String newKey() {
        byte[] key = new byte[SecretBox.KEY_BYTES];
        new SecureRandom().nextBytes(key);
        return Base64.getEncoder().encodeToString(key);
    }

    /**
     * @param place where it belongs; it opens for no other
     */
    public byte[] seal(byte[] secret, String place) {
        try {
            return aead.encrypt(secret, place.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Could not encrypt", e);
        }
    }

    /**
     * @throws IllegalArgumentException if it was sealed with another key, for another place, or
     *     changed
     */
    public byte[] open(byte[] sealed, String place) {
        try {
            return aead.decrypt(sealed, place.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("It does not open with this key", e);
        }
    }
}
