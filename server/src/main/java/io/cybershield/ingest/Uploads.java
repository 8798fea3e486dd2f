package io.cybershield.ingest;

import io.cybershield.evtx.EvtxRecord;
import io.cybershield.ingest.Door.Line;
import io.cybershield.inputs.InputLimits;
import io.cybershield.inputs.InputReader;
import io.cybershield.inputs.Trouble;
import io.cybershield.inputs.Unpacking;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Ids;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.Transactions;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Takes files and reads them in the background; what was read is in the event log at once. */
@Component
class Uploads {
    private static final Logger log = LoggerFactory.getLogger(Uploads.class);
    private static final String DOOR = "upload";
    static final long MAX_BYTES = 2L << 30;
    private static final int BATCH = 500;
    private static final int BATCH_BYTES = 4 << 20;
    private static final int MOST_PROBLEMS = 100;
    private static final InputLimits LIMITS =
            new InputLimits(BodyReader.MAX_RECORD, 4, 10_000, 8L << 30, 200, 8 << 20);
    private static final Duration TELL_EVERY = Duration.ofSeconds(1);

    private final Door door;
    private final Sources sources;
    private final UploadStore store;
    private final DomainEvents domainEvents;
    private final Transactions transactions;
    private final Ids ids;
    private final Clock clock;
    private final Path folder;

    /** Files that are read at once; more wait their turn on disk. */
    private final Semaphore turns = new Semaphore(2);

    Uploads(
            Door door,
            Sources sources,
            UploadStore store,
            DomainEvents domainEvents,
            Transactions transactions,
            Ids ids,
            Clock clock,
            Settings settings) {
        this.door = door;
        this.sources = sources;
        this.store = store;
        this.domainEvents = domainEvents;
        this.transactions = transactions;
        this.ids = ids;
        this.clock = clock;
        this.folder = settings.data().resolve("uploads");
    }

    /**
     * Keeps the file and begins to read it; the current scope's tenant owns it.
     *
     * @throws IOException when the stream fails; nothing was taken then
     */
    UploadView take(String fileName, InputStream content) throws IOException {
        String name = fileName.substring(fileName.replace('\\', '/').lastIndexOf('/') + 1).strip();
        UUID id = ids.next();
        Files.createDirectories(folder);
        Path kept = folder.resolve(id + ".part");
        long bytes;
        try (OutputStream out = Files.newOutputStream(kept)) {
            bytes = copy(content, out);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(kept);
            throw e;
        }
        if (bytes == 0) {
            Files.deleteIfExists(kept);
            throw IngestProblems.BAD_UPLOAD.because("The file is empty. Choose another.");
        }
        Source source = sources.uploads();
        var view =
                new UploadView(
                        id,
                        name.isEmpty() ? "file" : name,
                        bytes,
                        "reading",
                        0,
                        0,
                        List.of(),
                        clock.instant(),
                        null,
                        Scope.current().principal().name());
        transactions.run(() -> store.insert(view));
        Scope scope = Scope.current();
        Thread.ofVirtual()
                .name("upload-" + id)
                .start(() -> scope.run(() -> new Reading(view, source, kept).run()));
        return view;
    }

    private static long copy(InputStream in, OutputStream out) throws IOException {
        byte[] chunk = new byte[1 << 16];
        long bytes = 0;
        int n;
        while ((n = in.read(chunk)) >= 0) {
            bytes += n;
            if (bytes > MAX_BYTES) {
                throw Problems.TOO_LARGE.because(
                        "A file may have 2 GiB. Nothing was taken; split it.");
            }
            out.write(chunk, 0, n);
        }
        return bytes;
    }

    /** One file being read, on a thread of its own. */
    private final class Reading implements InputReader.Sink {
        private final UploadView begun;
        private final Source source;
        private final Path file;
        private final List<Line> pending = new ArrayList<>();
        private final List<UploadView.Trouble> problems = new ArrayList<>();
        private int pendingBytes;
        private String reading = "";
        private int lines;
        private long records;
        private long refused;
        private Instant told;

        Reading(UploadView begun, Source source, Path file) {
            this.begun = begun;
            this.source = source;
            this.file = file;
            this.told = begun.startedAt();
        }

        void run() {
            boolean broken = false;
            try {
                turns.acquire();
                try {
                    new InputReader(LIMITS, this)
                            .read(
                                    begun.fileName(),
                                    begun.startedAt(),
                                    new Unpacking(LIMITS, begun.bytes()),
                                    () -> Files.newInputStream(file));
                    flush();
                } finally {
                    turns.release();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                broken = true;
            } catch (ProblemException e) {
                broken = true;
                refused += pending.size();
                door.refuse(DOOR, source, pending.size(), e);
                trouble(
                        new UploadView.Trouble(
                                "after record " + records,
                                "Reading stopped: " + e.detail(),
                                "The records counted here are kept. Upload the rest again."),
                        false);
            } catch (RuntimeException e) {
                broken = true;
                log.warn("upload not read to its end upload={} cause={}", begun.id(), e.toString());
                trouble(
                        new UploadView.Trouble(
                                "after record " + records,
                                "Reading stopped: our side could not go on.",
                                "The records counted here are kept. Upload the rest again."),
                        true);
            } finally {
                delete();
            }
            tell(view(broken || records == 0 && !problems.isEmpty() ? "failed" : "done", true));
        }

        @Override
        public void begin(String name, Instant modified) {
            reading = name;
        }

        @Override
        public void json(long line, byte[] object) {
            String problem = BodyReader.problemOf(object);
            if (problem == null) {
                record("json", object);
            } else {
                trouble(
                        new UploadView.Trouble(
                                reading + ", line " + line,
                                problem,
                                "Mend the record and upload it again."),
                        true);
            }
        }

        @Override
        public void line(long number, byte[] line) {
            record("syslog", line);
        }

        @Override
        public void evtx(EvtxRecord record) {
            byte[] json = record.toJson().getBytes(StandardCharsets.UTF_8);
            if (json.length <= LIMITS.recordBytes()) {
                record("evtx", json);
            } else {
                trouble(
                        Trouble.damaged(
                                "record " + record.recordId(),
                                "is longer than 1 MiB and was left out"));
            }
        }

        @Override
        public void trouble(Trouble trouble) {
            String mend =
                    !trouble.mend().isEmpty()
                            ? trouble.mend()
                            : switch (trouble.kind()) {
                                case NOTE -> "nothing was lost";
                                case DAMAGED ->
                                        "what else is in the file was read; mend what is missing"
                                                + " and upload it again";
                                case SKIPPED -> "choose another file";
                            };
            trouble(
                    new UploadView.Trouble(
                            reading + (trouble.place().isEmpty() ? "" : ", " + trouble.place()),
                            sentence(trouble.problem()),
                            sentence(mend)),
                    trouble.kind() != Trouble.Kind.NOTE);
        }

        private static String sentence(String words) {
            String text = Character.toUpperCase(words.charAt(0)) + words.substring(1);
            return ".?!".indexOf(text.charAt(text.length() - 1)) < 0 ? text + "." : text;
        }

        private void record(String format, byte[] body) {
            pending.add(new Line(++lines, format, body));
            pendingBytes += body.length;
            if (pending.size() >= BATCH || pendingBytes >= BATCH_BYTES) {
                flush();
            }
        }

        private void trouble(UploadView.Trouble trouble, boolean lost) {
            if (problems.size() < MOST_PROBLEMS) {
                problems.add(trouble);
            }
            if (lost) {
                refused++;
                door.refuse(DOOR, source, 1);
            }
        }

        private void flush() {
            if (!pending.isEmpty()) {
                door.take(DOOR, source, begun.id(), pending);
                records += pending.size();
                pending.clear();
                pendingBytes = 0;
            }
            if (clock.instant().isAfter(told.plus(TELL_EVERY))) {
                tell(view("reading", false));
            }
        }

        private UploadView view(String state, boolean ended) {
            return new UploadView(
                    begun.id(),
                    begun.fileName(),
                    begun.bytes(),
                    state,
                    records,
                    refused,
                    List.copyOf(problems),
                    begun.startedAt(),
                    ended ? clock.instant() : null,
                    begun.by());
        }

        private void tell(UploadView view) {
            told = clock.instant();
            transactions.run(() -> {
                store.update(view, told);
                domainEvents.publish("upload:" + view.id(), new UploadChanged(view));
            });
        }

        private void delete() {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
