package io.cybershield.flow;

import io.cybershield.engine.Payload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Cuts a content into pieces and computes its hash: SHA-256 over a first line, the length and the
 * SHA-256 of each piece, so that one piece can be checked without the others (ADR 020).
 */
public final class PayloadWriter extends OutputStream {
    /** Length of each piece but the last. */
    public static final int CHUNK = 1 << 20;

    private static final int SMALL = 16 << 10;
    private static final String FORM = "cybershield-payload-1\n";

    /** Takes the pieces in order. */
    @FunctionalInterface
    public interface Chunks {
        /**
         * @param buffer used again for the next piece
         */
        void take(int number, byte[] buffer, int length) throws IOException;
    }

    private final Chunks chunks;
    private final ByteArrayOutputStream hashes = new ByteArrayOutputStream();
    private byte[] buffer = new byte[SMALL];
    private int filled;
    private int number;
    private long bytes;

    public PayloadWriter(Chunks chunks) {
        this.chunks = chunks;
    }

    /** What was written so far. */
    public long bytes() {
        return bytes;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        int at = offset;
        int left = length;
        while (left > 0) {
            if (filled == buffer.length) {
                if (filled < CHUNK) {
                    buffer = java.util.Arrays.copyOf(buffer, Math.min(CHUNK, filled * 8));
                } else {
                    emit();
                }
            }
            int part = Math.min(left, buffer.length - filled);
            System.arraycopy(from, at, buffer, filled, part);
            filled += part;
            at += part;
            left -= part;
            bytes += part;
        }
    }

    private void emit() throws IOException {
        hashes.writeBytes(sha256(buffer, filled));
        chunks.take(number++, buffer, filled);
        filled = 0;
    }

    /**
     * What was written.
     *
     * @param chunkHashes 32 bytes for each piece, in order
     */
    public record Content(String hash, long bytes, byte[] chunkHashes) {
        public Payload as(Payload.Kind kind) {
            return new Payload(hash, bytes, kind);
        }
    }

    /** Hands out the last piece; nothing may be written after it. */
    public Content finish() throws IOException {
        if (filled > 0 || number == 0) {
            emit();
        }
        byte[] all = hashes.toByteArray();
        return new Content(hash(bytes, all), bytes, all);
    }

    /** The hash of a content whose pieces have these hashes. */
    public static String hash(long bytes, byte[] chunkHashes) {
        MessageDigest digest = digest();
        digest.update((FORM + bytes + "\n").getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().formatHex(digest.digest(chunkHashes));
    }

    /** How many pieces a content of that length has. */
    public static int chunks(long bytes) {
        return (int) Math.max(1, (bytes + CHUNK - 1) / CHUNK);
    }

    /** Whether a piece is what the hashes say. */
    public static boolean isChunk(byte[] chunkHashes, int number, byte[] chunk) {
        byte[] hash = sha256(chunk, chunk.length);
        return (number + 1) * 32 <= chunkHashes.length
                && MessageDigest.isEqual(
                        hash,
                        java.util.Arrays.copyOfRange(chunkHashes, number * 32, number * 32 + 32));
    }

    private static byte[] sha256(byte[] bytes, int length) {
        MessageDigest digest = digest();
        digest.update(bytes, 0, length);
        return digest.digest();
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
