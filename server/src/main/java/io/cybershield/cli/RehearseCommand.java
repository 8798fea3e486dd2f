package io.cybershield.cli;

import io.cybershield.Application;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.MapPropertySource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/**
 * Does for some seconds what a server does all day, then ends: the JVM that watches writes down
 * which classes were needed and which methods were hot, and the next start begins with that (ADR
 * 010).
 */
@Command(
        name = "rehearse",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Run a server under load for some seconds, for the build.")
final class RehearseCommand implements Callable<Integer> {
    private static final String COMPANY = "Rehearsal";
    private static final String TEMPLATE = "Incident response";
    private static final int LINES = 50;
    private static final int CALLS = 15;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            required = true,
            description = "A new, empty folder.")
    private Path data = Path.of("data");

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "How long events are sent (default: ${DEFAULT-VALUE}).")
    private int seconds = 20;

    @Override
    public Integer call() throws IOException, InterruptedException {
        var properties = new LinkedHashMap<String, Object>();
        properties.put("cybershield.data", data.toAbsolutePath().normalize().toString());
        properties.put("cybershield.home", System.getProperty("cybershield.home", data.toString()));
        properties.put("cybershield.demo", true);
        properties.put("cybershield.developer", true);
        properties.put("server.port", 0);
        properties.put("server.address", "127.0.0.1");
        var application = new SpringApplication(Application.class);
        application.setRegisterShutdownHook(false);
        application.addInitializers(context ->
                context.getEnvironment()
                        .getPropertySources()
                        .addFirst(new MapPropertySource("command line", properties)));
        try (var server = application.run()) {
            URI address =
                    URI.create(
                            "http://127.0.0.1:"
                                    + server.getEnvironment()
                                            .getRequiredProperty("local.server.port"));
            try (var operator = new OperatorClient(address, OperatorClient.token(data))) {
                var tenant = operator.makeDemoTenant(COMPANY, "Ada Demo", "ada@example.org");
                try (var session = DemoSession.open(address, tenant.signInLink())) {
                    session.publishTemplate(TEMPLATE);
                    play(session);
                }
            }
        }
        return 0;
    }

    /**
     * The shipped recording over and over, as lines and as JSON; runs by a webhook; and a look now
     * and then.
     */
    private void play(DemoSession session) throws IOException, InterruptedException {
        var plain = session.makeSource("lines", "linux");
        var structured = session.makeSource("structured", "json");
        String hook = session.publishHook(drawing());
        Instant begin = Instant.now();
        Instant end = begin.plus(Duration.ofSeconds(seconds));
        List<Recording.Line> lines = Recording.shipped().endingAt(begin).lines();
        for (int at = 0, turn = 0; Instant.now().isBefore(end); turn++) {
            List<Recording.Line> part = lines.subList(at, Math.min(at + LINES, lines.size()));
            at = at + LINES < lines.size() ? at + LINES : 0;
            session.send(plain, part.stream().map(Recording.Line::text).toList());
            session.send(structured, asJson(part));
            for (int call = 0; call < CALLS; call++) {
                session.call(
                        hook,
                        Map.of(
                                "host",
                                "web-" + call,
                                "count",
                                2 + call,
                                "users",
                                List.of("ada", "root", "ada", "bob")));
            }
            if (turn % 40 == 0) {
                session.look();
            }
        }
    }

    private static String drawing() throws IOException {
        try (var in = RehearseCommand.class.getResourceAsStream("/rehearsal/workflow.json")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<String> asJson(List<Recording.Line> lines) {
        var made = new ArrayList<String>(lines.size());
        for (Recording.Line line : lines) {
            made.add(
                    JSON.writeValueAsString(
                            Map.of(
                                    "time",
                                    line.at().toString(),
                                    "host",
                                    "web-02",
                                    "program",
                                    "app",
                                    "message",
                                    line.text())));
        }
        return made;
    }
}
