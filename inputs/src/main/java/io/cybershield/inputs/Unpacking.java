package io.cybershield.inputs;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;

/** What comes out of one file that was given, all its archives together; stops a bomb. */
public final class Unpacking {

    private final InputLimits limits;
    private final long packed;
    private final AtomicLong unpacked = new AtomicLong();

    /**
     * @param packed size of the file that was given
     */
    public Unpacking(InputLimits limits, long packed) {
        this.limits = limits;
        this.packed = packed;
    }

    /** The input would not end. */
    static final class Bomb extends IOException {
        private static final long serialVersionUID = 1L;

        Bomb(String most) {
            super("unpacks to more than %s, as no log does; reading stopped".formatted(most));
        }
    }

    void check() throws Bomb {
        long bytes = unpacked.get();
        if (bytes > limits.ratioFrom() && bytes / limits.ratio() > packed) {
            throw new Bomb("%,d times its size".formatted(limits.ratio()));
        }
        if (bytes > limits.unpackedBytes()) {
            throw new Bomb("%,d bytes".formatted(limits.unpackedBytes()));
        }
    }

    /** The stream, counted. */
    public InputStream guard(InputStream in) {
        return new FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                int b = super.read();
                count(b < 0 ? 0 : 1);
                return b;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int n = super.read(into, offset, length);
                count(n);
                return n;
            }

            /** None, or a buffer would read on into the damage and lose what it already has. */
            @Override
            public int available() {
                return 0;
            }

            @Override
            public boolean markSupported() {
                return false;
            }
        };
    }

    private void count(int bytes) throws Bomb {
        if (bytes > 0) {
            unpacked.addAndGet(bytes);
            check();
        }
    }
}
