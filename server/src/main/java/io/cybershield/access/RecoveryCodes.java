package io.cybershield.access;

import io.cybershield.notification.Mail;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.IntStream;

/** Ten codes of 117 random bits for the day the telephone is lost; each works once. */
final class RecoveryCodes {
    private static final String ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789";
    private static final int COUNT = 10;
    private static final int LETTERS = 24;
    private static final SecureRandom RANDOM = new SecureRandom();

    private RecoveryCodes() {}

    /** In groups of four, without letters that look alike. */
    static List<String> make() {
        return IntStream.range(0, COUNT).mapToObj(_ -> one()).toList();
    }

    private static String one() {
        var code = new StringBuilder();
        for (int i = 0; i < LETTERS; i++) {
            if (i > 0 && i % 4 == 0) {
                code.append('-');
            }
            code.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
        }
        return code.toString();
    }

    /** However it is typed: case, blanks and dashes do not matter. */
    static byte[] hash(UUID account, String code) {
        String plain = code.toUpperCase(Locale.ROOT).replaceAll("[\\s-]", "");
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest((account + ":" + plain).getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Tells somebody that a code of theirs was used.
     *
     * @param what for, in a sentence
     */
    static Mail used(String address, byte[] hash, String what) {
        return new Mail(
                address,
                "A recovery code of your account was used",
                """
                %s

                If it was you, there is nothing to do. If not, tell an administrator of your company
                at once: they can disable your account.
                """
                        .formatted(what),
                null,
                "recovery:" + HexFormat.of().formatHex(hash));
    }
}
