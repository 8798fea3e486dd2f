package io.cybershield.hunt;

import io.cybershield.evtx.EvtxJson;
import io.cybershield.inputs.Archives;
import io.cybershield.inputs.Json;
import io.cybershield.inputs.Lines;
import io.cybershield.sigma.CorrelationHit;
import io.cybershield.sigma.Correlator;
import io.cybershield.sigma.EventSource;
import io.cybershield.sigma.FieldResolver;
import io.cybershield.sigma.LoadReport;
import io.cybershield.sigma.LogSourceResolver;
import io.cybershield.sigma.MapEvent;
import io.cybershield.sigma.RuleLoader;
import io.cybershield.sigma.RuleSet;
import io.cybershield.sigma.RuleSource;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;

/** {@code sigma vectors}: conformance, as data that any engine can be held against. */
@Command(
        name = "vectors",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs a file of test vectors, one JSON object a line, of two shapes:",
            "  {\"name\", \"rule\", \"event\", \"expected\": true|false|\"load_error\","
                    + " \"placeholders\"?}",
            "  {\"name\", \"rules\", \"correlation\", \"events\" with \"ts\" in seconds,"
                    + " \"must_fire_groups\"}"
        },
        parameterListHeading = "%nVectors:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all passed", "1:some failed, or there were none", "2:wrong usage"})
final class VectorsCommand implements Callable<Integer> {

    /** Events of one vector may be listed in any order; an hour is more than any needs. */
    private static final long LATENESS_MILLIS = 3_600_000;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "JSON lines; plain or gzip.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = {"-v", "--verbose"},
            description = "Name also those that passed.")
    private boolean verbose;

    private final Console console;

    VectorsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Paths.mustExist(spec, files);
        int passed = 0;
        int failed = 0;
        Writer out = new OutputStreamWriter(console.out(), StandardCharsets.UTF_8);
        for (Path file : files) {
            try (InputStream in = open(file)) {
                var lines = new Lines(in, Limits.INPUT.recordBytes());
                for (byte[] line = lines.next(); line != null; line = lines.next()) {
                    if (Lines.isBlank(line) && !lines.tooLong()) {
                        continue;
                    }
                    String name = "line " + lines.number();
                    String problem;
                    try {
                        Map<String, @Nullable Object> vector = Json.object(line);
                        name += vector.get("name") == null ? "" : " (" + vector.get("name") + ")";
                        problem = problem(vector);
                    } catch (JacksonException e) {
                        problem = Json.problem(e);
                    } catch (IllegalArgumentException | ClassCastException e) {
                        problem = "not a vector: " + e.getMessage();
                    }
                    passed += problem == null ? 1 : 0;
                    failed += problem == null ? 0 : 1;
                    if (problem != null) {
                        out.write(Texts.printable("FAIL " + name + ": " + problem) + "\n");
                    } else if (verbose) {
                        out.write(Texts.printable("pass " + name) + "\n");
                    }
                }
            }
        }
        out.write("%d passed, %d failed\n".formatted(passed, failed));
        out.flush();
        return failed == 0 && passed > 0 ? 0 : 1;
    }

    private static InputStream open(Path file) throws IOException {
        var in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        in.mark(2);
        byte[] head = in.readNBytes(2);
        in.reset();
        return Archives.isGzip(head) ? new GZIPInputStream(in) : in;
    }

    /** Null when the engine does what the vector wants. */
    static @Nullable String problem(Map<String, @Nullable Object> vector) {
        return vector.containsKey("correlation") ? correlation(vector) : conformance(vector);
    }

    private static @Nullable String conformance(Map<String, @Nullable Object> vector) {
        Object expected = vector.get("expected");
        if (expected == null || !(expected instanceof Boolean) && !expected.equals("load_error")) {
            throw new IllegalArgumentException(
                    "\"expected\" must be true, false or \"load_error\"");
        }
        LoadReport report = load(List.of(yaml(map(vector, "rule"))));
        Map<String, @Nullable Object> lists =
                vector.get("placeholders") == null ? Map.of() : map(vector, "placeholders");
        RuleSet rules =
                RuleSet.compile(
                        report.rules(),
                        FieldResolver.asNamed(),
                        LogSourceResolver.open(),
                        name -> values(lists.get(name)));
        boolean refused = !report.refused().isEmpty() || !rules.refused().isEmpty();
        if (expected.equals("load_error")) {
            return refused ? null : "expected a load error, but the rule loads";
        }
        if (refused) {
            return "the rule is refused: "
                    + (report.refused().isEmpty() ? rules.refused() : report.refused()).getFirst();
        }
        boolean fires = !rules.match(MapEvent.of(map(vector, "event"))).isEmpty();
        return expected.equals(fires)
                ? null
                : "expected %s, but the rule %s"
                        .formatted(expected, fires ? "fires" : "does not fire");
    }

    private static @Nullable String correlation(Map<String, @Nullable Object> vector) {
        var documents = new ArrayList<String>();
        for (Object rule : list(vector, "rules")) {
            documents.add(yaml(rule));
        }
        Map<String, @Nullable Object> correlation = new LinkedHashMap<>();
        correlation.put("title", "correlation of the vector");
        correlation.put("correlation", map(vector, "correlation"));
        documents.add(yaml(correlation));
        LoadReport report = load(documents);
        if (!report.refused().isEmpty()) {
            return "refused: " + report.refused().getFirst();
        }
        RuleSet rules =
                RuleSet.compile(report.rules(), FieldResolver.asNamed(), LogSourceResolver.open());
        var correlator =
                new Correlator(
                        report.correlations(),
                        report.rules(),
                        FieldResolver.asNamed(),
                        LATENESS_MILLIS);
        var fired = new ArrayList<CorrelationHit>();
        int number = 0;
        for (Object one : list(vector, "events")) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>(map(one, "an event"));
            if (!(fields.remove("ts") instanceof Number seconds)) {
                throw new IllegalArgumentException("an event has no number \"ts\"");
            }
            MapEvent event = MapEvent.of(fields, EventSource.UNKNOWN);
            fired.addAll(
                    correlator.accept(
                            Integer.toString(number++),
                            Math.round(seconds.doubleValue() * 1000),
                            event,
                            rules.match(event)));
        }
        fired.addAll(correlator.finish());
        var groups = new TreeSet<String>();
        fired.stream()
                .filter(hit -> hit.rule().title().equals("correlation of the vector"))
                .forEach(hit -> groups.add(group(hit.group())));
        var wanted = new TreeSet<String>();
        for (Object group : list(vector, "must_fire_groups")) {
            wanted.add(group(map(group, "a group")));
        }
        return groups.equals(wanted)
                ? null
                : "expected groups %s, but fired for %s".formatted(wanted, groups);
    }

    private static String group(Map<String, ?> group) {
        var sorted = new java.util.TreeMap<String, String>();
        group.forEach((name, value) -> sorted.put(name, String.valueOf(value)));
        return sorted.toString();
    }

    private static LoadReport load(List<String> documents) {
        return new RuleLoader()
                .load(List.of(new RuleSource("vector", String.join("\n---\n", documents))));
    }

    /** JSON is YAML once everything beyond ASCII is escaped. */
    private static String yaml(@Nullable Object value) {
        String json = EvtxJson.write(value);
        var yaml = new StringBuilder(json.length());
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c > '~') {
                yaml.append("\\u%04x".formatted((int) c));
            } else {
                yaml.append(c);
            }
        }
        return yaml.toString();
    }

    private static @Nullable List<String> values(@Nullable Object list) {
        if (!(list instanceof List<?> many)) {
            return null;
        }
        var values = new ArrayList<String>();
        many.forEach(one -> values.add(String.valueOf(one)));
        return values;
    }

    private static List<?> list(Map<String, @Nullable Object> vector, String name) {
        if (vector.get(name) instanceof List<?> list) {
            return list;
        }
        throw new IllegalArgumentException("\"" + name + "\" must be a list");
    }

    private static Map<String, @Nullable Object> map(
            Map<String, @Nullable Object> vector, String name) {
        return map(vector.get(name), "\"" + name + "\"");
    }

    @SuppressWarnings("unchecked") // The reader makes no other maps.
    private static Map<String, @Nullable Object> map(@Nullable Object value, String what) {
        if (value instanceof Map<?, ?>) {
            return (Map<String, @Nullable Object>) value;
        }
        throw new IllegalArgumentException(what + " must be an object");
    }
}
