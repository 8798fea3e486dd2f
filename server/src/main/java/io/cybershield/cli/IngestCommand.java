package io.cybershield.cli;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends files to the running server and says what it made of them. */
@Command(
        name = "ingest",
        mixinStandardHelpOptions = true,
        description = {
            "Read log files into a tenant of the running server: evtx, json, jsonl, log, or gz and"
                    + " zip of these.",
            "Exit code 0: all was read. 1: something was refused or failed. 2: wrong usage."
        })
final class IngestCommand implements Callable<Integer> {
    private static final Duration LOOK = Duration.ofMillis(200);

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "What to read.")
    private List<Path> files = List.of();

    @Option(
            names = "--tenant",
            required = true,
            paramLabel = "NAME|ID",
            description = "Whose events they are.")
    private String tenant = "";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The server's data folder (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of("data");

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (Path file : files) {
            String problem = problemOf(file);
            if (problem != null) {
                throw new ParameterException(spec.commandLine(), problem);
            }
        }
        try (var operator = OperatorClient.of(data)) {
            var to = operator.tenant(tenant);
            var out = Progress.Output.ofThisProcess();
            long events = 0;
            long refused = 0;
            int failed = 0;
            Instant began = Instant.now();
            for (Path file : files) {
                try {
                    var read = read(operator, to, file, out);
                    events += read.records();
                    refused += read.refused();
                    failed += read.state().equals("failed") ? 1 : 0;
                } catch (Api.Refused e) {
                    failed++;
                    out.say(file + ": refused. " + e.getMessage());
                    e.places().forEach(place -> out.say("  " + place));
                }
            }
            if (files.size() > 1) {
                out.say(
                        String.format(
                                Locale.ROOT,
                                "%d files: %,d events, %,d refused, %d failed, in %.1f s.",
                                files.size(),
                                events,
                                refused,
                                failed,
                                Duration.between(began, Instant.now()).toMillis() / 1000.0));
            }
            return failed == 0 && refused == 0 ? 0 : 1;
        }
    }

    /** Null when it can be sent. */
    static @org.jspecify.annotations.Nullable String problemOf(Path file) {
        if (!Files.exists(file)) {
            return "There is no file " + file + ".";
        }
        if (Files.isDirectory(file)) {
            return file + " is a folder. Name the files in it: " + file + "/*";
        }
        if (!Files.isReadable(file)) {
            return file
                    + " cannot be read by "
                    + System.getProperty("user.name")
                    + ". Change its permissions or run as its owner.";
        }
        return null;
    }

    private static OperatorClient.Upload read(
            OperatorClient operator, OperatorClient.Tenant to, Path file, Progress.Output out)
            throws IOException, InterruptedException {
        String name = String.valueOf(file.getFileName());
        long bytes = Files.size(file);
        long began = System.nanoTime();
        var sent = new AtomicLong();
        var sending = new FutureTask<>(() -> operator.upload(to, name, () -> counted(file, sent)));
        Thread.ofVirtual().start(sending);
        OperatorClient.Upload upload = null;
        try {
            while (upload == null) {
                try {
                    upload = sending.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    out.show(new Progress(name, sent.get(), bytes, 0, 0, since(began), true));
                }
            }
            while (!upload.ended()) {
                out.show(
                        new Progress(
                                name,
                                bytes,
                                bytes,
                                upload.records(),
                                upload.refused(),
                                since(began),
                                false));
                LockSupport.parkNanos(LOOK.toNanos());
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                upload = operator.upload(to, upload.id());
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case UncheckedIOException cause -> throw new IOException(cause.getMessage(), cause);
                case null, default -> throw new IllegalStateException(e.getCause());
            }
        }
        conclude(file, bytes, upload, since(began), out);
        return upload;
    }

    private static void conclude(
            Path file,
            long bytes,
            OperatorClient.Upload upload,
            Duration took,
            Progress.Output out) {
        out.say(
                String.format(
                        Locale.ROOT,
                        "%s: %s%,d events from %s, %,d refused, in %.1f s.",
                        file,
                        upload.state().equals("failed") ? "failed. " : "",
                        upload.records(),
                        Progress.size(bytes),
                        upload.refused(),
                        took.toMillis() / 1000.0));
        var lines = new ArrayList<String>();
        upload.problems().forEach(problem -> lines.add("  " + problem));
        if (upload.refused() > upload.problems().size()) {
            lines.add(
                    "  and "
                            + (upload.refused() - upload.problems().size())
                            + " more refused records like these.");
        }
        lines.forEach(out::say);
    }

    private static Duration since(long began) {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    @SuppressWarnings("resource") // the HTTP client closes what it was supplied with
    private static InputStream counted(Path file, AtomicLong sent) {
        try {
            return new FilterInputStream(Files.newInputStream(file)) {
                @Override
                public int read() throws IOException {
                    int b = super.read();
                    if (b >= 0) {
                        sent.incrementAndGet();
                    }
                    return b;
                }

                @Override
                public int read(byte[] into, int offset, int length) throws IOException {
                    int n = super.read(into, offset, length);
                    if (n > 0) {
                        sent.addAndGet(n);
                    }
                    return n;
                }
            };
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
