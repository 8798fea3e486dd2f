package io.cybershield.cli;

import io.cybershield.Application;
import io.cybershield.access.SignInLinks;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * A whole server on a throw-away folder, with a customer in it and an attack under way; says what
 * to look at.
 */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description =
                "Start a throw-away server, replay a recorded attack into it and say what to look"
                        + " at. Ctrl-C ends it and deletes its folder.")
final class DemoCommand implements Callable<Integer> {
    private static final String COMPANY = "Example Shop";
    private static final String PERSON = "Ada Demo";
    private static final String ADDRESS = "ada@example.org";
    private static final String TEMPLATE = "Incident response";
    private static final Duration PLAY = Duration.ofSeconds(60);
    private static final Duration STEP = Duration.ofMillis(250);
    private static final Duration LOOK = Duration.ofSeconds(1);

    @Option(
            names = "--port",
            paramLabel = "N",
            description =
                    "Port of the user interface (default: 8080, or a free one if it is taken).")
    private @Nullable Integer port;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where to keep its state; new or empty (default: a temporary folder).")
    private @Nullable Path data;

    @Option(names = "--keep", description = "Leave the folder when it ends.")
    private boolean keep;

    @Spec private CommandSpec spec = CommandSpec.create();
    private final CountDownLatch end = new CountDownLatch(1);

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Recording recording = Recording.shipped();
        Path folder = folder();
        if (RunFile.take(folder).isEmpty()) {
            throw new IOException("A server already runs on " + folder + ".");
        }
        var cleaner = new Cleaner(folder, keep, end, out);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(cleaner));
        int chosen = port == null ? freePort(8080) : port;
        say(out, "Starting a throw-away server (about ten seconds) ...");
        ConfigurableApplicationContext server = start(folder, chosen, cleaner);
        URI address =
                URI.create(
                        "http://127.0.0.1:"
                                + server.getEnvironment()
                                        .getProperty("local.server.port", String.valueOf(chosen)));
        RunFile.write(folder, address.toString());
        try (var operator = new OperatorClient(address, OperatorClient.token(folder))) {
            var tenant = operator.makeDemoTenant(COMPANY, PERSON, ADDRESS);
            try (var session = DemoSession.open(address, tenant.signInLink())) {
                boolean published = session.publishTemplate(TEMPLATE).isPresent();
                var source = session.makeSource("web-01", "linux");
                guide(out, address, link(server, address, session.account()), folder, published);
                if (Progress.Output.atTerminal()) {
                    Thread.ofVirtual().start(() -> linksOnEnter(out, server, address, session));
                }
                play(out, recording, session, source);
                end.await();
            }
        } catch (IOException e) {
            cleaner.failed = true; // the log tells more
            throw e;
        }
        return 0;
    }

    private ConfigurableApplicationContext start(Path folder, int chosen, Cleaner cleaner)
            throws IOException {
        Path log = Files.createDirectories(folder.resolve("logs")).resolve("server.log");
        var properties = new LinkedHashMap<String, Object>();
        properties.put("cybershield.data", folder.toString());
        properties.put(
                "cybershield.home", System.getProperty("cybershield.home", folder.toString()));
        properties.put("cybershield.demo", true);
        properties.put("cybershield.developer", true);
        properties.put("cybershield.public-url", "http://127.0.0.1:" + chosen);
        properties.put("server.port", chosen);
        properties.put("server.address", "127.0.0.1");
        var application = new SpringApplication(Application.class);
        // The terminal is for the story. Read before initializers run, hence not among the others;
        // and what libraries print by themselves goes to the log as well.
        application.setDefaultProperties(
                Map.of("logging.file.name", log.toString(), "logging.threshold.console", "off"));
        System.setOut(
                new PrintStream(
                        Files.newOutputStream(
                                log, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                        true,
                        StandardCharsets.UTF_8));
        application.setRegisterShutdownHook(false);
        application.addInitializers(context -> {
            context.getEnvironment()
                    .getPropertySources()
                    .addFirst(new MapPropertySource("command line", properties));
            cleaner.server = context;
        });
        try {
            return application.run();
        } catch (RuntimeException e) {
            cleaner.failed = true;
            throw new IOException(
                    "The server did not start: " + rootMessage(e) + "\nIts log is " + log + ".", e);
        }
    }

    /** A new folder that the database's own user may pass through, or the given empty one. */
    private Path folder() throws IOException {
        Path wanted = data;
        if (wanted == null) {
            Path made = Files.createTempDirectory("cybershield-demo-");
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
            return made;
        }
        Path folder = wanted.toAbsolutePath().normalize();
        if (Files.exists(folder)) {
            try (Stream<Path> inside = Files.list(folder)) {
                if (inside.findAny().isPresent()) {
                    throw new IOException(
                            folder
                                    + " is not empty, and the demonstration deletes its folder at"
                                    + " the end. Name a new one.");
                }
            }
        }
        return Files.createDirectories(folder);
    }

    private static int freePort(int wanted) throws IOException {
        InetAddress here = InetAddress.getLoopbackAddress();
        try (var probe = new ServerSocket(wanted, 1, here)) {
            return probe.getLocalPort();
        } catch (IOException e) {
            try (var any = new ServerSocket(0, 1, here)) {
                return any.getLocalPort();
            }
        }
    }

    /** Another link for the same person: one was used to set the demonstration up. */
    private static String link(ConfigurableApplicationContext server, URI address, UUID account) {
        var links = server.getBean(SignInLinks.class);
        return address
                + "/sign-in/link?token="
                + server.getBean(Transactions.class)
                        .callAs(Scope.platform("demo"), () -> links.issue(account))
                        .text();
    }

    private static void guide(
            PrintWriter out, URI address, String link, Path folder, boolean published) {
        say(
                out,
                """

                CyberShield runs at %s. An attack on the web server of '%s' has just begun
                (a recording, told below as it is replayed; it takes a minute).

                1. Sign in. This link works once, for 15 minutes, and needs no password:

                      %s

                2. Overview: events arrive, findings rise, the queue fills while you look.
                3. Incidents: open the one on web-01. Its timeline shows each finding with the log lines behind
                   it and the fields that matched; the techniques are those of ATT&CK.
                %s
                5. Mailbox (%s/mailbox): what was mailed, kept here instead of being sent.
                6. Events: search for 203.0.113.66, the attacker, or deploy, the account that fell.
                7. Audit: everything that was done, by whom, in a chain that can be verified.

                State is in %s. Ctrl-C ends the demonstration%s.
                """
                        .formatted(
                                address,
                                COMPANY,
                                link,
                                published
                                        ? """
                                        4. Approvals: the workflow 'Incident response' asks before it isolates web-01. Read what will
                                           happen, approve, then watch the run: isolated (on a simulator), verified, task made, mail sent.\
                                        """
                                        : "4. Workflows: this build offers no template called"
                                                + " 'Incident response'.",
                                address,
                                folder,
                                Progress.Output.atTerminal()
                                        ? "; Enter prints a new sign-in link"
                                        : ""));
    }

    private static void linksOnEnter(
            PrintWriter out,
            ConfigurableApplicationContext server,
            URI address,
            DemoSession session) {
        try (var typed =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            while (typed.readLine() != null) {
                say(out, "      " + link(server, address, session.account()));
            }
        } catch (IOException e) {
            say(out, "(no more new links: " + e.getMessage() + ")");
        }
    }

    private void play(
            PrintWriter out, Recording recording, DemoSession session, DemoSession.Source source)
            throws InterruptedException {
        Instant begin = Instant.now();
        var replay = Replay.from(recording, begin, PLAY);
        var player =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                replay.play(
                                        STEP,
                                        time -> !end.await(time.toMillis(), TimeUnit.MILLISECONDS),
                                        lines -> session.send(source, lines),
                                        chapter -> tell(out, begin, chapter.text()));
                                tell(
                                        out,
                                        begin,
                                        "The recording has ended: "
                                                + replay.recording().lines().size()
                                                + " log lines in all.");
                            } catch (IOException e) {
                                tell(out, begin, "The replay stopped: " + e.getMessage());
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        watch(out, session, begin);
        player.join(Duration.ofSeconds(5));
    }

    /** Tells each thing once, until the end. */
    private void watch(PrintWriter out, DemoSession session, Instant begin)
            throws InterruptedException {
        Set<String> told = new HashSet<>();
        boolean troubled = false;
        while (!end.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
            try {
                for (var sight : session.look()) {
                    if (told.add(sight.key())) {
                        tell(out, begin, "-> " + sight.text());
                    }
                }
                troubled = false;
            } catch (IOException e) {
                if (!troubled) {
                    tell(out, begin, "(could not look: " + e.getMessage() + ")");
                }
                troubled = true;
            }
        }
    }

    private static void tell(PrintWriter out, Instant begin, String text) {
        long seconds = Duration.between(begin, Instant.now()).toSeconds();
        say(out, String.format("%2d:%02d %s", seconds / 60, seconds % 60, text));
    }

    private static void say(PrintWriter out, String text) {
        out.println(text);
        out.flush();
    }

    private static String rootMessage(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof BindException
                ? "the port is in use. Name a free one with --port."
                : String.valueOf(cause.getMessage());
    }

    /** Stops the server before the process ends, then deletes what it left. */
    private static final class Cleaner implements Runnable {
        private final Path folder;
        private final boolean keep;
        private final CountDownLatch end;
        private final PrintWriter out;
        private volatile @Nullable ConfigurableApplicationContext server;
        private volatile boolean failed;

        Cleaner(Path folder, boolean keep, CountDownLatch end, PrintWriter out) {
            this.folder = folder;
            this.keep = keep;
            this.end = end;
            this.out = out;
        }

        @Override
        public void run() {
            end.countDown();
            var running = server;
            if (running != null) {
                running.close();
            }
            try {
                RunFile.remove(folder);
                if (keep || failed) {
                    say(out, "Its folder stays: " + folder);
                } else {
                    delete();
                    say(out, "The demonstration has ended; its folder is deleted.");
                }
            } catch (IOException e) {
                say(out, "Could not delete all of " + folder + ": " + e.getMessage());
            }
        }

        private void delete() throws IOException {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }
}
