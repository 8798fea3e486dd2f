package io.cybershield.platform;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import com.google.crypto.tink.util.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Encrypts the installation's own small secrets, and the keys of its tenants ({@link TenantKeys}),
 * with AES-256-GCM under the root key: {@code CYBERSHIELD_ROOT_KEY} (32 bytes in Base64), or the
 * file {@code secrets/root.key} in the data folder, made at the first start.
 */
@Component
public final class SecretBox {
    static final int KEY_BYTES = 32;
    private final Aead aead;

    @Autowired
    SecretBox(Settings settings, @Value("${cybershield.root-key:#{null}}") @Nullable String given) {
        this(given == null ? fromFile(settings.data().resolve("secrets")) : decode(given));
    }

    private SecretBox(byte[] key) {
        this.aead = aead(key);
    }

    /** AES-256-GCM with these bytes. */
    @AccessesPartialKey // we bring the key's bytes ourselves
    static Aead aead(byte[] key) {
        try {
            AeadConfig.register();
            var tinkKey =
                    AesGcmKey.builder()
                            .setParameters(PredefinedAeadParameters.AES256_GCM)
                            .setIdRequirement(1)
                            .setKeyBytes(SecretBytes.copyFrom(key, InsecureSecretKeyAccess.get()))
                            .build();
            return KeysetHandle.newBuilder()
                    .addEntry(KeysetHandle.importKey(tinkKey).withFixedId(1).makePrimary())
                    .build()
                    .getPrimitive(RegistryConfiguration.get(), Aead.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The key cannot be used", e);
        }
    }

    /**
     * @param purpose binds the result to its place, such as {@code totp|<account>}: it opens only
     *     for the same purpose
     */
    public byte[] seal(byte[] secret, String purpose) {
        try {
            return aead.encrypt(secret, purpose.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Could not encrypt", e);
        }
    }

    /**
     * @throws IllegalStateException if it was sealed under another key or for another purpose, or
     *     was changed
     */
    public byte[] open(byte[] sealed, String purpose) {
        try {
            return aead.decrypt(sealed, purpose.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "A stored secret cannot be opened: the root key is not the one it was sealed"
                            + " with. Restore secrets/root.key of this data folder.",
                    e);
        }
    }

    private static byte[] fromFile(Path folder) {
        return decode(
                PrivateFile.ensure(
                        folder.resolve("root.key"),
                        () -> {
                            byte[] key = new byte[KEY_BYTES];
                            new SecureRandom().nextBytes(key);
                            return Base64.getEncoder().encodeToString(key);
                        }));
    }

    private static byte[] decode(String text) {
        byte[] key;
        try {
            key = Base64.getDecoder().decode(text.strip());
        } catch (IllegalArgumentException e) {
            key = new byte[0];
        }
        if (key.length != KEY_BYTES) {
            throw new IllegalStateException(
                    "The root key is not 32 bytes in Base64. Check CYBERSHIELD_ROOT_KEY or"
                            + " secrets/root.key in the data folder; 'openssl rand -base64 32'"
                            + " makes one.");
        }
        return key;
    }
}
