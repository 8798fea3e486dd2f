package io.cybershield.inputs;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Lines as bytes, without their ends; one that is too long is passed over, but numbered. */
public final class Lines {

    private static final byte[] NOTHING = {};

    private final InputStream in;
    private final int longest;
    private final byte[] chunk = new byte[1 << 16];
    private int at;
    private int end;
    private long number;
    private boolean tooLong;

    /**
     * @param longest bytes of a line that is kept
     */
    public Lines(InputStream in, int longest) {
        this.in = in;
        this.longest = longest;
    }

    /** The next line, or null at the end. */
    public byte @Nullable [] next() throws IOException {
        byte[] kept = NOTHING;
        boolean any = false;
        tooLong = false;
        while (true) {
            if (at == end) {
                end = Math.max(0, in.read(chunk));
                at = 0;
                if (end == 0) {
                    if (!any) {
                        return null;
                    }
                    number++;
                    return trimmed(kept);
                }
            }
            any = true;
            int stop = at;
            while (stop < end && chunk[stop] != '\n') {
                stop++;
            }
            if (!tooLong) {
                tooLong = (long) kept.length + stop - at > longest;
                kept = tooLong ? NOTHING : joined(kept, at, stop);
            }
            boolean whole = stop < end;
            at = whole ? stop + 1 : stop;
            if (whole) {
                number++;
                return trimmed(kept);
            }
        }
    }

    private byte[] joined(byte[] kept, int from, int to) {
        if (kept.length == 0) {
            return Arrays.copyOfRange(chunk, from, to);
        }
        byte[] both = Arrays.copyOf(kept, kept.length + to - from);
        System.arraycopy(chunk, from, both, kept.length, to - from);
        return both;
    }

    private static byte[] trimmed(byte[] line) {
        return line.length > 0 && line[line.length - 1] == '\r'
                ? Arrays.copyOf(line, line.length - 1)
                : line;
    }

    /** Of the line given last, from 1. */
    public long number() {
        return number;
    }

    /** Whether the line given last was too long to be kept. */
    public boolean tooLong() {
        return tooLong;
    }

    public static boolean isBlank(byte[] line) {
        for (byte b : line) {
            if (b != ' ' && b != '\t' && b != 0) {
                return false;
            }
        }
        return true;
    }
}
