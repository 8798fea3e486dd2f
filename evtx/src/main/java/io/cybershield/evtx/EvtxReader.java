package io.cybershield.evtx;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads an event log from front to back, one 64 kB chunk in memory at a time, without seeking, so
 * that a pipe, an upload and an archive entry serve as well as a file.
 *
 * <p>Damage costs the record or chunk that it is in and is reported; whatever the bytes are,
 * reading ends in a report or, if the input is no event log at all, in {@link EvtxFormatException}.
 * An {@link IOException} of the stream itself is passed on. Not for use by several threads.
 */
public final class EvtxReader implements Closeable {

    /** Problems kept with their text; more are only counted, so that garbage cannot fill memory. */
    public static final int MAX_PROBLEMS_KEPT = 1_000;

    private static final int FILE_HEADER_SIZE = 4_096;
    private static final int RECORD_HEADER_SIZE = 24;
    private static final int MIN_RECORD_SIZE = RECORD_HEADER_SIZE + 4;

    /** Flag in the headers of file and chunk. */
    private static final int NO_CHECKSUMS = 4;

    private static final int RECORD_SIGNATURE = 0x2a2a;
    private static final String COPY_AGAIN =
            "copy it again from its source, or export it there with \"wevtutil epl\"";
    private static final byte[] FILE_SIGNATURE = signature("ElfFile\0");
    private static final byte[] CHUNK_SIGNATURE = signature("ElfChnk\0");

    private static final byte[] ZEROS = new byte[Chunk.SIZE];

    private final InputStream in;
    private final Chunk chunk = new Chunk();
    private final BinXmlParser parser = new BinXmlParser(chunk);
    private final Renderer renderer = new Renderer(chunk, parser);
    private final List<EvtxProblem> problems = new ArrayList<>();

    private long problemCount;
    private long skippedBytes;
    private long records;
    private int chunks;

    /** As the file header says; stale, and then too small, in a log that is still being written. */
    private int chunksPromised;

    /** Number of the chunk in memory, its position in the file, and where its records end. */
    private int chunkNumber = -1;

    private long chunkOffset;
    private int recordsEnd;
    private int recordsAnnounced;

    /** Of the record before, in this chunk; -1 if there is none. */
    private long previousId = -1;

    private int position;
    private int carried;
    private boolean ended;

    private EvtxReader(InputStream in) {
        this.in = in;
    }

    /**
     * Begins to read; the header is read at once.
     *
     * @throws EvtxFormatException if the input is not an event log
     */
    public static EvtxReader open(InputStream in) throws IOException {
        var reader = new EvtxReader(in);
        reader.readFileHeader();
        return reader;
    }

    /** As {@link #open(InputStream)}, from where the channel stands. */
    public static EvtxReader open(ReadableByteChannel channel) throws IOException {
        return open(Channels.newInputStream(channel));
    }

    /**
     * Reads everything; the stream is left open. What {@code sink} throws ends the reading.
     *
     * @throws EvtxFormatException if the input is not an event log
     */
    public static EvtxReport read(InputStream in, Consumer<? super EvtxRecord> sink)
            throws IOException {
        // Not closed: the stream is the caller's.
        var reader = open(in);
        for (var record = reader.next(); record != null; record = reader.next()) {
            sink.accept(record);
        }
        return reader.report();
    }

    /** The next record that can be read, or null at the end. */
    public @Nullable EvtxRecord next() throws IOException {
        while (true) {
            while (position < recordsEnd || isFollowedByUnannouncedRecord()) {
                var record = nextInChunk();
                if (record != null) {
                    records++;
                    return record;
                }
            }
            if (ended || !nextChunk()) {
                return null;
            }
        }
    }

    /** What reading came to so far; final once {@link #next} has returned null. */
    public EvtxReport report() {
        return new EvtxReport(records, chunks, problems, problemCount, skippedBytes);
    }

    /** Closes the stream that the reader was opened on. */
    @Override
    public void close() throws IOException {
        in.close();
    }

    private void readFileHeader() throws IOException {
        var length = in.readNBytes(chunk.data, 0, FILE_HEADER_SIZE);
        chunk.reset(length);
        if (startsWith(CHUNK_SIGNATURE, 0, length)) {
            problem(-1, 0, "the file header is missing, the input begins with a chunk", 0);
            carried = length;
            return;
        }
        if (!startsWith(FILE_SIGNATURE, 0, length)) {
            // A damaged header costs nothing as long as a chunk follows where it should.
            if (length == FILE_HEADER_SIZE) {
                var next = in.readNBytes(chunk.data, 0, CHUNK_SIGNATURE.length);
                if (startsWith(CHUNK_SIGNATURE, 0, next)) {
                    problem(-1, 0, "the file signature is damaged", 0);
                    chunkOffset = FILE_HEADER_SIZE;
                    carried = next;
                    return;
                }
            }
            throw notAnEventLog(length);
        }
        chunkOffset = FILE_HEADER_SIZE;
        if (length < FILE_HEADER_SIZE) {
            problem(
                    -1,
                    length,
                    "the file ends within its header of "
                            + FILE_HEADER_SIZE
                            + " bytes; "
                            + COPY_AGAIN,
                    // Even an empty log has one chunk.
                    FILE_HEADER_SIZE - length + Chunk.SIZE);
            ended = true;
            return;
        }
        try {
            if ((chunk.i32(120) & NO_CHECKSUMS) == 0 && chunk.crc32(0, 120) != chunk.i32(124)) {
                problem(-1, 124, "the checksum of the file header is wrong", 0);
            }
            if (chunk.u16(38) != 3) {
                problem(-1, 38, "format version is " + chunk.u16(38) + ", not 3", 0);
            }
            chunksPromised = chunk.u16(42);
            var headerSize = chunk.u16(40);
            if (headerSize != FILE_HEADER_SIZE) {
                problem(
                        -1,
                        40,
                        "the header says that chunks begin at byte "
                                + headerSize
                                + "; read from "
                                + FILE_HEADER_SIZE
                                + " as always",
                        0);
            }
        } catch (Damage impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private EvtxFormatException notAnEventLog(int length) {
        if (length == 0) {
            return new EvtxFormatException(
                    "The input is empty. Give an event log exported by Windows (.evtx).");
        }
        var looksLike =
                switch (chunk.data[0]) {
                    case 0x1f -> "gzip data; unpack it first";
                    case 'P' -> "a zip archive; unpack it first";
                    case '{', '[' -> "JSON; read it as JSON";
                    case '<' -> "XML; read it as XML";
                    case 0x30 -> "an event log of Windows XP (.evt); convert it with wevtutil epl";
                    default -> "something else";
                };
        return new EvtxFormatException(
                "Not an event log: byte 0 should begin the signature \"ElfFile\", but the input"
                        + " looks like "
                        + looksLike
                        + ".");
    }

    /** Brings the next chunk into memory; false at the end of the input. */
    private boolean nextChunk() throws IOException {
        if (chunkNumber >= 0) {
            chunkOffset += Chunk.SIZE;
        }
        chunkNumber++;
        position = 0;
        recordsEnd = 0;
        previousId = -1;
        var length = carried + in.readNBytes(chunk.data, carried, Chunk.SIZE - carried);
        carried = 0;
        if (length == 0) {
            ended = true;
            if (chunkNumber < chunksPromised) {
                var missing = chunksPromised - chunkNumber;
                problem(
                        chunkNumber,
                        chunkOffset,
                        "the file ends here, but its header says that "
                                + missing
                                + " more chunks follow; "
                                + COPY_AGAIN,
                        (long) missing * Chunk.SIZE);
            }
            return false;
        }
        Arrays.fill(chunk.data, length, Chunk.SIZE, (byte) 0);
        chunk.reset(length);
        parser.reset();
        if (length < Chunk.SIZE) {
            ended = true;
        }
        try {
            startChunk(length);
        } catch (Damage damage) {
            problem(
                    chunkNumber,
                    chunkOffset + damage.offset(),
                    damage.what(),
                    length - damage.offset());
        }
        return true;
    }

    private void startChunk(int length) throws Damage {
        if (isZero(0, length)) {
            // Windows allocates a log ahead of use.
            if (length < Chunk.SIZE) {
                truncated(length, 0);
            }
            return;
        }
        var signature = startsWith(CHUNK_SIGNATURE, 0, length);
        if (length < Chunk.HEADER_SIZE) {
            truncated(length, length);
            return;
        }
        if (!signature) {
            var plausible = isRecord(Chunk.HEADER_SIZE, length);
            if (!plausible) {
                resynchronise(length);
                return;
            }
            problem(chunkNumber, chunkOffset, "the chunk signature is damaged", 0);
        }
        chunks++;
        var checksums = (chunk.i32(120) & NO_CHECKSUMS) == 0;
        var headerIntact = !checksums || chunk.headerCrc32(0) == chunk.i32(124);
        if (!headerIntact) {
            problem(chunkNumber, chunkOffset + 124, "the checksum of the chunk header is wrong", 0);
        }
        position = Chunk.HEADER_SIZE;
        recordsEnd = Chunk.SIZE;
        var free = chunk.i32(48);
        if (free < Chunk.HEADER_SIZE || free > Chunk.SIZE) {
            problem(
                    chunkNumber,
                    chunkOffset + 48,
                    "the chunk header says that records end at byte "
                            + Integer.toUnsignedString(free)
                            + "; read on as long as records follow",
                    0);
        } else {
            var recordsIntact =
                    !checksums
                            || free <= length
                                    && chunk.crc32(Chunk.HEADER_SIZE, free) == chunk.i32(52);
            if (!recordsIntact && free <= length) {
                problem(
                        chunkNumber,
                        chunkOffset + 52,
                        "the checksum of the chunk's records is wrong",
                        0);
            }
            // Beyond the end lie records of an earlier use; only a damaged header sends us there.
            if (headerIntact || recordsIntact) {
                recordsEnd = free;
            }
        }
        if (length < Chunk.SIZE) {
            truncated(length, Math.max(0, recordsEnd - length));
            recordsEnd = Math.min(recordsEnd, length);
        }
        recordsAnnounced = recordsEnd;
    }

    private void resynchronise(int length) throws Damage {
        for (var at = 1; at <= length - Chunk.HEADER_SIZE; at++) {
            // The checksum keeps text that quotes the signature from leading us astray.
            if (startsWith(CHUNK_SIGNATURE, at, length)
                    && chunk.headerCrc32(at) == chunk.i32(at + 124)) {
                problem(
                        chunkNumber,
                        chunkOffset,
                        "no chunk signature here; the next chunk begins "
                                + at
                                + " bytes further on",
                        at);
                System.arraycopy(chunk.data, at, chunk.data, 0, length - at);
                carried = length - at;
                chunkOffset += at - Chunk.SIZE;
                ended = false;
                return;
            }
        }
        if (nextRecord(0, length) < 0) {
            problem(chunkNumber, chunkOffset, "no chunk signature here; the chunk is lost", length);
            return;
        }
        problem(chunkNumber, chunkOffset, "no chunk signature here, but records", 0);
        recordsEnd = length;
    }

    private void truncated(int length, int skipped) {
        var missing = Math.max(0, chunksPromised - chunkNumber - 1);
        problem(
                chunkNumber,
                chunkOffset + length,
                "the file ends within a chunk"
                        + (missing > 0 ? " and " + missing + " more should follow" : "")
                        + "; "
                        + COPY_AGAIN,
                skipped + (long) missing * Chunk.SIZE);
    }

    /**
     * A log that was copied while it was written has chunk headers older than its records. What
     * follows the announced end is read as long as it continues the numbering; leftovers of an
     * earlier use of the chunk do not.
     */
    private boolean isFollowedByUnannouncedRecord() {
        var at = recordsEnd;
        try {
            if (at == 0
                    || previousId < 0
                    || !isRecord(at, chunk.limit())
                    || chunk.i64(at + 8) != previousId + 1
                    || chunk.i32(at + chunk.i32(at + 4) - 4) != chunk.i32(at + 4)) {
                return false;
            }
            if (at == recordsAnnounced) {
                problem(
                        chunkNumber,
                        chunkOffset + at,
                        "records go on beyond the end that the chunk header gives; the log was"
                                + " copied while it was written",
                        0);
            }
            recordsEnd = at + chunk.i32(at + 4);
            return true;
        } catch (Damage outside) {
            return false;
        }
    }

    private @Nullable EvtxRecord nextInChunk() {
        var start = position;
        try {
            if (!isRecord(start, recordsEnd)) {
                return lostRecords(start);
            }
            var size = chunk.i32(start + 4);
            position = start + size;
            chunk.startRecord();
            var id = chunk.i64(start + 8);
            previousId = id;
            if (chunk.i32(start + size - 4) != size) {
                problem(
                        chunkNumber,
                        chunkOffset + start + size - 4,
                        "record " + id + " ends with another size than it begins with",
                        0);
            }
            try {
                Map<String, Object> event =
                        renderer.event(start + RECORD_HEADER_SIZE, start + size - 4);
                return new EvtxRecord(id, ValueDecoder.instant(chunk.i64(start + 16)), event);
            } catch (Damage damage) {
                parser.reset();
                problem(
                        chunkNumber,
                        chunkOffset + start,
                        "record "
                                + id
                                + " cannot be read: "
                                + damage.what()
                                + (damage.offset() > 0
                                        ? " (at byte " + (chunkOffset + damage.offset()) + ")"
                                        : ""),
                        size);
                return null;
            }
        } catch (Damage damage) {
            position = recordsEnd;
            problem(chunkNumber, chunkOffset + start, damage.what(), recordsEnd - start);
            return null;
        }
    }

    /**
     * Moves on to the next thing that looks like a record. A record whose size alone is damaged is
     * read up to there.
     */
    private @Nullable EvtxRecord lostRecords(int start) throws Damage {
        var what = "no record where one should begin, nor later in this chunk";
        var next = nextRecord(start + 1, recordsEnd);
        if (next >= 0) {
            what =
                    "no record where one should begin; the next follows at byte "
                            + (chunkOffset + next);
        }
        position = next >= 0 ? next : recordsEnd;
        var end = position;
        if (end - start >= MIN_RECORD_SIZE && chunk.i32(start) == RECORD_SIGNATURE) {
            if (chunk.limit() < Chunk.SIZE && end == recordsEnd) {
                what = "the record here is cut off";
            } else {
                chunk.startRecord();
                try {
                    var event = renderer.event(start + RECORD_HEADER_SIZE, end);
                    var id = chunk.i64(start + 8);
                    problem(
                            chunkNumber,
                            chunkOffset + start + 4,
                            "the size of record " + id + " is wrong; read up to the next record",
                            0);
                    return new EvtxRecord(id, ValueDecoder.instant(chunk.i64(start + 16)), event);
                } catch (Damage damage) {
                    parser.reset();
                    what = "the size of the record here is wrong: " + damage.what();
                }
            }
        }
        if (!isZero(start, end)) {
            problem(chunkNumber, chunkOffset + start, what, end - start);
        }
        return null;
    }

    /** Where the next record lies that ends with the size it begins with; -1 if there is none. */
    private int nextRecord(int from, int end) throws Damage {
        for (var at = from; at <= end - MIN_RECORD_SIZE; at++) {
            if (chunk.data[at] == 0x2a
                    && isRecord(at, end)
                    && chunk.i32(at + chunk.i32(at + 4) - 4) == chunk.i32(at + 4)) {
                return at;
            }
        }
        return -1;
    }

    private boolean isRecord(int at, int end) throws Damage {
        if (at > end - MIN_RECORD_SIZE || chunk.i32(at) != RECORD_SIGNATURE) {
            return false;
        }
        var size = chunk.i32(at + 4);
        return size >= MIN_RECORD_SIZE && size <= end - at;
    }

    private boolean isZero(int from, int to) {
        return Arrays.equals(chunk.data, from, to, ZEROS, 0, to - from);
    }

    private boolean startsWith(byte[] signature, int at, int length) {
        return length - at >= signature.length
                && Arrays.equals(
                        chunk.data, at, at + signature.length, signature, 0, signature.length);
    }

    private void problem(int inChunk, long offset, String what, long skipped) {
        problemCount++;
        skippedBytes += skipped;
        if (problems.size() < MAX_PROBLEMS_KEPT) {
            problems.add(new EvtxProblem(inChunk, offset, what, skipped));
        }
    }

    private static byte[] signature(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
