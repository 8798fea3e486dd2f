package io.cybershield.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * The secret that a program shows instead of signing in: {@code cybershield_}, 43 random letters
 * and digits (256 bits), {@code _} and six that are the CRC-32 of all before them, so that a slip
 * of the pen, and a scanner of leaked secrets, need no database.
 *
 * @param text whole; shown once and never kept
 */
record ApiKey(String text) {
    static final String PREFIX = "cybershield_";
    private static final int SECRET = 43;
    private static final int CHECK = 6;
    private static final Pattern SHAPE =
            Pattern.compile(PREFIX + "[0-9A-Za-z]{" + SECRET + "}_[0-9A-Za-z]{" + CHECK + "}");
    private static final String LETTERS =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /**
     * @param random a secure one
     */
    static ApiKey make(RandomGenerator random) {
        var text = new StringBuilder(PREFIX);
        for (int i = 0; i < SECRET; i++) {
            text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return new ApiKey(text + "_" + check(text));
    }

    /** The key in that text, if it has the shape of one and its check is right. */
    static Optional<ApiKey> read(String text) {
        if (!SHAPE.matcher(text).matches()) {
            return Optional.empty();
        }
        int end = text.length() - CHECK;
        return check(text.substring(0, end - 1)).equals(text.substring(end))
                ? Optional.of(new ApiKey(text))
                : Optional.empty();
    }

    private static String check(CharSequence text) {
        var crc = new CRC32();
        crc.update(text.toString().getBytes(StandardCharsets.US_ASCII));
        long rest = crc.getValue();
        var check = new char[CHECK];
        for (int i = CHECK - 1; i >= 0; i--) {
            check[i] = LETTERS.charAt((int) (rest % LETTERS.length()));
            rest /= LETTERS.length();
        }
        return new String(check);
    }

    /** Enough to find it again in a program's settings: its last four characters. */
    String hint() {
        return text.substring(text.length() - 4);
    }

    /** A plain hash: nobody guesses 256 bits back. */
    byte[] hash() {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.US_ASCII));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return "ApiKey[..." + hint() + "]";
    }
}
