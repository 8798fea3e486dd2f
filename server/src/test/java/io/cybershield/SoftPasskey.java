package io.cybershield;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An authenticator and the browser before it, byte by byte as in WebAuthn Level 3, 6.1 and 6.5.
 * What tests forge is public.
 */
public final class SoftPasskey {
    public static final int PRESENT = 1;
    public static final int VERIFIED = 4;
    public static final int MAY_BE_BACKED_UP = 8;
    public static final int BACKED_UP = 16;
    private static final int CREDENTIAL = 64;
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    public byte[] credentialId = random(32);
    public int flags = PRESENT | VERIFIED;
    public long counter;
    public boolean counts = true;
    public String origin = "http://localhost:8080";
    public boolean crossOrigin;
    public @Nullable String rpId;
    public @Nullable String type;
    public @Nullable String challenge;
    public byte @Nullable [] handle;
    private KeyPair keys = keys();

    /** The same key in other hands, or asked by another browser. */
    public SoftPasskey copy(Consumer<SoftPasskey> forge) {
        var copy = new SoftPasskey();
        copy.keys = keys;
        copy.credentialId = credentialId;
        copy.flags = flags;
        copy.counter = counter;
        copy.counts = counts;
        copy.origin = origin;
        copy.handle = handle;
        forge.accept(copy);
        return copy;
    }

    private static KeyPair keys() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    /** Answers what the server asks to make; remembers the handle. */
    public Map<String, Object> make(JsonNode asked) {
        handle = Base64.getUrlDecoder().decode(asked.get("userHandle").asString());
        byte[] data =
                joined(
                        authenticatorData(asked, CREDENTIAL),
                        new byte[16],
                        ByteBuffer.allocate(2).putShort((short) credentialId.length).array(),
                        credentialId,
                        coseKey());
        byte[] attestation =
                joined(
                        new byte[] {(byte) 0xa3, 0x63},
                        "fmt".getBytes(UTF_8),
                        new byte[] {0x64},
                        "none".getBytes(UTF_8),
                        new byte[] {0x67},
                        "attStmt".getBytes(UTF_8),
                        new byte[] {(byte) 0xa0, 0x68},
                        "authData".getBytes(UTF_8),
                        new byte[] {0x59},
                        ByteBuffer.allocate(2).putShort((short) data.length).array(),
                        data);
        return Map.of(
                "clientDataJSON",
                text(clientData(asked, "webauthn.create")),
                "attestationObject",
                text(attestation),
                "transports",
                List.of("internal"));
    }

    public Map<String, Object> show(JsonNode asked) {
        if (counts) {
            counter++;
        }
        byte[] data = authenticatorData(asked, 0);
        byte[] client = clientData(asked, "webauthn.get");
        var shown = new LinkedHashMap<String, Object>();
        shown.put("credentialId", text(credentialId));
        shown.put("clientDataJSON", text(client));
        shown.put("authenticatorData", text(data));
        shown.put("signature", text(signature(joined(data, sha256(client)))));
        if (handle != null) {
            shown.put("userHandle", text(handle));
        }
        return shown;
    }

    private byte[] authenticatorData(JsonNode asked, int more) {
        String id = rpId == null ? asked.get("rpId").asString() : rpId;
        return joined(
                sha256(id.getBytes(UTF_8)),
                new byte[] {(byte) (flags | more)},
                ByteBuffer.allocate(4).putInt((int) counter).array());
    }

    private byte[] clientData(JsonNode asked, String usual) {
        return ("{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"%s\",\"crossOrigin\":%s}"
                        .formatted(
                                type == null ? usual : type,
                                challenge == null ? asked.get("challenge").asString() : challenge,
                                origin,
                                crossOrigin))
                .getBytes(UTF_8);
    }

    /** EC2, ES256, P-256 (RFC 9053). */
    private byte[] coseKey() {
        var point = ((ECPublicKey) keys.getPublic()).getW();
        return joined(
                new byte[] {(byte) 0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32},
                unsigned(point.getAffineX().toByteArray()),
                new byte[] {0x22, 0x58, 32},
                unsigned(point.getAffineY().toByteArray()));
    }

    private static byte[] unsigned(byte[] number) {
        byte[] out = new byte[32];
        int from = Math.max(0, number.length - 32);
        System.arraycopy(number, from, out, 32 - (number.length - from), number.length - from);
        return out;
    }

    private byte[] signature(byte[] what) {
        try {
            var signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(what);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] sha256(byte[] what) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(what);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] joined(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        Arrays.stream(parts).forEach(out::writeBytes);
        return out.toByteArray();
    }

    private static String text(byte[] bytes) {
        return BASE64.encodeToString(bytes);
    }
}
