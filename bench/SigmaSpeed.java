package io.cybershield.sigma;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.zip.GZIPInputStream;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Measures the Sigma engine; {@code bench/sigma} runs it. One thread does all the work, so a rate is that of one core. Where the
 * machine is shared, the rate by the thread's own CPU time is the one to compare.
 */
public final class SigmaSpeed {

    /** Every so many events one is also tried on every rule in turn. */
    private static final int BASELINE_STEP = 50;

    /** Apart, so that loading rules does not pay for it. */
    private static final class Json {
        static final JsonMapper MAPPER = JsonMapper.builder().build();
        static final TypeReference<LinkedHashMap<String, Object>> FIELDS = new TypeReference<>() {};
    }

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** Wall and CPU time of the work so far. */
    private static final class Watch {
        long wall;
        long cpu;

        <T> T time(Supplier<T> work) {
            long wallBefore = System.nanoTime();
            long cpuBefore = THREADS.getCurrentThreadCpuTime();
            try {
                return work.get();
            } finally {
                cpu += THREADS.getCurrentThreadCpuTime() - cpuBefore;
                wall += System.nanoTime() - wallBefore;
            }
        }

        String rates(long events) {
            return "%,.0f | %,.0f".formatted(events / (wall / 1e9), events / (cpu / 1e9));
        }

        double cpuMicros(long events) {
            return cpu / 1e3 / events;
        }
    }

    private record Loaded(LoadReport report, RuleSet rules, long loadNanos, long compileNanos) {}

    private SigmaSpeed() {}

    public static void main(String[] args) throws IOException {
        Path data = Path.of(args[1]);
        switch (args[0]) {
            case "load" -> load(data);
            case "match" -> match(data);
            case "correlate" -> correlate();
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static Loaded rules(Path data, Taxonomy taxonomy, boolean evaluatedOnly) throws IOException {
        long start = System.nanoTime();
        LoadReport report;
        try (var zip = Files.newInputStream(data.resolve("sigma/sigma-rules-dev.zip"))) {
            report = new RuleLoader().load(RuleArchive.read("sigma-rules-dev.zip", zip, Limits.DEFAULT));
        }
        long loaded = System.nanoTime();
        List<SigmaRule> chosen =
                report.rules().stream()
                        .filter(rule -> !evaluatedOnly || !rule.path().matches("(deprecated|unsupported|rules-placeholder)/.*"))
                        .toList();
        // Rules with placeholders get lists, so that all that load are tried.
        RuleSet rules = RuleSet.compile(chosen, WindowsFields.resolver(), taxonomy, _ -> List.of("value-1", "value-2"));
        return new Loaded(report, rules, loaded - start, System.nanoTime() - loaded);
    }

    private static void load(Path data) throws IOException {
        Loaded loaded = rules(data, Taxonomy.windows(), false);
        long sinceStart = System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
        long cpu = ProcessHandle.current().info().totalCpuDuration().map(java.time.Duration::toMillis).orElse(-1L);
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        System.out.printf(
                "| %s | %d ms | %d ms | %d ms | %d ms | %d MB | %d loaded, %d compiled, %d of %d files refused |%n",
                System.getProperty("bench.note", ""),
                sinceStart,
                cpu,
                loaded.loadNanos / 1_000_000,
                loaded.compileNanos / 1_000_000,
                heap / 1_000_000,
                loaded.report.rules().size(),
                loaded.rules.rules().size(),
                loaded.report.refusedFiles(),
                loaded.report.files());
    }

    private static List<Path> sets(Path data) throws IOException {
        try (var files = Files.list(data.resolve("otrf"))) {
            return files.filter(file -> file.toString().endsWith(".jsonl.gz"))
                    .filter(file -> !file.getFileName().toString().startsWith("expected"))
                    .filter(file -> file.getFileName().toString().contains("windows"))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> lines(Path file) throws IOException {
        try (var in =
                new BufferedReader(
                        new InputStreamReader(new GZIPInputStream(Files.newInputStream(file), 1 << 16), StandardCharsets.UTF_8))) {
            return in.lines().filter(line -> !line.isBlank()).toList();
        }
    }

    private static List<Map<String, Object>> parse(List<String> lines) {
        var records = new ArrayList<Map<String, Object>>(lines.size());
        for (String line : lines) {
            records.add(Json.MAPPER.readValue(line, Json.FIELDS));
        }
        return records;
    }

    private static List<MapEvent> events(List<Map<String, Object>> records) {
        var events = new ArrayList<MapEvent>(records.size());
        for (Map<String, Object> fields : records) {
            events.add(MapEvent.of(fields));
        }
        return events;
    }

    private static int match(RuleSet rules, List<MapEvent> events, Map<String, Long> counts) {
        int hits = 0;
        for (MapEvent event : events) {
            List<Hit> found = rules.match(event);
            for (int i = 0; i < found.size(); i++) {
                counts.merge(found.get(i).rule().id(), 1L, Long::sum);
                hits++;
            }
        }
        return hits;
    }

    private static void match(Path data) throws IOException {
        RuleSet all = rules(data, Taxonomy.windows(), false).rules;
        RuleSet evaluated = rules(data, Taxonomy.sysmon(), true).rules;
        var baseline = new EveryRule(all.rules());
        List<Path> sets = sets(data);
        for (Path set : sets.subList(0, 3)) {
            List<MapEvent> warm = events(parse(lines(set)));
            match(all, warm, new HashMap<>());
            warm.stream().limit(300).forEach(baseline::match);
            warm.stream().limit(300).forEach(baseline::matchConditionFirst);
        }
        var parse = new Watch();
        var wrap = new Watch();
        var match = new Watch();
        var narrow = new Watch();
        var naive = new Watch();
        var blunt = new Watch();
        long events = 0;
        long hits = 0;
        long tried = 0;
        long chars = 0;
        int unequal = 0;
        Map<String, Map<String, Long>> counted = new TreeMap<>();
        for (Path set : sets) {
            List<String> lines = lines(set);
            List<Map<String, Object>> records = parse.time(() -> parse(lines));
            List<MapEvent> made = wrap.time(() -> events(records));
            hits += match.time(() -> match(all, made, new HashMap<>()));
            Map<String, Long> counts = new TreeMap<>();
            counted.put(set.getFileName().toString(), counts);
            narrow.time(() -> match(evaluated, made, counts));
            for (int i = 0; i < made.size(); i += BASELINE_STEP) {
                MapEvent event = made.get(i);
                unequal += naive.time(() -> baseline.match(event)) == all.match(event).size() ? 0 : 1;
                tried++;
            }
            for (int i = 0; i < made.size(); i += BASELINE_STEP) {
                MapEvent event = made.get(i);
                unequal += blunt.time(() -> baseline.matchConditionFirst(event)) == all.match(event).size() ? 0 : 1;
            }
            events += lines.size();
            chars += lines.stream().mapToLong(String::length).sum();
        }
        System.out.printf(
                "%,d events of %d Windows sets (%,d MB of JSON), one thread.%n%n| step | events/s, wall | events/s, CPU time | µs CPU"
                        + " an event |%n|---|---|---|---|%n",
                events,
                sets.size(),
                chars / 1_000_000);
        row("parse JSON into maps (Jackson)", parse, events);
        row("make events of maps (shape, limits)", wrap, events);
        row("match, %,d rules (all that load, Security 4688 too): %,d hits".formatted(all.rules().size(), hits), match, events);
        row("match, %,d rules (those of the expected hits, Sysmon)".formatted(evaluated.rules().size()), narrow, events);
        row("loop over all %,d rules, log source tested first, on 1 event in %d".formatted(all.rules().size(), BASELINE_STEP), naive, tried);
        row("loop over all %,d rules, condition tried first, on the same".formatted(all.rules().size()), blunt, tried);
        System.out.printf(
                "%nThe index is %,.0f times as fast as the loop that tests log sources first and %,.0f times as fast as the one that"
                        + " does not (all three run the same compiled conditions); hits differ on %d of %,d events.%n",
                naive.cpuMicros(tried) / match.cpuMicros(events),
                blunt.cpuMicros(tried) / match.cpuMicros(events),
                unequal,
                tried);
        compare(data, counted);
        costs(all);
    }

    private static void row(String step, Watch watch, long events) {
        System.out.printf("| %s | %s | %.1f |%n", step, watch.rates(events), watch.cpuMicros(events));
    }

    private static void compare(Path data, Map<String, Map<String, Long>> counted) throws IOException {
        int equal = 0;
        var differences = new ArrayList<String>();
        for (String line : lines(data.resolve("otrf/expected-hits-dev-rules.jsonl.gz"))) {
            Map<String, Object> record = Json.MAPPER.readValue(line, Json.FIELDS);
            Map<String, Long> given = counted.get(String.valueOf(record.get("file")));
            if (given == null || !(record.get("hits") instanceof Map<?, ?> hits)) {
                continue;
            }
            var rules = new TreeSet<>(given.keySet());
            hits.keySet().forEach(rule -> rules.add(rule.toString()));
            for (String rule : rules) {
                long wanted = hits.get(rule) instanceof Number number ? number.longValue() : 0;
                if (given.getOrDefault(rule, 0L) == wanted) {
                    equal++;
                } else {
                    differences.add(rule);
                }
            }
        }
        System.out.printf(
                "Against the expected hits: %,d (file, rule, count) equal, %d differ, all of them settled in"
                        + " docs/sigma-conformance.md (channel in other case, keywords in the message).%n",
                equal,
                differences.size());
    }

    private static void costs(RuleSet rules) {
        System.out.printf("%nThe rules that cost most, in steps:%n%n| rule | runs | hits | steps a run |%n|---|---|---|---|%n");
        rules.costs().stream()
                .sorted((a, b) -> Long.compare(b.steps(), a.steps()))
                .limit(5)
                .forEach(
                        cost ->
                                System.out.printf(
                                        "| %s | %,d | %,d | %,d |%n",
                                        cost.rule().path(), cost.runs(), cost.hits(), cost.steps() / Math.max(1, cost.runs())));
    }

    /** What an engine without an index does: each rule in turn, first its log source, then its condition. */
    private static final class EveryRule {

        private record One(Program program, List<Gate> gates, Evaluation evaluation) {}

        private final List<List<One>> rules = new ArrayList<>();

        EveryRule(List<SigmaRule> sources) {
            Taxonomy taxonomy = Taxonomy.windows();
            for (SigmaRule rule : sources) {
                var ways = new ArrayList<One>();
                Map<Map<String, String>, List<Gate>> byNames = new LinkedHashMap<>();
                taxonomy.gates(rule.logSource())
                        .forEach(gate -> byNames.computeIfAbsent(gate.renamed(), _ -> new ArrayList<>()).add(gate));
                byNames.forEach(
                        (names, gates) -> {
                            var compiler = new Compiler(WindowsFields.resolver(), _ -> List.of("value-1", "value-2"));
                            Program program = compiler.compile(rule, 0, names);
                            ways.add(new One(program, gates, new Evaluation(compiler.paths(), compiler.checks(), 1)));
                        });
                rules.add(ways);
            }
        }

        int match(Event event) {
            int hits = 0;
            for (List<One> ways : rules) {
                for (One one : ways) {
                    if (lets(one.gates, event.source()) && holds(one, event)) {
                        hits++;
                        break;
                    }
                }
            }
            return hits;
        }

        int matchConditionFirst(Event event) {
            int hits = 0;
            for (List<One> ways : rules) {
                for (One one : ways) {
                    if (holds(one, event) && lets(one.gates, event.source())) {
                        hits++;
                        break;
                    }
                }
            }
            return hits;
        }

        private static boolean holds(One one, Event event) {
            one.evaluation.start(event);
            boolean holds = one.program.condition().holds(one.evaluation);
            one.evaluation.finish();
            return holds;
        }
    }

    private static boolean lets(List<Gate> gates, EventSource source) {
        for (Gate gate : gates) {
            if (gate.lets(source)) {
                return true;
            }
        }
        return false;
    }

    private static void correlate() {
        System.out.printf(
                "%,d occurrences a row, one thread, 1 to 3 a millisecond; thresholds that are seldom reached.%n%n"
                        + "| correlation | groups | values or events in a window | occurrences/s, wall | occurrences/s, CPU time | hits |%n"
                        + "|---|---|---|---|---|---|%n",
                OCCURRENCES);
        correlate("event_count", 1_000, "condition: {gte: 5000}", "10s", 1);
        correlate("event_count", 1, "condition: {gte: 9000}", "4s", 1);
        correlate("temporal", 1_000, "", "10s", 1);
        correlate("temporal_ordered", 1_000, "", "10s", 1);
        correlate("value_sum", 1_000, "condition: {field: n, gt: 1000000}", "10s", 1);
        for (int values : new int[] {10, 100, 900, 1_800, 10_000, 100_000}) {
            correlate("value_count", 1, "condition: {field: v, gte: 900000}", "60s", values);
        }
    }

    private static final int OCCURRENCES = 2_000_000;

    private static void correlate(String type, int groups, String condition, String timespan, int values) {
        String rule =
                """
                title: a
                id: a
                logsource: {product: x}
                detection: {s: {A: 1}, condition: s}
                ---
                title: b
                id: b
                logsource: {product: x}
                detection: {s: {A: 2}, condition: s}
                ---
                title: c
                id: c
                correlation:
                    type: %s
                    rules: [a, b]
                    group-by: [g]
                    timespan: %s
                    %s
                """
                        .formatted(type, timespan, condition);
        LoadReport report = new RuleLoader().load(List.of(new RuleSource("c.yml", rule)));
        boolean temporal = type.startsWith("temporal");
        List<Hit> first = List.of(new Hit(report.rules().get(0), List.of()));
        List<Hit> second = List.of(new Hit(report.rules().get(1), List.of()));
        var events = new ArrayList<MapEvent>();
        for (int i = 0; i < Math.max(groups, values); i++) {
            events.add(MapEvent.of(Map.of("g", "group-" + i % groups, "v", "value-" + i % values, "n", 1), EventSource.UNKNOWN));
        }
        var watch = new Watch();
        long hits = 0;
        for (int round = 0; round < 2; round++) {
            var correlator = new Correlator(report.correlations(), report.rules(), FieldResolver.asNamed(), 1_000);
            var timed = round == 0 ? new Watch() : watch;
            hits =
                    timed.time(
                            () -> {
                                long fired = 0;
                                for (int i = 0; i < OCCURRENCES; i++) {
                                    // Of temporal rules the second comes seldom, as what is looked for does.
                                    List<Hit> hit = temporal && i % 97 != 0 ? first : temporal ? second : first;
                                    fired += correlator.accept("e", i / 2, events.get(i % events.size()), hit).size();
                                }
                                return fired;
                            });
        }
        System.out.printf(
                "| %s, %s | %,d | %s | %s | %,d |%n",
                type,
                timespan,
                groups,
                type.equals("value_count") ? "%,d different values".formatted(values) : "-",
                watch.rates(OCCURRENCES),
                hits);
    }
}
