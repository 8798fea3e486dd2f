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
                "type: value_percentile\nrules: [fail]\ntimespan: 1m\ncondition: {gte: 1}",
                Reason.UNSUPPORTED);
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

    /** Whatever order events come in, a group fires exactly when some window of them fulfils it. */
    @Property(tries = 400)
    void firesAsABruteForceSearchDoes(@ForAll long seed) {
        var random = new Random(seed);
        int span = 5;
        int threshold = 2 + random.nextInt(3);
        boolean ordered = random.nextBoolean();
        Bench bench =
                bench(
                        ordered
                                ? "type: temporal_ordered\n"
                                        + "rules: [fail, ok]\n"
                                        + "group-by: [user]\n"
                                        + "timespan: 5s\n"
                                : "type: event_count\n"
                                        + "rules: [fail, ok]\n"
                                        + "group-by: [user]\n"
                                        + "timespan: 5s\n"
                                        + "condition: {gte: "
                                        + threshold
                                        + "}\n");
        List<Long> times = new ArrayList<>();
        List<Boolean> fails = new ArrayList<>();
        int count = random.nextInt(8);
        for (int i = 0; i < count; i++) {
            times.add((long) random.nextInt(25));
            fails.add(random.nextBoolean());
            bench.at(times.get(i), "type", fails.get(i) ? "fail" : "ok", "user", "a");
        }
        boolean wanted = false;
        for (int i = 0; i < count; i++) {
            int inside = 0;
            for (int j = 0; j < count; j++) {
                long gap = times.get(j) - times.get(i);
                inside += gap >= 0 && gap <= span ? 1 : 0;
                wanted |= ordered && gap >= 0 && gap <= span && fails.get(i) && !fails.get(j);
            }
            wanted |= !ordered && inside >= threshold;
        }
        assertThat(!bench.fires().isEmpty())
                .as("times %s fails %s", times, fails)
                .isEqualTo(wanted);
    }
}
