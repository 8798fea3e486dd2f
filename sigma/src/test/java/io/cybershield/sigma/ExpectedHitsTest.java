package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which rules fire on which files how often, against the count of an independent evaluator. */
class ExpectedHitsTest {

    private static final RuleSet RULES =
            RuleSet.compile(
                    SharedData.evaluatedRules(), FieldResolver.asNamed(), Taxonomy.sysmon());

    @Test
    void windowsEventLogsGiveTheExpectedHits() {
        Map<String, Map<String, Long>> hits = new TreeMap<>();
        SharedData.lines(
                "evtx/evtx-samples-dev.jsonl.gz",
                line -> {
                    Map<String, Object> record = Json.object(line);
                    count(hits, record.get("_file").toString(), record);
                });
        assertThat(differences(hits, expected("evtx/expected-hits-dev-rules.jsonl.gz"))).isEmpty();
    }

    @Test
    void attackSimulationsGiveTheExpectedHits() {
        compareSimulations(8);
    }

    @Test
    @Tag("long")
    void everyAttackSimulationGivesTheExpectedHits() {
        compareSimulations(Integer.MAX_VALUE);
    }

    private static void compareSimulations(int most) {
        Map<String, Map<String, Long>> expected = new TreeMap<>();
        expected("otrf/expected-hits-dev-rules.jsonl.gz").entrySet().stream()
                .limit(most)
                .forEach(entry -> expected.put(entry.getKey(), entry.getValue()));
        Map<String, Map<String, Long>> hits = new TreeMap<>();
        for (String file : expected.keySet()) {
            SharedData.lines("otrf/" + file, line -> count(hits, file, Json.object(line)));
        }
        assertThat(differences(hits, expected)).isEmpty();
    }

    private static void count(
            Map<String, Map<String, Long>> hits, String file, Map<String, Object> record) {
        Map<String, Long> counts = hits.computeIfAbsent(file, _ -> new TreeMap<>());
        for (Hit hit : RULES.match(MapEvent.of(record))) {
            assertThat(hit.matched()).as(hit.rule().title()).isNotNull();
            counts.merge(hit.rule().id(), 1L, Long::sum);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Map<String, Long>> expected(String name) {
        Map<String, Map<String, Long>> expected = new TreeMap<>();
        SharedData.lines(
                name,
                line -> {
                    Map<String, Object> record = Json.object(line);
                    expected.put(
                            record.get("file").toString(),
                            new TreeMap<>((Map<String, Long>) record.get("hits")));
                });
        assertThat(expected).isNotEmpty();
        return expected;
    }

    private static List<String> differences(
            Map<String, Map<String, Long>> given, Map<String, Map<String, Long>> expected) {
        var differences = new ArrayList<String>();
        expected.forEach(
                (file, counts) -> {
                    Map<String, Long> ours = given.getOrDefault(file, Map.of());
                    var rules = new java.util.TreeSet<>(counts.keySet());
                    rules.addAll(ours.keySet());
                    for (String rule : rules) {
                        long wanted = counts.getOrDefault(rule, 0L);
                        long got = ours.getOrDefault(rule, 0L);
                        if (wanted != got) {
                            differences.add(
                                    "%s %s expected %d, given %d".formatted(file, rule, wanted, got));
                        }
                    }
                });
        return differences;
    }
}
