package io.cybershield.inputs;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;

/** UTF-16 with a byte order mark, as PowerShell writes it, given as UTF-8. */
final class Utf16Stream extends InputStream {

    private final Reader reader;
    private final char[] chars = new char[8192];
    private byte[] bytes = {};
    private int at;
    private int carried;

    Utf16Stream(InputStream in) {
        reader = new InputStreamReader(in, StandardCharsets.UTF_16);
    }

    @Override
    public int read() throws IOException {
        return fill() ? bytes[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int n = Math.min(length, bytes.length - at);
        System.arraycopy(bytes, at, into, offset, n);
        at += n;
        return n;
    }

    private boolean fill() throws IOException {
        while (at == bytes.length) {
            int n = reader.read(chars, carried, chars.length - carried);
            if (n < 0 && carried == 0) {
                return false;
            }
            int length = carried + Math.max(0, n);
            // A surrogate waits for its other half.
            boolean split = n >= 0 && Character.isHighSurrogate(chars[length - 1]);
            int whole = split ? length - 1 : length;
            bytes = new String(chars, 0, whole).getBytes(StandardCharsets.UTF_8);
            at = 0;
            carried = split ? 1 : 0;
            if (split) {
                chars[0] = chars[whole];
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
