package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.sigma.Coverage.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A rule is blind only when no way to a hit is left with the sources and fields seen. */
class CoverageTest {

    private static final EventSource SEEN = EventSource.of("p", null, "s");

    private static Map<String, Coverage.Entry> coverage(
            List<Map<String, Object>> events, String... detections) {
        var sources = new ArrayList<RuleSource>();
        for (String detection : detections) {
            String id = "r" + sources.size();
            sources.add(
                    new RuleSource(
                            id,
                            "title: r\nid: %s\nlogsource: {product: p, service: s}\ndetection:\n%s"
                                    .formatted(id, detection.indent(4))));
        }
        LoadReport report = new RuleLoader().load(sources);
        assertThat(report.refused()).isEmpty();
        RuleSet rules =
                RuleSet.compile(report.rules(), FieldResolver.asNamed(), Taxonomy.windows());
        Sample sample = rules.sample();
        events.forEach(event -> sample.add(MapEvent.of(event, SEEN)));
        return sample.coverage().rules().stream()
                .collect(Collectors.toMap(entry -> entry.rule().id(), entry -> entry));
    }

    private static State state(String detection, List<Map<String, Object>> events) {
        return coverage(events, detection).values().iterator().next().state();
    }

    @Test
    void anAlternativeKeepsARuleLive() {
        List<Map<String, Object>> events = List.of(Map.of("A", 1));
        assertThat(state("s: {A: 7}\ncondition: s", events)).isEqualTo(State.LIVE);
        assertThat(state("s: {B: 7}\ncondition: s", events)).isEqualTo(State.BLIND_FIELDS);
        assertThat(state("s: {A: 1, B: 1}\ncondition: s", events)).isEqualTo(State.BLIND_FIELDS);
        assertThat(state("s: [{A: 1}, {B: 1}]\ncondition: s", events)).isEqualTo(State.LIVE);
        assertThat(state("a: {A: 1}\nb: {B: 1}\ncondition: a or b", events)).isEqualTo(State.LIVE);
        assertThat(state("a: {A: 1}\nb: {B: 1}\ncondition: 2 of them", events))
                .isEqualTo(State.BLIND_FIELDS);
    }

    @Test
    void absenceNeedsNoField() {
        List<Map<String, Object>> events = List.of(Map.of("A", 1));
        assertThat(state("s: {B: null}\ncondition: s", events)).isEqualTo(State.LIVE);
        assertThat(state("a: {A: 1}\nf: {B: 1}\ncondition: a and not f", events))
                .isEqualTo(State.LIVE);
        assertThat(state("s: {B|exists: false}\ncondition: s", events)).isEqualTo(State.LIVE);
        assertThat(state("s: {B|exists: true}\ncondition: s", events))
                .isEqualTo(State.BLIND_FIELDS);
        assertThat(state("f: {B: null}\ncondition: not f", events)).isEqualTo(State.BLIND_FIELDS);
        assertThat(state("s: {B|neq: 1}\ncondition: s", events)).isEqualTo(State.LIVE);
        assertThat(state("k: [word]\ncondition: k", events)).isEqualTo(State.LIVE);
        assertThat(state("s: {A|fieldref: B}\ncondition: s", events)).isEqualTo(State.BLIND_FIELDS);
    }

    @Test
    void namesTheFieldsThatWereNeverSeen() {
        Map<String, Coverage.Entry> entries =
                coverage(
                        List.of(Map.of("A", 1), Map.of("C", 1)),
                        "s: {A: 1, B: 2, D: 3}\ncondition: s",
                        "s: [{B: 1}, {D: 1}]\ncondition: s");
        assertThat(entries.get("r0").fields()).containsExactly("B", "D");
        assertThat(entries.get("r0").why()).isEqualTo("Events of its log source never have B, D.");
        assertThat(entries.get("r1").fields()).containsExactly("B", "D");
    }

    @Test
    void aSourceNeverSeenIsBlindAndAnOffRuleSaysSo() {
        assertThat(state("s: {A: 1}\ncondition: s", List.of())).isEqualTo(State.BLIND_SOURCE);
        LoadReport report =
                new RuleLoader()
                        .load(
                                List.of(
                                        new RuleSource(
                                                "r.yml",
                                                "title: r\nid: r\nlogsource: {product: p}\n"
                                                        + "detection: {s: {A: 1}, condition: s}")));
        RuleSet rules =
                RuleSet.compile(report.rules(), FieldResolver.asNamed(), Taxonomy.windows());
        Sample sample = rules.sample();
        sample.add(MapEvent.of(Map.of("A", 1), SEEN));
        assertThat(sample.coverage().live()).hasSize(1);
        rules.switchOff("r");
        assertThat(sample.coverage().rules().getFirst().state()).isEqualTo(State.SWITCHED_OFF);
        assertThat(sample.coverage().blind()).isEmpty();
    }

    /** Real rules on real events: whatever fires is live. */
    @Test
    void noRuleThatFiresIsBlind() {
        RuleSet rules =
                RuleSet.compile(
                        SharedData.evaluatedRules(), WindowsFields.resolver(), Taxonomy.windows());
        Sample sample = rules.sample();
        var fired = new java.util.TreeSet<String>();
        SharedData.lines(
                "evtx/evtx-samples-dev.jsonl.gz",
                line -> {
                    MapEvent event = MapEvent.of(Json.object(line));
                    sample.add(event);
                    rules.match(event).forEach(hit -> fired.add(hit.rule().id()));
                });
        Coverage coverage = sample.coverage();
        assertThat(coverage.events()).isGreaterThan(8_000);
        assertThat(coverage.rules()).hasSize(rules.rules().size());
        assertThat(coverage.live().stream().map(entry -> entry.rule().id()).toList())
                .containsAll(fired);
        assertThat(coverage.blind()).isNotEmpty().allMatch(entry -> !entry.why().isEmpty());
    }
}
