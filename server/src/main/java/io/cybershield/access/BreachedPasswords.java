package io.cybershield.access;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Passwords that were seen in breaches, by a file on this machine: nothing of a password leaves it.
 *
 * <p>The file has one SHA-1 in hexadecimal a line, in order, each perhaps followed by a colon and
 * how often it was seen: as Have I Been Pwned gives it out. It is searched where it lies, so it may
 * have any size.
 */
@Component
final class BreachedPasswords {
    private static final int HASH = 40;
    private static final int LONGEST_LINE = 128;
    private final @Nullable Path file;

    @Autowired
    BreachedPasswords(AccessSettings settings) {
        this(settings.breachedPasswords());
    }

    /**
     * @param file null for none
     * @throws IllegalArgumentException if it cannot be read, or is not in order
     */
    BreachedPasswords(@Nullable Path file) {
        this.file = file;
        if (file != null) {
            try (var lines = new RandomAccessFile(file.toFile(), "r")) {
                checkOrder(lines, file);
            } catch (IOException e) {
                throw new IllegalArgumentException(
                        "cybershield.access.breached-passwords: " + file + " cannot be read", e);
            }
        }
    }

    /** Whether it was seen; false where there is no file. */
    boolean contains(String password) {
        if (file == null) {
            return false;
        }
        String wanted = hash(password);
        try (var lines = new RandomAccessFile(file.toFile(), "r")) {
            long low = 0;
            long high = lines.length();
            while (low < high) {
                long middle = (low + high) >>> 1;
                long start = lineFrom(lines, middle, low);
                String line = hashAt(lines, start);
                int order = line.compareTo(wanted);
                if (order == 0) {
                    return true;
                }
                if (order < 0) {
                    low = lines.getFilePointer();
                } else {
                    high = start;
                }
            }
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("The list of breached passwords " + file, e);
        }
    }

    /** Where the line begins that has this place in it; not before {@code low}. */
    private static long lineFrom(RandomAccessFile lines, long place, long low) throws IOException {
        long from = Math.max(low, place - LONGEST_LINE);
        var before = new byte[(int) (place - from)];
        lines.seek(from);
        lines.readFully(before);
        for (int i = before.length - 1; i >= 0; i--) {
            if (before[i] == '\n') {
                return from + i + 1;
            }
        }
        return from;
    }

    /** The hash in the line that begins there; the file's pointer is at the next line then. */
    private static String hashAt(RandomAccessFile lines, long start) throws IOException {
        var block = new byte[(int) Math.min(LONGEST_LINE, lines.length() - start)];
        lines.seek(start);
        lines.readFully(block);
        int end = 0;
        while (end < block.length && block[end] != '\n') {
            end++;
        }
        lines.seek(start + Math.min(end + 1, block.length));
        return end < HASH
                ? ""
                : new String(block, 0, HASH, StandardCharsets.US_ASCII).toUpperCase(Locale.ROOT);
    }

    /** A look at places all over it: a file in the order of its counts would find nothing. */
    private static void checkOrder(RandomAccessFile lines, Path file) throws IOException {
        int looks = (int) Math.clamp(lines.length() / HASH, 1, 1_000);
        String before = "";
        for (int i = 0; i < looks; i++) {
            long place = lines.length() * i / looks;
            String hash = hashAt(lines, lineFrom(lines, place, 0));
            if (!hash.matches("[0-9A-F]{40}") || hash.compareTo(before) < 0) {
                throw new IllegalArgumentException(
                        "cybershield.access.breached-passwords: "
                                + file
                                + " is not a list of SHA-1 in hexadecimal, one a line, in order;"
                                + " look near byte "
                                + place
                                + ". Take the version of the list that is ordered by hash.");
            }
            before = hash;
        }
    }

    private static String hash(String password) {
        try {
            return HexFormat.of()
                    .withUpperCase()
                    .formatHex(
                            MessageDigest.getInstance("SHA-1")
                                    .digest(password.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
