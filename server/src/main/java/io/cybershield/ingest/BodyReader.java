package io.cybershield.ingest;

import io.cybershield.ingest.Door.Line;
import io.cybershield.platform.Problems;
import io.swagger.v3.oas.annotations.media.Schema;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;

/**
 * Reads the body of an ingest request into lines, within limits. The memory of all requests
 * together is bounded: beyond it a request is told to come back.
 */
final class BodyReader {
    static final int MAX_BODY = 32 << 20;
    static final int MAX_RECORD = 1 << 20;
    static final int MAX_RECORDS = 50_000;
    static final int MAX_RATIO = 100;
    private static final int CHUNK = 64 << 10;

    /** Chunks of 64 KiB that all requests may hold together. */
    private final Semaphore room;

    BodyReader(int roomBytes) {
        this.room = new Semaphore(roomBytes / CHUNK);
    }

    enum Format {
        JSON,
        LINES_OF_JSON,
        TEXT
    }

    /** A line that could not be taken, with what to do about it. */
    @Schema(name = "RefusedLine")
    record Refused(int line, String problem) {}

    record Read(List<Line> lines, List<Refused> refused) {}

    /** Does something with the lines while their memory is accounted for. */
    interface Use<T> {
        T of(Read read);
    }

    <T> T read(InputStream in, boolean gzip, Format format, Use<T> use) throws IOException {
        int[] held = {0};
        try {
            byte[] body = bytes(in, gzip, format, held);
            return use.of(
                    switch (format) {
                        case JSON -> json(body);
                        case LINES_OF_JSON -> lines(body, true);
                        case TEXT -> lines(body, false);
                    });
        } finally {
            room.release(held[0]);
        }
    }

    private byte[] bytes(InputStream in, boolean gzip, Format format, int[] held)
            throws IOException {
        var counted = new Counted(in);
        var body = new ByteArrayOutputStream(CHUNK);
        byte[] chunk = new byte[CHUNK];
        int line = 1;
        long lineStart = 0;
        try {
            InputStream from = gzip ? new GZIPInputStream(counted, CHUNK) : counted;
            int n;
            while ((n = from.read(chunk)) >= 0) {
                hold(held, body.size() + n);
                for (int i = 0; format != Format.JSON && i < n; i++) {
                    if (chunk[i] == '\n') {
                        checkLine(line, body.size() + i - lineStart);
                        line++;
                        lineStart = body.size() + i + 1L;
                    }
                }
                body.write(chunk, 0, n);
                if (format != Format.JSON) {
                    checkLine(line, body.size() - lineStart);
                }
                if (body.size() > MAX_BODY) {
                    throw Problems.TOO_LARGE.because(
                            "The body has more than 32 MiB once unpacked. Nothing was taken; send"
                                    + " it in smaller requests.");
                }
                if (gzip && body.size() > MAX_RECORD && body.size() > counted.count * MAX_RATIO) {
                    throw IngestProblems.EXPANDS_TOO_MUCH.because(
                            "The body expands to more than 100 times its size of "
                                    + counted.count
                                    + " bytes. Nothing was taken.");
                }
            }
        } catch (ZipException | EOFException e) {
            if (!gzip) {
                throw e;
            }
            throw IngestProblems.BROKEN_COMPRESSION.because(
                    "The gzip data are damaged after "
                            + counted.count
                            + " compressed bytes (line "
                            + line
                            + "). Nothing was taken; compress again and repeat.");
        }
        return body.toByteArray();
    }

    private static void checkLine(int line, long length) {
        if (length > MAX_RECORD) {
            throw IngestProblems.RECORD_TOO_LARGE.because(
                    "Line "
                            + line
                            + " is longer than 1 MiB. Nothing was taken; shorten or leave out that"
                            + " line and repeat.");
        }
    }

    private void hold(int[] held, int bytes) {
        // Twice: the body and the lines cut out of it.
        int wanted = 2 * (bytes / CHUNK + 1);
        if (wanted > held[0]) {
            if (!room.tryAcquire(wanted - held[0])) {
                throw IngestProblems.BUSY.because(
                        "Other requests fill the memory set aside for them. Nothing was taken;"
                                + " repeat in a second.",
                        Map.of("retryAfterSeconds", 1));
            }
            held[0] = wanted;
        }
    }

    private static Read lines(byte[] body, boolean json) {
        var lines = new ArrayList<Line>();
        var refused = new ArrayList<Refused>();
        int number = 0;
        int start = 0;
        while (start < body.length) {
            number++;
            int end = start;
            while (end < body.length && body[end] != '\n') {
                end++;
            }
            int stop = end > start && body[end - 1] == '\r' ? end - 1 : end;
            if (!blank(body, start, stop)) {
                checkCount(lines.size() + refused.size());
                byte[] line = Arrays.copyOfRange(body, start, stop);
                String problem = json ? problemOf(line) : null;
                if (problem == null) {
                    lines.add(new Line(number, json ? "json" : "syslog", line));
                } else {
                    refused.add(new Refused(number, problem));
                }
            }
            start = end + 1;
        }
        return new Read(lines, refused);
    }

    /** Objects in an array, or objects one after the other; the line is where each begins. */
    private static Read json(byte[] body) {
        if (body.length > 1 && (body[0] == 0 || body[1] == 0)) {
            throw Problems.MALFORMED.because("The body is not UTF-8. Encode it as UTF-8.");
        }
        var lines = new ArrayList<Line>();
        var refused = new ArrayList<Refused>();
        try (JsonParser parser = Normaliser.JSON.createParser(body)) {
            JsonToken token = parser.nextToken();
            boolean array = token == JsonToken.START_ARRAY;
            if (array) {
                token = parser.nextToken();
            }
            while (token != null && token != JsonToken.END_ARRAY) {
                checkCount(lines.size() + refused.size());
                TokenStreamLocation at = parser.currentTokenLocation();
                if (token == JsonToken.START_OBJECT) {
                    parser.skipChildren();
                    int end = (int) parser.currentLocation().getByteOffset();
                    byte[] record = Arrays.copyOfRange(body, (int) at.getByteOffset(), end);
                    if (record.length > MAX_RECORD) {
                        throw IngestProblems.RECORD_TOO_LARGE.because(
                                "The record that begins in line "
                                        + at.getLineNr()
                                        + " is larger than 1 MiB. Nothing was taken; shorten or"
                                        + " leave out that record and repeat.");
                    }
                    lines.add(new Line(lines.size() + refused.size() + 1, "json", record));
                } else {
                    parser.skipChildren();
                    refused.add(
                            new Refused(
                                    lines.size() + refused.size() + 1,
                                    "A record must be a JSON object; this is "
                                            + word(token)
                                            + " (line "
                                            + at.getLineNr()
                                            + "). Wrap it as {\"message\": ...}."));
                }
                token = parser.nextToken();
            }
            if (array && (token == null || parser.nextToken() != null)) {
                throw Problems.MALFORMED.because(
                        "There is more after the end of the JSON array. Send one array, or one"
                                + " object per line as application/x-ndjson.");
            }
        } catch (JacksonException e) {
            throw Problems.MALFORMED.because(
                    "The body is not JSON: "
                            + reason(e)
                            + ". Nothing was taken; mend it there, or send one object per line as"
                            + " application/x-ndjson so that good lines are taken.");
        }
        return new Read(lines, refused);
    }

    private static void checkCount(int records) {
        if (records >= MAX_RECORDS) {
            throw Problems.TOO_LARGE.because(
                    "A request may have 50,000 records. Nothing was taken; send smaller requests.");
        }
    }

    /** Null when the line is one JSON object. */
    static @org.jspecify.annotations.Nullable String problemOf(byte[] line) {
        try (JsonParser parser = Normaliser.JSON.createParser(line)) {
            JsonToken token = parser.nextToken();
            if (token != JsonToken.START_OBJECT) {
                return "A line must be a JSON object; this is "
                        + (token == null ? "nothing" : word(token))
                        + ". Write it as {\"message\": ...}, or send text/plain.";
            }
            parser.skipChildren();
            return parser.nextToken() == null
                    ? null
                    : "There is more after the end of the object at column "
                            + parser.currentTokenLocation().getColumnNr()
                            + ". Put each object on a line of its own.";
        } catch (JacksonException e) {
            return "Not JSON: " + reason(e) + ". Mend the line and send it again.";
        }
    }

    private static String reason(JacksonException e) {
        String said = e.getOriginalMessage();
        int cut = said.indexOf('\n');
        TokenStreamLocation at = e.getLocation();
        return (cut < 0 ? said : said.substring(0, cut))
                + (at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr());
    }

    private static String word(JsonToken token) {
        return switch (token) {
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "text";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            default -> "something else";
        };
    }

    private static boolean blank(byte[] body, int from, int to) {
        for (int i = from; i < to; i++) {
            if (body[i] != ' ' && body[i] != '\t') {
                return false;
            }
        }
        return true;
    }

    private static final class Counted extends InputStream {
        private final InputStream in;
        private long count;

        Counted(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            int b = in.read();
            if (b >= 0) {
                count++;
            }
            return b;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int n = in.read(into, offset, length);
            if (n > 0) {
                count += n;
            }
            return n;
        }
    }
}
