package io.cybershield.inputs;

import static io.cybershield.inputs.Archives.startsWith;

import io.cybershield.evtx.EvtxFormatException;
import io.cybershield.evtx.EvtxProblem;
import io.cybershield.evtx.EvtxReader;
import io.cybershield.evtx.EvtxRecord;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads one member from front to back, whatever it is: EVTX, JSON (arrays, objects one per line or
 * spread over lines), lines of logs; plain, gzip or zip, also one in the other. Told by content,
 * not by name. Damage ends no more than it must.
 */
public final class InputReader {

    /** What reading gives, in order. */
    public interface Sink {
        /**
         * A file begins; what began before has ended. All that follows is of it.
         *
         * @param name of an entry: {@code archive.zip/folder/name}
         * @param modified settles the year of times that have none
         */
        void begin(String name, Instant modified);

        /**
         * @param line where the object begins, from 1
         */
        void json(long line, byte[] object);

        /** A line that is not blank, without its end; not known to be UTF-8. */
        void line(long number, byte[] line);

        void evtx(EvtxRecord record);

        void trouble(Trouble trouble);
    }

    /** Opens an input from its beginning. */
    public interface Opener {
        InputStream open() throws IOException;
    }

    private static final int HEAD = 4096;

    /** Documents that hold their events in one list: CloudTrail, Azure, Elasticsearch. */
    private static final Pattern WRAPPED =
            Pattern.compile(
                    "\\s*\\{\\s*\"(?:Records|records|Events|events|value|logs|hits)\"\\s*:\\s*\\[\\s*[{\\]].*",
                    Pattern.DOTALL);

    private final InputLimits limits;
    private final Sink sink;
    private Instant modified = Instant.EPOCH;
    private Unpacking unpacking;
    private long records;

    public InputReader(InputLimits limits, Sink sink) {
        this.limits = limits;
        this.sink = sink;
        this.unpacking = new Unpacking(limits, 0);
    }

    /**
     * Reads one input to its end; never fails for what it holds.
     *
     * @param changed when the input was; settles the year of times that have none
     * @param of what the file or archive that this is part of may unpack to
     */
    public void read(String name, Instant changed, Unpacking of, Opener opener) {
        modified = changed;
        unpacking = of;
        try {
            unpacking.check();
            try (InputStream in = opener.open()) {
                any(name, buffered(in), 0);
            }
        } catch (Unpacking.Bomb e) {
            skip(
                    name,
                    "its archive " + e.getMessage(),
                    "if you trust it, unpack it and give what it holds");
        } catch (IOException e) {
            skip(name, "cannot be read: " + Reasons.of(e), "");
        }
    }

    private void begin(String name) {
        records = 0;
        sink.begin(name, modified);
    }

    private void skip(String name, String problem, String mend) {
        begin(name);
        sink.trouble(Trouble.skipped(problem, mend));
    }

    private void lost(String place, String problem, String mend) {
        sink.trouble(new Trouble(Trouble.Kind.DAMAGED, place, problem, mend));
    }

    private void broken(IOException e) {
        lost("after record " + records, "reading ended here: " + Reasons.of(e), "");
    }

    /** Throws only what comes before anything of the file was read. */
    private void any(String name, BufferedInputStream in, int depth) throws IOException {
        byte[] head = peek(in, HEAD);
        if (Archives.isZip(head)) {
            nested(name, depth, () -> zip(name, in, depth));
        } else if (Archives.isGzip(head)) {
            nested(
                    name,
                    depth,
                    () ->
                            any(
                                    name,
                                    buffered(unpacking.guard(new GZIPInputStream(in, 1 << 16))),
                                    depth + 1));
        } else if (startsWith(head, 'E', 'l', 'f', 'F')
                || startsWith(head, 'E', 'l', 'f', 'C')
                || name.toLowerCase(Locale.ROOT).endsWith(".evtx") && head.length > 0) {
            begin(name);
            evtx(in);
        } else if (startsWith(head, 0xff, 0xfe) || startsWith(head, 0xfe, 0xff)) {
            begin(name);
            text(buffered(new Utf16Stream(in)));
        } else {
            begin(name);
            Trouble foreign = foreign(head);
            if (foreign == null) {
                text(in);
            } else {
                sink.trouble(foreign);
            }
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private void nested(String name, int depth, Step step) throws IOException {
        if (depth >= limits.nested()) {
            skip(
                    name,
                    "is nested in more than %d archives".formatted(limits.nested()),
                    "unpack the outer ones");
            return;
        }
        step.run();
    }

    private void zip(String name, InputStream in, int depth) throws IOException {
        // Not closed: the stream is the caller's.
        var zip = new ZipInputStream(in, StandardCharsets.UTF_8);
        int entries = 0;
        try {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (++entries > limits.entries()) {
                    skip(
                            name,
                            "has more than %,d entries; reading stopped there"
                                    .formatted(limits.entries()),
                            "give it in several archives");
                    return;
                }
                if (entry.isDirectory()) {
                    continue;
                }
                if (entry.getTime() >= 0) {
                    modified = Instant.ofEpochMilli(entry.getTime());
                }
                InputStream content = unpacking.guard(zip);
                any(name + "/" + Archives.display(entry.getName()), buffered(content), depth + 1);
                // What nobody wanted to read is unpacked too, so it counts too.
                content.transferTo(java.io.OutputStream.nullOutputStream());
            }
        } catch (Unpacking.Bomb e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            begin(name);
            lost(
                    entries == 0 ? "" : "after entry " + entries,
                    "the archive cannot be read on: "
                            + (e instanceof IOException io ? Reasons.of(io) : e.getMessage()),
                    "pack it again");
            return;
        }
        if (entries == 0) {
            skip(name, "is an archive without files, or a damaged one", "pack it again");
        }
    }

    private void evtx(InputStream in) throws IOException {
        var whole = new ToItsEnd(in);
        EvtxReader reader;
        try {
            reader = EvtxReader.open(whole);
        } catch (EvtxFormatException e) {
            sink.trouble(Trouble.skipped(String.valueOf(e.getMessage())));
            return;
        }
        for (EvtxRecord record = reader.next(); record != null; record = reader.next()) {
            records++;
            sink.evtx(record);
        }
        IOException failure = whole.failure;
        if (failure != null) {
            broken(failure);
        }
        for (EvtxProblem problem : reader.report().problems()) {
            String place =
                    (problem.chunk() < 0 ? "file header" : "chunk " + problem.chunk())
                            + ", byte "
                            + problem.offset();
            sink.trouble(
                    problem.skippedBytes() > 0
                            ? Trouble.damaged(
                                    place,
                                    "%s (%,d bytes lost)"
                                            .formatted(problem.what(), problem.skippedBytes()))
                            : Trouble.note(place, problem.what()));
        }
        long more = reader.report().problemCount() - reader.report().problems().size();
        if (more > 0) {
            sink.trouble(Trouble.damaged("", "%,d more problems like these".formatted(more)));
        }
    }

    /** A stream that ends where it fails, so that what came before can still be read. */
    private static final class ToItsEnd extends FilterInputStream {
        private @Nullable IOException failure;

        ToItsEnd(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (failure != null) {
                return -1;
            }
            try {
                return super.read(into, offset, length);
            } catch (IOException e) {
                failure = e;
                return -1;
            }
        }
    }

    private void text(BufferedInputStream in) throws IOException {
        byte[] head = peek(in, HEAD);
        if (startsWith(head, 0xef, 0xbb, 0xbf)) {
            in.skipNBytes(3);
            head = peek(in, HEAD);
        }
        int first = firstVisible(head, 0);
        try {
            if (first < 0) {
                sink.trouble(
                        Trouble.skipped(
                                head.length == 0 ? "is empty" : "holds nothing but blanks"));
            } else if (isWrapped(head)) {
                new ObjectSplitter(true).split(in);
            } else if (isArray(head, first) || head[first] == '{' && !isOnePerLine(in)) {
                new ObjectSplitter(false).split(in);
            } else if (head[first] == '{') {
                lines(in, true);
            } else {
                lines(in, false);
            }
        } catch (IOException e) {
            broken(e);
        }
    }

    private static boolean isWrapped(byte[] head) {
        return WRAPPED.matcher(new String(head, StandardCharsets.ISO_8859_1)).matches();
    }

    /** A bracket begins some log lines too. */
    private static boolean isArray(byte[] head, int first) {
        if (head[first] != '[') {
            return false;
        }
        int next = firstVisible(head, first + 1);
        return next < 0 || head[next] == '{' || head[next] == ']';
    }

    private boolean isOnePerLine(BufferedInputStream in) throws IOException {
        in.mark(limits.recordBytes() + 1);
        byte[] line = firstLine(in);
        in.reset();
        return line != null && Json.isObject(line);
    }

    private byte @Nullable [] firstLine(InputStream in) throws IOException {
        var line = new java.io.ByteArrayOutputStream();
        boolean begun = false;
        for (int b = in.read(); b >= 0; b = in.read()) {
            if (b == '\n' && begun) {
                break;
            }
            begun |= b > ' ';
            if (line.size() >= limits.recordBytes()) {
                return null;
            }
            line.write(b);
        }
        return line.toByteArray();
    }

    private void lines(InputStream in, boolean json) throws IOException {
        var lines = new Lines(in, limits.recordBytes());
        for (byte[] line = lines.next(); line != null; line = lines.next()) {
            if (lines.tooLong()) {
                lost(
                        "line " + lines.number(),
                        "is longer than %,d bytes and was left out".formatted(limits.recordBytes()),
                        "");
            } else if (!Lines.isBlank(line)) {
                records++;
                if (json) {
                    sink.json(lines.number(), line);
                } else {
                    sink.line(lines.number(), line);
                }
            }
        }
    }

    /** Cuts out each outermost object, so that one that is damaged costs itself alone. */
    private final class ObjectSplitter {
        private boolean wrapped;

        /** How many lists around the present place began and did not end. */
        private int lists;

        /** Whether anything but brackets was there. */
        private boolean found;

        private byte[] object = new byte[1 << 16];
        private int size;
        private long line = 1;
        private long startLine = 1;
        private int depth;
        private boolean inString;
        private boolean escaped;
        private boolean junk;
        private boolean tooLong;

        /**
         * @param wrapped whether the list stands inside an object, whose rest is left out
         */
        ObjectSplitter(boolean wrapped) {
            this.wrapped = wrapped;
        }

        void split(InputStream in) throws IOException {
            byte[] chunk = new byte[1 << 16];
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                for (int i = 0; i < n; i++) {
                    take(chunk[i]);
                }
            }
            if (depth > 0) {
                lost(
                        "line " + startLine,
                        "the object that begins here never ends",
                        "is the file cut off?");
            } else if (lists > 0) {
                lost("line " + line, "the list never ends", "is the file cut off?");
            } else if (!found) {
                sink.trouble(Trouble.skipped("holds an empty list"));
            }
        }

        private void take(byte b) {
            if (b == '\n') {
                line++;
            }
            if (wrapped) {
                wrapped = b != '[';
                lists = wrapped ? 0 : 1;
            } else if (depth == 0) {
                outside(b);
            } else {
                inside(b);
            }
        }

        private void inside(byte b) {
            keep(b);
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

        private void keep(byte b) {
            if (size >= limits.recordBytes()) {
                tooLong = true;
                return;
            }
            if (size == object.length) {
                object = Arrays.copyOf(object, 2 * size);
            }
            object[size++] = b;
        }

        private void outside(byte b) {
            if (b == '{') {
                junk = false;
                depth = 1;
                startLine = line;
                size = 0;
                tooLong = false;
                keep(b);
            } else if (b == '\n') {
                junk = false;
            } else if (b == '[') {
                lists++;
            } else if (b == ']') {
                lists = Math.max(0, lists - 1);
            } else if (!junk && b != ',' && b != '}' && b > ' ') {
                found = true;
                junk = true; // told once per line
                lost("line " + line, "here should be a JSON object", "write each record as {...}");
            }
        }

        private void end() {
            found = true;
            if (tooLong) {
                lost(
                        "line " + startLine,
                        "the object is larger than %,d bytes and was left out"
                                .formatted(limits.recordBytes()),
                        "");
            } else {
                records++;
                sink.json(startLine, Arrays.copyOf(object, size));
            }
        }
    }

    private static BufferedInputStream buffered(InputStream in) {
        return new BufferedInputStream(in, 1 << 16);
    }

    private static byte[] peek(BufferedInputStream in, int length) throws IOException {
        in.mark(length);
        try {
            return in.readNBytes(length);
        } finally {
            in.reset();
        }
    }

    private static int firstVisible(byte[] head, int from) {
        for (int i = from; i < head.length; i++) {
            if (head[i] > ' ' || head[i] < 0) {
                return i;
            }
        }
        return -1;
    }

    /** What the bytes look like when they are neither logs nor text; null if they may be. */
    private static @Nullable Trouble foreign(byte[] head) {
        String what = null;
        if (startsWith(head, 0x30, 0, 0, 0, 'L', 'f', 'L', 'e')) {
            return Trouble.skipped(
                    "is an event log of Windows XP (.evt)", "convert it with wevtutil epl");
        } else if (startsWith(head, '7', 'z', 0xbc, 0xaf)) {
            what = "a 7z archive";
        } else if (startsWith(head, 'R', 'a', 'r', '!')) {
            what = "a RAR archive";
        } else if (startsWith(head, 0xfd, '7', 'z', 'X', 'Z')) {
            what = "xz data";
        } else if (startsWith(head, 0x28, 0xb5, 0x2f, 0xfd)) {
            what = "zstd data";
        } else if (startsWith(head, 'B', 'Z', 'h')) {
            what = "bzip2 data";
        } else if (head.length > 262
                && head[257] == 'u'
                && head[258] == 's'
                && head[259] == 't'
                && head[260] == 'a'
                && head[261] == 'r') {
            what = "a tar archive";
        }
        if (what != null) {
            return Trouble.skipped("is " + what + ", which is not read", "unpack it first");
        }
        if (startsWith(head, '<', 'E', 'v', 'e', 'n', 't') || startsWith(head, '<', '?', 'x')) {
            return Trouble.skipped(
                    "is XML, which is not read", "export the log as .evtx, or as JSON");
        }
        return looksBinary(head)
                ? Trouble.skipped(
                        "is neither an event log nor text",
                        "give .evtx, JSON or lines of text, plain, .gz or .zip")
                : null;
    }

    private static boolean looksBinary(byte[] head) {
        int odd = 0;
        for (byte b : head) {
            if (b == 0) {
                return true;
            }
            if (b > 0 && b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != 0x1b && b != 0x1d
                    && b != '\f') {
                odd++;
            }
        }
        // A damaged line may hold some; a binary file has them all over.
        return odd > head.length / 50;
    }
}
