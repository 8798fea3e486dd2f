package io.cybershield.access;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Passwords that guessing begins with, of those that are long enough for us: what people use most,
 * by hash ({@code common-passwords.NOTICE.md} says from where), and keyboard runs of our own.
 */
final class CommonPasswords {
    private final long[] used = readHashes();
    private final Set<String> composed = readComposed();

    /** Capitals do not matter. */
    boolean contains(String password) {
        String lower = password.toLowerCase(Locale.ROOT);
        return composed.contains(lower) || Arrays.binarySearch(used, hash(lower)) >= 0;
    }

    /** How many of the most used ones. */
    int size() {
        return used.length;
    }

    private static long hash(String lower) {
        try {
            return ByteBuffer.wrap(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(
                                            ("common-password:" + lower)
                                                    .getBytes(StandardCharsets.UTF_8)))
                    .getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static InputStream open(String name) {
        InputStream stream = CommonPasswords.class.getResourceAsStream("/access/" + name);
        if (stream == null) {
            throw new IllegalStateException(name + " is missing from the jar");
        }
        return stream;
    }

    private static long[] readHashes() {
        try (var in = open("common-passwords.bin")) {
            var bytes = ByteBuffer.wrap(in.readAllBytes()).asLongBuffer();
            long[] hashes = new long[bytes.remaining()];
            bytes.get(hashes);
            return hashes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> readComposed() {
        try (var in =
                new BufferedReader(
                        new InputStreamReader(
                                open("common-passwords.txt"), StandardCharsets.UTF_8))) {
            return in.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
