package io.cybershield.ingest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Takes a TCP stream apart into messages (RFC 6587): by counted octets where a message begins with
 * its length, else by line feeds. A message that is too long is skipped and told, and the next one
 * is found again.
 */
final class SyslogFrames {
    static final int MAX_MESSAGE = 1 << 20;
    private static final int MOST_DIGITS = 9;
    private final PushbackInputStream in;
    private long tooLong;

    SyslogFrames(InputStream in) {
        this.in = new PushbackInputStream(in, MOST_DIGITS + 1);
    }

    /** Messages skipped so far because of their length. */
    long tooLong() {
        return tooLong;
    }

    /** The next message without its frame; null at the end of the stream. */
    byte @Nullable [] next() throws IOException {
        while (true) {
            int first = in.read();
            if (first < 0) {
                return null;
            }
            if (first == '\n' || first == '\r' || first == 0) {
                continue;
            }
            in.unread(first);
            long length = first >= '1' && first <= '9' ? length() : -1;
            byte[] message = length < 0 ? line() : counted(length);
            if (message == null) {
                tooLong++;
            } else if (message.length > 0) {
                return message;
            }
        }
    }

    /** The length that a counted message begins with; -1, with nothing read, if it has none. */
    private long length() throws IOException {
        byte[] read = new byte[MOST_DIGITS + 1];
        int n = 0;
        long length = 0;
        while (n <= MOST_DIGITS) {
            int b = in.read();
            if (b < 0) {
                break;
            }
            read[n++] = (byte) b;
            if (b == ' ' && n > 1) {
                return length;
            }
            if (b < '0' || b > '9') {
                break;
            }
            length = length * 10 + (b - '0');
        }
        in.unread(read, 0, n);
        return -1;
    }

    private byte @Nullable [] counted(long length) throws IOException {
        if (length > MAX_MESSAGE) {
            in.skipNBytes(length);
            return null;
        }
        byte[] message = in.readNBytes((int) length);
        int end = message.length;
        while (end > 0 && (message[end - 1] == '\n' || message[end - 1] == '\r')) {
            end--;
        }
        return end == message.length ? message : java.util.Arrays.copyOf(message, end);
    }

    private byte @Nullable [] line() throws IOException {
        var line = new ByteArrayOutputStream(256);
        boolean over = false;
        int b;
        while ((b = in.read()) >= 0 && b != '\n' && b != 0) {
            if (line.size() >= MAX_MESSAGE) {
                over = true;
            } else {
                line.write(b);
            }
        }
        if (over) {
            return null;
        }
        byte[] message = line.toByteArray();
        return message.length > 0 && message[message.length - 1] == '\r'
                ? java.util.Arrays.copyOf(message, message.length - 1)
                : message;
    }
}
