package io.cybershield.audit;

import io.cybershield.audit.TrailVerifier.Malformed;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * Signs documents that others keep, with the installation's key for the trail: one line of JSON
 * that brings the public key, the key's id and the signature as its last members.
 */
@Component
public final class Signatures {
    private static final List<String> LAST = List.of("publicKey", "key", "signature");
    private final AuditKeys keys;

    Signatures(AuditKeys keys) {
        this.keys = keys;
    }

    /**
     * @param members texts, longs, booleans, lists and maps of these, {@code Optional.empty()}
     */
    public String sign(Map<String, Object> members) {
        return sign(keys.current(), members);
    }

    static String sign(AuditKeys.Key key, Map<String, Object> members) {
        var all = new LinkedHashMap<>(members);
        all.put("publicKey", Base64.getEncoder().encodeToString(key.publicKey()));
        return key.sign(all);
    }

    /**
     * What a signed line says.
     *
     * @param key id of the key that signed it
     * @param pinned whether that is one that the reader named
     * @param problem why it is not to be believed; empty where it is
     */
    public record Read(Map<String, Object> members, String key, boolean pinned, String problem) {
        public boolean ok() {
            return problem.isEmpty();
        }
    }

    /**
     * Needs no server.
     *
     * @param pinned keys by id that alone count; with none, the key in the line counts, which
     *     proves only that nothing was changed since it was signed
     */
    public static Read read(String line, Map<String, PublicKey> pinned) {
        Map<String, Object> members;
        try {
            members = TrailVerifier.Json.read(line);
        } catch (Malformed e) {
            return new Read(Map.of(), "", false, String.valueOf(e.getMessage()));
        }
        if (members.size() <= LAST.size()
                || !List.copyOf(members.keySet())
                        .subList(members.size() - LAST.size(), members.size())
                        .equals(LAST)
                || !(members.get("publicKey") instanceof String brought)
                || !(members.get("key") instanceof String id)
                || !(members.get("signature") instanceof String signature)) {
            return new Read(members, "", false, "it is not signed");
        }
        try {
            byte[] der = Base64.getDecoder().decode(brought);
            if (!TrailVerifier.keyId(der).equals(id)) {
                return new Read(members, id, false, "the key in it is not the one it says");
            }
            PublicKey own = TrailVerifier.keys(pem(brought)).get(id);
            PublicKey key = pinned.isEmpty() ? own : pinned.get(id);
            if (key == null) {
                return new Read(members, id, false, "none of the keys that you named signed it");
            }
            var signed = new LinkedHashMap<>(members);
            signed.remove("signature");
            var check = Signature.getInstance("Ed25519");
            check.initVerify(key);
            check.update(TrailVerifier.Json.write(signed).getBytes(StandardCharsets.UTF_8));
            byte[] bytes = Base64.getDecoder().decode(signature);
            // Base64 has bits that a decoder drops and JSON can be spelled in many ways: only the
            // one line that was written counts.
            boolean holds =
                    Base64.getEncoder().encodeToString(bytes).equals(signature)
                            && TrailVerifier.Json.write(members).equals(line)
                            && check.verify(bytes);
            return new Read(
                    members,
                    id,
                    !pinned.isEmpty(),
                    holds ? "" : "the signature does not hold: it was changed");
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return new Read(members, id, false, "the signature does not hold: it was changed");
        }
    }

    private static String pem(String base64) {
        return "-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----\n";
    }
}
