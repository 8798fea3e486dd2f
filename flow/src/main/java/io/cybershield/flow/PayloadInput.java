package io.cybershield.flow;

import io.cybershield.engine.Payload;
import java.io.InputStream;

/** A content from some place on, read piece by piece. */
public final class PayloadInput extends InputStream {
    private final PayloadSource source;
    private final Payload payload;
    private long at;

    public PayloadInput(PayloadSource source, Payload payload, long from) {
        this.source = source;
        this.payload = payload;
        this.at = from;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (at >= payload.bytes()) {
            return -1;
        }
        byte[] chunk = source.chunk(payload, (int) (at / PayloadWriter.CHUNK));
        int from = (int) (at % PayloadWriter.CHUNK);
        int part = Math.min(length, chunk.length - from);
        if (part <= 0) {
            throw new PayloadSource.Unreadable(payload + " is shorter than it says.");
        }
        System.arraycopy(chunk, from, into, offset, part);
        at += part;
        return part;
    }
}
