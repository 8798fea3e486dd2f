package io.cybershield.hunt;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/** How far the reading has come. Any number of threads may count. */
final class Progress {

    private static final int WIDEST_BAR = 24;

    private final int files;
    private final long bytes;
    private final LongAdder filesRead = new LongAdder();
    private final LongAdder bytesRead = new LongAdder();
    private final LongAdder events = new LongAdder();
    private final LongAdder hits = new LongAdder();

    /**
     * @param bytes of all files together, as far as known
     */
    Progress(int files, long bytes) {
        this.files = files;
        this.bytes = bytes;
    }

    void file() {
        filesRead.increment();
    }

    void events(long more, long moreHits) {
        events.add(more);
        hits.add(moreHits);
    }

    long events() {
        return events.sum();
    }

    long hits() {
        return hits.sum();
    }

    InputStream counted(InputStream in) {
        return new FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                int b = super.read();
                bytesRead.add(b < 0 ? 0 : 1);
                return b;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int n = super.read(into, offset, length);
                bytesRead.add(Math.max(0, n));
                return n;
            }
        };
    }

    /** A line of at most that many columns. */
    String line(int columns, Duration since) {
        double done = bytes == 0 ? 0 : Math.min(1.0, (double) bytesRead.sum() / bytes);
        double seconds = Math.max(0.001, since.toMillis() / 1000.0);
        String tail =
                String.format(
                        Locale.ROOT,
                        "%3.0f%%  %,d/%,d files  %,.0f events/s  %,d hits%s",
                        100 * done,
                        filesRead.sum(),
                        files,
                        events.sum() / seconds,
                        hits.sum(),
                        left(done, seconds));
        int room = Math.clamp(columns - 3L - tail.length(), 0, WIDEST_BAR);
        int filled = (int) (room * done);
        String line =
                room < 4
                        ? tail
                        : "[" + "#".repeat(filled) + ".".repeat(room - filled) + "] " + tail;
        return line.length() <= columns ? line : line.substring(0, columns);
    }

    /** Judged by the pace so far; nothing is said before there is one. */
    private static String left(double done, double seconds) {
        if (done <= 0.01 || seconds < 0.5) {
            return "";
        }
        long left = Math.round(seconds * (1 - done) / done);
        return left >= 3600
                ? String.format(
                        Locale.ROOT, "  %d:%02d:%02d left", left / 3600, left / 60 % 60, left % 60)
                : String.format(Locale.ROOT, "  %d:%02d left", left / 60, left % 60);
    }
}
