package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.sigma.Refusal.Reason;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class CorrelatorTest {

    private static final String FAIL_AND_OK =
            """
            title: fail
            id: fail
            logsource: {product: test}
            detection: {selection: {type: fail}, condition: selection}
            ---
            title: ok
            id: ok
            logsource: {product: test}
            detection: {selection: {type: ok}, condition: selection}
            ---
            """;

    /** Feeds events to rules and tells what fired. */
    private static final class Bench {
        final LoadReport report;
        final RuleSet rules;
        final Correlator correlator;
        final List<CorrelationHit> fired = new ArrayList<>();

        Bench(String text, long latenessMillis) {
            report = new RuleLoader().load(List.of(new RuleSource("c.yml", text)));
            assertThat(report.refused()).isEmpty();
            rules =
                    RuleSet.compile(
                            report.rules(), FieldResolver.asNamed(), LogSourceResolver.open());
            correlator =
                    new Correlator(
                            report.correlations(),
                            report.rules(),
                            FieldResolver.asNamed(),
                            latenessMillis);
        }

        Bench at(long seconds, Object... fields) {
            var event = new LinkedHashMap<String, Object>();
            for (int i = 0; i < fields.length; i += 2) {
                event.put(fields[i].toString(), fields[i + 1]);
            }
            return at(seconds, event);
        }

        Bench at(long seconds, Map<String, Object> fields) {
            var event = MapEvent.of(fields, EventSource.UNKNOWN);
            fired.addAll(
                    correlator.accept("e" + seconds, seconds * 1000, event, rules.match(event)));
            return this;
        }

        Bench finish() {
            fired.addAll(correlator.finish());
            return this;
        }

        List<String> fires() {
            return fired.stream().map(hit -> hit.rule().id() + hit.group().values()).toList();
        }
    }

    private static Bench bench(String correlation) {
        return new Bench(
                FAIL_AND_OK + "title: c\nid: c\ncorrelation:\n" + correlation.indent(4), 3_600_000);
    }

    @TestFactory
    Stream<DynamicTest> vectors() {
        List<Map<String, Object>> vectors = new ArrayList<>();
        SharedData.lines(
                "sigma/correlation-vectors-dev.jsonl", line -> vectors.add(Json.object(line)));
        assertThat(vectors).hasSizeGreaterThanOrEqualTo(10);
        return vectors.stream()
                .map(vector ->
                        DynamicTest.dynamicTest(
                                vector.get("name").toString(), () -> check(vector)));
    }

    @SuppressWarnings("unchecked")
    private static void check(Map<String, Object> vector) {
        var documents = new ArrayList<String>();
        ((List<Object>) vector.get("rules")).forEach(rule -> documents.add(Json.write(rule)));
        documents.add(Json.write(Map.of("title", "c", "correlation", vector.get("correlation"))));
        var bench = new Bench(String.join("\n---\n", documents), 3_600_000);
        for (Object event : (List<?>) vector.get("events")) {
            var fields = new LinkedHashMap<>((Map<String, Object>) event);
            bench.at(((Number) fields.remove("ts")).longValue(), fields);
        }
        var groups = new TreeSet<String>();
        bench.finish().fired.forEach(hit -> groups.add(hit.group().toString()));
        var wanted = new TreeSet<String>();
        ((List<?>) vector.get("must_fire_groups")).forEach(group -> wanted.add(group.toString()));
        assertThat(groups).isEqualTo(wanted);
    }

    @Test
    void firesOnceForAGroupInItsTimespan() {
        Bench bench =
                bench(
                        """
                        type: event_count
                        rules: [fail]
                        group-by: [user]
                        timespan: 1m
                        condition: {gte: 2}
                        """);
        bench.at(0, "type", "fail", "user", "a")
                .at(10, "type", "fail", "user", "a")
                .at(20, "type", "fail", "user", "a")
                .at(30, "type", "fail", "user", "b")
                .at(40, "type", "fail")
                .at(60, "type", "fail", "user", "a");
        assertThat(bench.fires()).containsExactly("c[a]");
        bench.at(71, "type", "fail", "user", "a");
        assertThat(bench.fires()).containsExactly("c[a]", "c[a]");
        assertThat(bench.correlator.ungrouped()).isEqualTo(1);
        assertThat(bench.fired.getFirst())
                .satisfies(hit -> {
                    assertThat(hit.value()).isEqualTo("2");
                    assertThat(hit.firstMillis()).isZero();
                    assertThat(hit.lastMillis()).isEqualTo(10_000);
                    assertThat(hit.eventIds()).containsExactly("e0", "e10");
                });
        assertThat(bench.correlator.silenced()).containsExactly("fail");
    }

    @Test
    void putsLateEventsWhereTheyBelongAndCountsThoseTooLate() {
        Bench bench =
                new Bench(
                        FAIL_AND_OK
                                + """
                                title: c
                                id: c
                                correlation:
                                    type: temporal_ordered
                                    rules: [fail, ok]
                                    group-by: [user]
                                    timespan: 1m
                                    generate: true
                                """,
                        30_000);
        bench.at(100, "type", "ok", "user", "a").at(90, "type", "fail", "user", "a");
        assertThat(bench.fires()).containsExactly("c[a]");
        bench.at(69, "type", "fail", "user", "b").at(101, "type", "ok", "user", "b");
        assertThat(bench.fires()).containsExactly("c[a]");
        assertThat(bench.correlator.late()).isEqualTo(1);
        assertThat(bench.correlator.silenced()).isEmpty();
    }

    @Test
    void waitsForTheEndOfTheWindowWhereMoreEventsCouldUndoIt() {
        String few =
                """
                type: event_count
                rules: [fail]
                group-by: [user]
                timespan: 1m
                condition: {gte: 1, lt: 3}
                """;
        Bench two =
                bench(few).at(0, "type", "fail", "user", "a").at(1, "type", "fail", "user", "a");
        assertThat(two.fires()).isEmpty();
        assertThat(two.finish().fires()).containsExactly("c[a]");
        Bench three =
                bench(few)
                        .at(0, "type", "fail", "user", "a")
                        .at(1, "type", "fail", "user", "a")
                        .at(2, "type", "fail", "user", "a");
        assertThat(three.finish().fires()).isEmpty();
        Bench average =
                bench(
                        """
                        type: value_avg
                        rules: [fail]
                        group-by: [user]
                        timespan: 1m
                        condition: {field: n, gt: 5}
                        """);
        average.at(0, "type", "fail", "user", "a", "n", 9)
                .at(1, "type", "fail", "user", "a", "n", 1)
                .at(1, "type", "fail", "user", "b", "n", 6);
        assertThat(average.finish().fires()).containsExactly("c[b]");
    }

    @Test
    void countsDifferentValues() {
        Bench bench =
                bench(
                        """
                        type: value_count
                        rules: [fail]
                        group-by: [host]
                        timespan: 1m
                        condition: {field: user, gte: 3}
                        """);
        bench.at(0, "type", "fail", "host", "x", "user", "a")
                .at(1, "type", "fail", "host", "x", "user", "b")
                .at(2, "type", "fail", "host", "x", "user", "b")
                .at(3, "type", "fail", "host", "x");
        assertThat(bench.fires()).isEmpty();
        bench.at(4, "type", "fail", "host", "x", "user", "c");
        assertThat(bench.fires()).containsExactly("c[x]");
    }

    @Test
    void correlationsFeedCorrelations() {
        Bench bench =
                new Bench(
                        FAIL_AND_OK
                                + """
                                title: many
                                id: many
                                name: many_failed
                                correlation:
                                    type: event_count
                                    rules: [fail]
                                    group-by: [user, host]
                                    timespan: 10m
                                    condition: {gte: 3}
                                ---
                                title: then
                                id: then
                                correlation:
                                    type: temporal_ordered
                                    rules: [many_failed, ok]
                                    group-by: [user]
                                    timespan: 10m
                                """,
                        0);
        for (int i = 0; i < 3; i++) {
            bench.at(i, "type", "fail", "user", "a", "host", "h");
        }
        bench.at(5, "type", "ok", "user", "b").at(6, "type", "ok", "user", "a");
        assertThat(bench.fires()).containsExactly("many[a, h]", "then[a]");
    }

    @Test
    void refusesWhatItDoesNotWhollyUnderstand() {
        assertRefused(
                "type: event_count\nrules: [gone]\ntimespan: 1m\ncondition: {gte: 1}",
                Reason.UNKNOWN_IDENTIFIER);
        assertRefused(
                "type: event_count\nrules: [c]\ntimespan: 1m\ncondition: {gte: 1}",
                Reason.UNKNOWN_IDENTIFIER);
        assertRefused(
                "type: often\nrules: [fail]\ntimespan: 1m\ncondition: {gte: 1}",
                Reason.BAD_STRUCTURE);
        assertRefused(
                "type: event_count\nrules: [fail]\ntimespan: soon\ncondition: {gte: 1}",
                Reason.BAD_STRUCTURE);
        assertRefused(
                "type: event_count\nrules: [fail]\ntimespan: 99d\ncondition: {gte: 1}",
                Reason.TOO_LARGE);
        assertRefused("type: event_count\nrules: [fail]\ntimespan: 1m", Reason.BAD_STRUCTURE);
        assertRefused(
                "type: event_count\nrules: [fail]\ntimespan: 1m\ncondition: {about: 1}",
                Reason.BAD_STRUCTURE);
        assertRefused(
                "type: event_count\nrules: [fail]\ntimespan: 1m\ncondition: {gte: x}",
                Reason.BAD_STRUCTURE);
        assertRefused(
                "type: value_count\nrules: [fail]\ntimespan: 1m\ncondition: {gte: 1}",
                Reason.BAD_STRUCTURE);
        assertRefused(
                "type: value_percentile\n"
                        + "rules: [fail]\n"
                        + "timespan: 1m\n"
                        + "condition: {field: a, gte: 1}",
                Reason.BAD_STRUCTURE);
        assertRefused(
                "type: value_percentile\n"
                        + "rules: [fail]\n"
                        + "timespan: 1m\n"
                        + "condition: {field: a, gte: 1, percentile: 101}",
                Reason.BAD_STRUCTURE);
        assertRefused(
                "type: value_sum\n"
                        + "rules: [fail]\n"
                        + "timespan: 1m\n"
                        + "condition: {field: a, gte: 1, percentile: 50}",
                Reason.BAD_STRUCTURE);
        assertRefused(
                "type: temporal\nrules: [fail]\ntimespan: 1m\nwindow: 3", Reason.BAD_STRUCTURE);
        assertRefused(
                "type: temporal\nrules: [fail]\ntimespan: 1m\naliases: {u: {gone: a}}",
                Reason.BAD_STRUCTURE);
    }

    private static void assertRefused(String correlation, Reason reason) {
        LoadReport report =
                new RuleLoader()
                        .load(
                                List.of(
                                        new RuleSource("base.yml", FAIL_AND_OK),
                                        new RuleSource(
                                                "c.yml",
                                                "title: c\nid: c\ncorrelation:\n"
                                                        + correlation.indent(4))));
        assertThat(report.correlations()).isEmpty();
        assertThat(report.rules()).hasSize(2);
        assertThat(report.refused())
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(reason));
        assertThat(report.loadedFiles()).isEqualTo(1);
    }

    @Test
    void comparesTheValueThatSoManyPercentDoNotExceed() {
        String median =
                """
                type: value_percentile
                rules: [fail]
                group-by: [user]
                timespan: 1m
                condition: {field: n, percentile: 50, gt: 5}
                """;
        Bench bench = bench(median);
        int[] numbers = {1, 9, 6, 100, 2};
        for (int i = 0; i < numbers.length; i++) {
            bench.at(i, "type", "fail", "user", "a", "n", numbers[i]);
            bench.at(i, "type", "fail", "user", "b", "n", i);
        }
        bench.at(4, "type", "fail", "user", "c", "n", "none");
        assertThat(bench.finish().fires()).containsExactly("c[a]");
        assertThat(bench.fired.getFirst().value()).isEqualTo("6");
        Bench between =
                bench(median.replace("50", "90"))
                        .at(0, "type", "fail", "user", "a", "n", 4)
                        .at(1, "type", "fail", "user", "a", "n", 8);
        assertThat(between.finish().fired.getFirst().value()).isEqualTo("7.6");
    }

    @Test
    void aSumOrAverageOfNoNumbersIsNone() {
        for (String type : List.of("value_avg", "value_sum")) {
            Bench bench =
                    bench(
                            "type: %s\n".formatted(type)
                                    + "rules: [fail]\n"
                                    + "group-by: [user]\n"
                                    + "timespan: 1m\n"
                                    + "condition: {field: n, lt: 5}\n");
            bench.at(0, "type", "fail", "user", "a", "n", "x").at(1, "type", "fail", "user", "a");
            assertThat(bench.finish().fires()).as(type).isEmpty();
        }
    }

    private static List<CorrelationHit> distinct(Correlator correlator, Hit hit, long from, int n) {
        var fired = new ArrayList<CorrelationHit>();
        for (int i = 0; i < n; i++) {
            var event = MapEvent.of(Map.of("host", "h", "user", "u" + i), EventSource.UNKNOWN);
            fired.addAll(correlator.accept("e", from + i, event, List.of(hit)));
        }
        return fired;
    }

    private static Correlator correlator(Bench bench) {
        return new Correlator(
                bench.report.correlations(), bench.report.rules(), FieldResolver.asNamed(), 0);
    }

    private static String valueCount(int threshold) {
        return """
        type: value_count
        rules: [fail]
        group-by: [host]
        timespan: 10m
        condition: {field: user, gte: %d}
        """
                .formatted(threshold);
    }

    @Test
    void countsUpToAThousandDifferentValuesExactly() {
        for (int threshold : new int[] {999, 1000}) {
            Bench bench = bench(valueCount(threshold));
            var hit = new Hit(bench.report.rules().getFirst(), List.of());
            assertThat(distinct(correlator(bench), hit, 0, threshold - 1)).isEmpty();
            assertThat(distinct(correlator(bench), hit, 0, threshold))
                    .singleElement()
                    .satisfies(fired ->
                            assertThat(fired.value()).isEqualTo(Integer.toString(threshold)));
        }
    }

    /** Three standard errors of 1.6 %; sixteenths of the timespan make no difference here. */
    @Test
    void countsManyDifferentValuesWithinFivePercentInFlatMemory() {
        for (int threshold : new int[] {1_500, 5_000, 20_000, 100_000}) {
            Bench bench = bench(valueCount(threshold));
            var hit = new Hit(bench.report.rules().getFirst(), List.of());
            Correlator correlator = correlator(bench);
            assertThat(distinct(correlator, hit, 0, (int) (threshold * 0.95))).isEmpty();
            int size = correlator.checkpoint().length;
            assertThat(size).isLessThan(80_000);
            assertThat(distinct(correlator(bench), hit, 0, (int) (threshold * 1.05))).hasSize(1);
        }
    }

    @Test
    void valuesThatLeaveTheWindowAreNoLongerCounted() {
        Bench bench = bench(valueCount(5_000));
        var hit = new Hit(bench.report.rules().getFirst(), List.of());
        Correlator correlator = correlator(bench);
        for (int burst = 0; burst < 10; burst++) {
            assertThat(distinct(correlator, hit, burst * 700_000L, 4_000)).isEmpty();
        }
        assertThat(distinct(correlator, hit, 20 * 700_000L, 900)).isEmpty();
        assertThat(correlator.checkpoint().length).isGreaterThan(900 * 20);
    }

    @Test
    void largeThresholdsAndSumsNeedNotRememberEveryEvent() {
        Bench counts =
                bench(
                        """
                        type: event_count
                        rules: [fail]
                        group-by: [host]
                        timespan: 10m
                        condition: {gte: 30000}
                        """);
        var hit = new Hit(counts.report.rules().getFirst(), List.of());
        assertThat(distinct(correlator(counts), hit, 0, 29_999)).isEmpty();
        assertThat(distinct(correlator(counts), hit, 0, 30_000)).hasSize(1);
        Bench sums =
                bench(
                        """
                        type: value_sum
                        rules: [fail]
                        group-by: [user]
                        timespan: 10m
                        condition: {field: n, gt: 29999}
                        """);
        for (int i = 0; i < 29_999; i++) {
            sums.at(0, "type", "fail", "user", "a", "n", 1);
        }
        assertThat(sums.fires()).isEmpty();
        assertThat(sums.at(0, "type", "fail", "user", "a", "n", 1).fires()).containsExactly("c[a]");
        Bench range =
                bench(
                        """
                        type: event_count
                        rules: [fail]
                        group-by: [user]
                        timespan: 1m
                        condition: {lt: 15000}
                        """);
        for (int i = 0; i < 20_000; i++) {
            range.at(0, "type", "fail", "user", "a");
        }
        assertThat(range.finish().fires()).isEmpty();
    }

    @Test
    void temporalGroupsKeepARareRuleThroughAFloodOfAnother() {
        Bench bench =
                bench(
                        """
                        type: temporal_ordered
                        rules: [fail, ok]
                        group-by: [user]
                        timespan: 1h
                        """);
        bench.at(0, "type", "fail", "user", "a");
        for (int i = 0; i < 20_000; i++) {
            bench.at(0, "type", "fail", "user", "a");
        }
        bench.at(9, "type", "ok", "user", "a");
        assertThat(bench.fires()).containsExactly("c[a]");
    }

    private static final List<String> AT_ONCE =
            List.of("event_count", "value_count", "value_sum", "temporal", "temporal_ordered");

    /** Whatever order events come in, a group fires exactly when some window of them fulfils it. */
    @Property(tries = 1000)
    void firesAsABruteForceSearchDoes(@ForAll long seed) {
        var random = new Random(seed);
        int span = 5;
        int threshold = 2 + random.nextInt(3);
        String type = AT_ONCE.get(random.nextInt(AT_ONCE.size()));
        Bench bench = bench(correlation(type, threshold));
        var occurred = new ArrayList<Occurred>();
        int count = random.nextInt(9);
        for (int i = 0; i < count; i++) {
            var one =
                    new Occurred(random.nextInt(25), random.nextBoolean(), "v" + random.nextInt(4));
            occurred.add(one);
            bench.at(
                    one.time,
                    "type",
                    one.fail ? "fail" : "ok",
                    "user",
                    "a",
                    "v",
                    one.value,
                    "n",
                    1);
        }
        boolean wanted = false;
        for (Occurred first : occurred) {
            var window =
                    occurred.stream()
                            .filter(one -> one.time >= first.time && one.time <= first.time + span)
                            .toList();
            wanted |= fulfils(type, threshold, window);
        }
        assertThat(!bench.fires().isEmpty()).as("%s %s", type, occurred).isEqualTo(wanted);
    }

    private record Occurred(long time, boolean fail, String value) {}

    private static String correlation(String type, int threshold) {
        String field =
                switch (type) {
                    case "value_count" -> "field: v, ";
                    case "value_sum" -> "field: n, ";
                    default -> "";
                };
        return "type: %s\nrules: [fail, ok]\ngroup-by: [user]\ntimespan: 5s\n".formatted(type)
                + (type.startsWith("temporal")
                        ? ""
                        : "condition: {%sgte: %d}\n".formatted(field, threshold));
    }

    private static boolean fulfils(String type, int threshold, List<Occurred> window) {
        return switch (type) {
            case "temporal" -> window.stream().map(Occurred::fail).distinct().count() == 2;
            case "temporal_ordered" ->
                    window.stream()
                            .anyMatch(a ->
                                    a.fail
                                            && window.stream()
                                                    .anyMatch(b -> !b.fail && b.time >= a.time));
            case "value_count" ->
                    window.stream().map(Occurred::value).distinct().count() >= threshold;
            default -> window.size() >= threshold;
        };
    }
}
