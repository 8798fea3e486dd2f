package io.cybershield.sigma;

import io.cybershield.sigma.Refusal.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/**
 * The rule files of a zip archive, read from a stream and never unpacked to disk.
 *
 * @param sources files named {@code .yml} or {@code .yaml}, in the order of the archive
 * @param refused such files that cannot be read, and at most one for the archive itself when
 *     reading had to stop: then what follows in it is missing
 * @param ignored names of files that are no rule files
 */
public record RuleArchive(List<RuleSource> sources, List<Refusal> refused, List<String> ignored) {

    /**
     * @param name of the archive, for refusals
     * @throws IOException when the stream itself fails; never for what it holds
     */
    public static RuleArchive read(String name, InputStream zip, Limits limits) throws IOException {
        return new Reader(name, limits).read(zip);
    }

    private static final class Reader {
        /** What stands in a text for bytes that are no text, or for itself. */
        private static final char REPLACEMENT = '\uFFFD';

        private final String name;
        private final Limits limits;
        private final List<RuleSource> sources = new ArrayList<>();
        private final List<Refusal> refused = new ArrayList<>();
        private final List<String> ignored = new ArrayList<>();
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private final byte[] buffer = new byte[8192];
        private long unpacked;

        Reader(String name, Limits limits) {
            this.name = name;
            this.limits = limits;
        }

        RuleArchive read(InputStream zip) throws IOException {
            var counted = new CountedStream(zip);
            try {
                readEntries(counted);
            } catch (Refused e) {
                refused.add(e.in(name));
            } catch (ZipException | IllegalArgumentException | java.io.EOFException e) {
                refused.add(broken("The archive is damaged: " + e.getMessage() + ".").in(name));
            }
            return new RuleArchive(
                    List.copyOf(sources), List.copyOf(refused), List.copyOf(ignored));
        }

        private void readEntries(CountedStream counted) throws IOException {
            // Not closed: the stream belongs to the caller.
            var zip = new ZipInputStream(counted, StandardCharsets.UTF_8);
            int entries = 0;
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (++entries > limits.archiveEntries()) {
                    throw broken(
                            "The archive has more than %,d entries."
                                    .formatted(limits.archiveEntries()));
                }
                byte[] bytes = unpack(zip, counted);
                String path = entry.getName();
                if (entry.isDirectory()) {
                    continue;
                }
                String lower = path.toLowerCase(Locale.ROOT);
                if (!lower.endsWith(".yml") && !lower.endsWith(".yaml")) {
                    ignored.add(path);
                } else {
                    accept(path, bytes);
                }
            }
            if (entries == 0) {
                throw broken("This is no zip archive, or an empty one.");
            }
        }

        private void accept(String path, byte[] bytes) {
            if (bytes.length > limits.fileChars() * 4L) {
                refused.add(
                        new Refusal(
                                path,
                                0,
                                Reason.TOO_LARGE,
                                "The file is too large for a rule.",
                                "Split the rule, or raise the limit if you trust it."));
                return;
            }
            String text = new String(bytes, StandardCharsets.UTF_8);
            if (text.indexOf(REPLACEMENT) >= 0 && !isUtf8(bytes)) {
                refused.add(
                        new Refusal(
                                path,
                                0,
                                Reason.UNREADABLE,
                                "The file is not UTF-8.",
                                "Save it as UTF-8."));
                return;
            }
            sources.add(new RuleSource(path, text));
        }

        private static boolean isUtf8(byte[] bytes) {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
                return true;
            } catch (CharacterCodingException e) {
                return false;
            }
        }

        /** Reads an entry to its end, keeping no more than a rule file may have. */
        private byte[] unpack(ZipInputStream zip, CountedStream counted) throws IOException {
            kept.reset();
            for (int n = zip.read(buffer); n >= 0; n = zip.read(buffer)) {
                unpacked += n;
                if (unpacked > limits.archiveBytes()) {
                    throw broken(
                            "The archive unpacks to more than %,d bytes."
                                    .formatted(limits.archiveBytes()));
                }
                // Small archives may pack well; only past the first megabyte is a high ratio a
                // bomb.
                if (unpacked > (1 << 20) && unpacked > counted.bytes * limits.archiveRatio()) {
                    throw broken(
                            "The archive unpacks to more than %d times its size."
                                    .formatted(limits.archiveRatio()));
                }
                if (kept.size() <= limits.fileChars() * 4L) {
                    kept.write(buffer, 0, n);
                }
            }
            return kept.toByteArray();
        }

        private static Refused broken(String problem) {
            return new Refused(
                    Reason.BAD_ARCHIVE,
                    0,
                    problem,
                    "Reading stopped there. Pack the rules again, or in several archives.");
        }
    }

    /** Counts what the unpacker took of the archive. */
    private static final class CountedStream extends InputStream {
        private final InputStream in;
        private long bytes;

        CountedStream(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            int b = in.read();
            if (b >= 0) {
                bytes++;
            }
            return b;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int n = in.read(buffer, offset, length);
            if (n > 0) {
                bytes += n;
            }
            return n;
        }
    }
}
