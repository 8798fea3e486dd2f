package io.cybershield.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SignaturesTest {
    private static final String BASE64 =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

    @Test
    void whatWasSignedReadsBack() throws Exception {
        var read = Signatures.read(signed(), Map.of());
        assertThat(read.ok()).as(read.problem()).isTrue();
        assertThat(read.members()).containsEntry("name", "Ärzte \"am Ring\"");
    }

    /**
     * Each place of the line, and in the signature each letter: among them bits that base64 drops.
     */
    @Test
    void noOtherLineIsBelieved() throws Exception {
        String line = signed();
        int signature = line.indexOf("\"signature\"");
        for (int i = 0; i < line.length(); i++) {
            for (char other : (i < signature ? "xy" : BASE64).toCharArray()) {
                if (line.charAt(i) != other) {
                    refused(line.substring(0, i) + other + line.substring(i + 1));
                }
            }
            refused(line.substring(0, i) + line.substring(i + 1));
        }
    }

    /** The same members, spelled otherwise. */
    @Test
    void anotherSpellingIsNotBelieved() throws Exception {
        String line = signed();
        refused(line.replace(",", ", "));
        refused(line.replace("Ä", "\\u00c4"));
        refused(line + " ");
        refused(line.replace("==\"}", "\"}"));
    }

    private static void refused(String line) {
        assertThat(Signatures.read(line, Map.of()).ok()).as(line).isFalse();
    }

    private static String signed() throws NoSuchAlgorithmException {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] der = pair.getPublic().getEncoded();
        var key =
                new AuditKeys.Key(
                        TrailVerifier.keyId(der), der, pair.getPrivate(), Instant.EPOCH, null);
        var members = new LinkedHashMap<String, Object>();
        members.put("type", "test");
        members.put("name", "Ärzte \"am Ring\"");
        members.put("rows", Map.of("a", 1L));
        members.put("keys", List.of(1L, true));
        return Signatures.sign(key, members);
    }
}
