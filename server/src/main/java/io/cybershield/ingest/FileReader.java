package io.cybershield.ingest;

import io.cybershield.evtx.EvtxFormatException;
import io.cybershield.evtx.EvtxProblem;
import io.cybershield.evtx.EvtxReader;
import io.cybershield.evtx.EvtxRecord;
import io.cybershield.ingest.UploadView.Trouble;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file of records from front to back, whatever it is: EVTX, JSON (an array, objects one per
 * line or spread over lines), lines of text; plain, gzip, or a zip of these. What cannot be read is
 * told with its place and the mend; the rest is read on.
 */
final class FileReader {
    /** What reading yields. */
    interface Sink {
        void record(String format, byte[] body);

        /**
         * @param lost whether a record was lost, as against a warning
         */
        void trouble(Trouble trouble, boolean lost);
    }

    /**
     * @param unpackedBytes of all that is in the file
     * @param ratio unpacked bytes for each byte of the file, past the first 8 MiB
     * @param entries of a zip
     */
    record Limits(long unpackedBytes, int ratio, int entries, int recordBytes) {
        static final Limits DEFAULT = new Limits(8L << 30, 200, 10_000, 1 << 20);
    }

    private static final long RATIO_FROM = 8 << 20;
    private final Limits limits;
    private final Sink sink;
    private long packed;
    private long unpacked;

    /** Ends the reading of the whole file. */
    private static final class Stop extends IOException {
        private static final long serialVersionUID = 1L;
        private final transient Trouble trouble;

        Stop(Trouble trouble) {
            super(trouble.problem());
            this.trouble = trouble;
        }
    }

    FileReader(Limits limits, Sink sink) {
        this.limits = limits;
        this.sink = sink;
    }

    /**
     * @throws IOException when the stream itself fails; never for what it holds
     */
    void read(String name, InputStream in) throws IOException {
        try {
            any(name, buffered(new Packed(in)), 0);
        } catch (Stop stop) {
            sink.trouble(stop.trouble, true);
        }
    }

    private void any(String name, BufferedInputStream in, int depth) throws IOException {
        byte[] head = peek(in, 16);
        if (startsWith(head, 'P', 'K', 3, 4) || startsWith(head, 'P', 'K', 5, 6)) {
            if (depth > 0) {
                nested(name);
                return;
            }
            zip(name, in);
        } else if (head.length >= 2 && (head[0] & 0xff) == 0x1f && (head[1] & 0xff) == 0x8b) {
            if (depth > 1) {
                nested(name);
                return;
            }
            gzip(name, in, depth);
        } else if (startsWith(head, 'E', 'l', 'f')) {
            evtx(name, in);
        } else if (head.length == 0) {
            sink.trouble(new Trouble(name, "The file is empty.", "Choose another file."), false);
        } else if (looksBinary(head)) {
            sink.trouble(
                    new Trouble(
                            name,
                            "The file is neither an event log nor text.",
                            "Upload .evtx, .json, .jsonl or .log, plain, .gz or .zip."),
                    true);
        } else {
            text(name, in);
        }
    }

    private void nested(String name) {
        sink.trouble(
                new Trouble(
                        name,
                        "An archive inside an archive is not read.",
                        "Unpack it and upload it by itself."),
                true);
    }

    private void zip(String name, InputStream in) throws IOException {
        // Not closed: the stream is the caller's.
        var zip = new ZipInputStream(in, StandardCharsets.UTF_8);
        int entries = 0;
        try {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (++entries > limits.entries()) {
                    throw new Stop(
                            new Trouble(
                                    name,
                                    "The archive has more than "
                                            + limits.entries()
                                            + " entries; reading stopped there.",
                                    "Upload it in several archives."));
                }
                if (!entry.isDirectory()) {
                    var unpacked = new Unpacked(name, zip);
                    any(entry.getName(), buffered(unpacked), 1);
                    // What nobody wanted to read is unpacked too, so it counts too.
                    unpacked.transferTo(OutputStream.nullOutputStream());
                }
            }
        } catch (ZipException | EOFException | IllegalArgumentException e) {
            throw new Stop(damaged(name, entries == 0 ? "" : " after entry " + entries, e));
        }
        if (entries == 0) {
            throw new Stop(new Trouble(name, "The archive is empty or damaged.", "Pack it again."));
        }
    }

    private void gzip(String name, InputStream in, int depth) throws IOException {
        try {
            any(name, buffered(new Unpacked(name, new GZIPInputStream(in, 1 << 16))), depth + 1);
        } catch (ZipException | EOFException e) {
            throw new Stop(damaged(name, "", e));
        }
    }

    private static Trouble damaged(String name, String where, Exception e) {
        return new Trouble(
                name + where,
                "The compressed data are damaged: "
                        + e.getMessage()
                        + ". What came before was read.",
                "Compress the file again and upload it.");
    }

    private void evtx(String name, InputStream in) throws IOException {
        try {
            EvtxReader reader = EvtxReader.open(in);
            for (EvtxRecord record = reader.next(); record != null; record = reader.next()) {
                emit(
                        name + ", record " + record.recordId(),
                        "evtx",
                        record.toJson().getBytes(StandardCharsets.UTF_8));
            }
            for (EvtxProblem problem : reader.report().problems()) {
                sink.trouble(
                        new Trouble(
                                name
                                        + ", "
                                        + (problem.chunk() < 0
                                                ? "header"
                                                : "chunk " + problem.chunk())
                                        + ", byte "
                                        + problem.offset(),
                                problem.what(),
                                "Records elsewhere in the file were read. Export the log again if"
                                        + " these matter."),
                        problem.skippedBytes() > 0);
            }
        } catch (EvtxFormatException e) {
            sink.trouble(
                    new Trouble(
                            name, String.valueOf(e.getMessage()), "Choose an exported event log."),
                    true);
        }
    }

    private void text(String name, BufferedInputStream in) throws IOException {
        int first = firstVisible(in);
        if (first == '[') {
            new JsonSplitter(name).split(in);
            return;
        }
        if (first == '{') {
            in.mark(limits.recordBytes() + 2);
            byte[] line = line(in, limits.recordBytes());
            boolean oneEach = line != null && BodyReader.problemOf(line) == null;
            in.reset();
            if (!oneEach) {
                new JsonSplitter(name).split(in);
                return;
            }
        }
        lines(name, in, first == '{');
    }

    private void lines(String name, InputStream in, boolean json) throws IOException {
        long number = 0;
        var line = new ByteArrayOutputStream();
        byte[] chunk = new byte[1 << 16];
        boolean tooLong = false;
        int n;
        while ((n = in.read(chunk)) >= 0) {
            int start = 0;
            for (int i = 0; i < n; i++) {
                if (chunk[i] == '\n') {
                    append(line, chunk, start, i);
                    tooLong |= line.size() > limits.recordBytes();
                    line(name, ++number, line.toByteArray(), json, tooLong);
                    line.reset();
                    tooLong = false;
                    start = i + 1;
                }
            }
            append(line, chunk, start, n);
            tooLong |= line.size() > limits.recordBytes();
        }
        if (line.size() > 0) {
            line(name, ++number, line.toByteArray(), json, tooLong);
        }
    }

    private void append(ByteArrayOutputStream line, byte[] chunk, int from, int to) {
        int room = limits.recordBytes() + 1 - line.size();
        line.write(chunk, from, Math.min(to - from, Math.max(0, room)));
    }

    private void line(String name, long number, byte[] raw, boolean json, boolean tooLong) {
        String place = name + ", line " + number;
        byte[] body =
                raw.length > 0 && raw[raw.length - 1] == '\r'
                        ? java.util.Arrays.copyOf(raw, raw.length - 1)
                        : raw;
        if (tooLong) {
            sink.trouble(tooLarge(place), true);
        } else if (json && !isBlank(body)) {
            String problem = BodyReader.problemOf(body);
            if (problem == null) {
                sink.record("json", body);
            } else {
                sink.trouble(
                        new Trouble(place, problem, "Mend the line and upload it again."), true);
            }
        } else if (!isBlank(body)) {
            sink.record("syslog", body);
        }
    }

    private static Trouble tooLarge(String place) {
        return new Trouble(
                place, "The record is larger than 1 MiB.", "Shorten it and upload it again.");
    }

    private void emit(String place, String format, byte[] body) {
        if (body.length > limits.recordBytes()) {
            sink.trouble(tooLarge(place), true);
        } else {
            sink.record(format, body);
        }
    }

    /** Cuts out each outermost object byte by byte, so that records stay as they were written. */
    private final class JsonSplitter {
        private final String name;
        private final ByteArrayOutputStream record = new ByteArrayOutputStream();
        private long line = 1;
        private long startLine = 1;
        private int depth;
        private boolean inString;
        private boolean escaped;
        private boolean junk;
        private boolean tooLong;

        JsonSplitter(String name) {
            this.name = name;
        }

        void split(InputStream in) throws IOException {
            byte[] chunk = new byte[1 << 16];
            int n;
            while ((n = in.read(chunk)) >= 0) {
                for (int i = 0; i < n; i++) {
                    take(chunk[i]);
                }
            }
            if (depth > 0) {
                sink.trouble(
                        new Trouble(
                                name + ", line " + startLine,
                                "The object that begins here never ends.",
                                "The file seems cut off; what came before was read."),
                        true);
            }
        }

        private void take(byte b) {
            if (b == '\n') {
                line++;
            }
            if (depth == 0) {
                outside(b);
                return;
            }
            if (record.size() <= limits.recordBytes()) {
                record.write(b);
            } else {
                tooLong = true;
            }
            if (inString) {
                if (escaped) {
                    escaped = false;
                } else if (b == '\\') {
                    escaped = true;
                } else if (b == '"') {
                    inString = false;
                }
            } else if (b == '"') {
                inString = true;
            } else if (b == '{' || b == '[') {
                depth++;
            } else if ((b == '}' || b == ']') && --depth == 0) {
                end();
            }
        }

        private void outside(byte b) {
            if (b == '{') {
                junk = false;
                depth = 1;
                startLine = line;
                record.reset();
                record.write(b);
                tooLong = false;
            } else if (b == '\n') {
                junk = false;
            } else if (!junk && b != ',' && b != '[' && b != ']' && b > ' ') {
                junk = true; // told once per line
                sink.trouble(
                        new Trouble(
                                name + ", line " + line,
                                "Here should be a JSON object.",
                                "Write each record as {...}."),
                        true);
            }
        }

        private void end() {
            String place = name + ", line " + startLine;
            byte[] body = record.toByteArray();
            String problem = tooLong ? null : BodyReader.problemOf(body);
            if (tooLong) {
                sink.trouble(tooLarge(place), true);
            } else if (problem == null) {
                sink.record("json", body);
            } else {
                sink.trouble(
                        new Trouble(place, problem, "Mend the record and upload it again."), true);
            }
        }
    }

    private static boolean isBlank(byte[] line) {
        for (byte b : line) {
            if (b != ' ' && b != '\t') {
                return false;
            }
        }
        return true;
    }

    private static BufferedInputStream buffered(InputStream in) {
        return new BufferedInputStream(in, 1 << 16);
    }

    private static byte[] peek(BufferedInputStream in, int length) throws IOException {
        in.mark(length);
        byte[] head = in.readNBytes(length);
        in.reset();
        return head;
    }

    /**
     * Skips blanks and a byte order mark; -1 when nothing follows in the first part of the file.
     */
    private static int firstVisible(BufferedInputStream in) throws IOException {
        byte[] mark = peek(in, 3);
        if (mark.length == 3
                && (mark[0] & 0xff) == 0xef
                && (mark[1] & 0xff) == 0xbb
                && (mark[2] & 0xff) == 0xbf) {
            in.skipNBytes(3);
        }
        for (byte b : peek(in, 4_096)) {
            if (b > ' ') {
                return b;
            }
        }
        return -1;
    }

    private static byte @Nullable [] line(InputStream in, int most) throws IOException {
        var line = new ByteArrayOutputStream();
        int b;
        while ((b = in.read()) >= 0 && b != '\n') {
            if (line.size() >= most) {
                return null;
            }
            line.write(b);
        }
        return line.toByteArray();
    }

    private static boolean looksBinary(byte[] head) {
        for (byte b : head) {
            if (b >= 0 && b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != 0x1b
                    && b != '\f') {
                return true;
            }
        }
        return false;
    }

    private static boolean startsWith(byte[] head, int... signature) {
        if (head.length < signature.length) {
            return false;
        }
        for (int i = 0; i < signature.length; i++) {
            if (head[i] != signature[i]) {
                return false;
            }
        }
        return true;
    }

    /** Counts the bytes of the file itself. */
    private final class Packed extends InputStream {
        private final InputStream in;

        Packed(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            int b = in.read();
            packed += b < 0 ? 0 : 1;
            return b;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int n = in.read(into, offset, length);
            packed += Math.max(0, n);
            return n;
        }
    }

    /** Counts what comes out of an archive, and stops a bomb. */
    private final class Unpacked extends InputStream {
        private final String name;
        private final InputStream in;

        Unpacked(String name, InputStream in) {
            this.name = name;
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int n = in.read(into, offset, length);
            if (n > 0) {
                unpacked += n;
                if (unpacked > limits.unpackedBytes()
                        || unpacked > RATIO_FROM && unpacked > packed * limits.ratio()) {
                    throw new Stop(
                            new Trouble(
                                    name,
                                    "The archive unpacks to more than "
                                            + (unpacked > limits.unpackedBytes()
                                                    ? limits.unpackedBytes() + " bytes"
                                                    : limits.ratio() + " times its size")
                                            + "; reading stopped there.",
                                    "Upload it in several archives, or unpacked."));
                }
            }
            return n;
        }
    }
}
