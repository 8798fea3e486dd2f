package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The shared vectors: a rule, an event, and whether the one must match the other. */
class ConformanceTest {

    @TestFactory
    Stream<DynamicTest> vectors() {
        List<Map<String, Object>> vectors = new ArrayList<>();
        SharedData.lines(
                "sigma/conformance-vectors-dev.jsonl", line -> vectors.add(Json.object(line)));
        assertThat(vectors).hasSizeGreaterThanOrEqualTo(52);
        return vectors.stream()
                .map(vector ->
                        DynamicTest.dynamicTest(
                                vector.get("name").toString(), () -> check(vector)));
    }

    @SuppressWarnings("unchecked")
    private static void check(Map<String, Object> vector) {
        var source = new RuleSource("vector.yml", Json.write(vector.get("rule")));
        LoadReport report = new RuleLoader().load(List.of(source));
        if (vector.get("expected").equals("load_error")) {
            assertThat(report.rules()).isEmpty();
            assertThat(report.refused()).hasSize(1);
            return;
        }
        assertThat(report.refused()).isEmpty();
        var lists = (Map<String, List<String>>) vector.getOrDefault("placeholders", Map.of());
        RuleSet rules =
                RuleSet.compile(
                        report.rules(),
                        FieldResolver.asNamed(),
                        LogSourceResolver.open(),
                        lists::get);
        assertThat(rules.refused()).isEmpty();
        MapEvent event = MapEvent.of((Map<String, Object>) vector.get("event"));
        assertThat(rules.match(event)).hasSize(vector.get("expected").equals(true) ? 1 : 0);
    }
}
