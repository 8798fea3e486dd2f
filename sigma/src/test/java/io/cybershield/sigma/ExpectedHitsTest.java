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

    /**
     * A keyword rule whose words all stand in the event's message, which the evaluator does not
     * search; the specification has keywords searched in the full message.
     */
    private static final String KEYWORDS_IN_MESSAGE = "550d3350-bb8a-4ff3-9533-2ba533f4a1c0";

    private static final RuleSet RULES =
            RuleSet.compile(
                    SharedData.evaluatedRules(), WindowsFields.resolver(), Taxonomy.sysmon());

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
        compareSimulations(5);
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

    /**
     * Counts hits as the evaluator does, which takes channel names by their exact case and, of a
     * "log cleared" event, the channel that was cleared for the one that it came from
     * (docs/sigma-conformance.md). Where that makes no difference our own answer must be the same.
     */
    private static void count(
            Map<String, Map<String, Long>> hits, String file, Map<String, Object> record) {
        Map<String, Long> counts = hits.computeIfAbsent(file, _ -> new TreeMap<>());
        MapEvent event = MapEvent.of(record);
        EventSource evaluators = evaluatorsSource(event);
        List<Hit> given = RULES.match(event);
        if (!evaluators.equals(event.source())) {
            List<Hit> narrower =
                    RULES.match(MapEvent.of(WindowsFields.flatten(record), evaluators));
            assertThat(given).containsAll(narrower);
            given = narrower;
        }
        for (Hit hit : given) {
            assertThat(hit.matched()).as(hit.rule().title()).isNotEmpty();
            counts.merge(hit.rule().id(), 1L, Long::sum);
        }
    }

    private static EventSource evaluatorsSource(MapEvent event) {
        if (event.get("Channel") == null || event.get("EventID") == null) {
            return event.source();
        }
        String channel = event.get("Channel").toString();
        return EventSource.windows(
                channel.equals("security") ? "not Security" : channel,
                event.get("EventID").toString());
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
        expected.forEach((file, counts) -> {
            Map<String, Long> ours = given.getOrDefault(file, Map.of());
            var rules = new java.util.TreeSet<>(counts.keySet());
            rules.addAll(ours.keySet());
            for (String rule : rules) {
                long wanted = counts.getOrDefault(rule, 0L);
                long got = ours.getOrDefault(rule, 0L);
                boolean known = rule.equals(KEYWORDS_IN_MESSAGE) && got == 1;
                if (wanted != got && !known) {
                    differences.add(
                            "%s %s expected %d, given %d".formatted(file, rule, wanted, got));
                }
            }
        });
        return differences;
    }
}
