package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A correlator that goes on from a checkpoint does what one that never stopped does. */
class CheckpointProperties {

    private static final String RULES =
            """
            title: one
            id: one
            logsource: {product: test}
            detection: {s: {type: one}, condition: s}
            ---
            title: two
            id: two
            logsource: {product: test}
            detection: {s: {type: two}, condition: s}
            ---
            """;

    private static final List<String> CORRELATIONS =
            List.of(
                    "type: event_count\nrules: [one]\ncondition: {gte: 3}",
                    "type: event_count\nrules: [one, two]\ncondition: {gte: 2, lt: 5}",
                    "type: value_count\nrules: [one]\ncondition: {field: v, gte: 3}",
                    "type: value_count\nrules: [one]\ncondition: {field: [v, w], lte: 2}",
                    "type: value_sum\nrules: [two]\ncondition: {field: n, gt: 9.5}",
                    "type: value_avg\nrules: [one, two]\ncondition: {field: n, lte: 4}",
                    "type: value_percentile\n"
                            + "rules: [one]\n"
                            + "condition: {field: n, percentile: 75, gt: 3}",
                    "type: temporal\nrules: [one, two]",
                    "type: temporal_ordered\nrules: [two, one]",
                    "type: temporal\nrules: [c0, two]\ncondition: {gte: 2}");

    private static final LoadReport LOADED = load("6s");

    private record Step(String id, long time, MapEvent event, List<Hit> hits) {}

    private static LoadReport load(String timespan) {
        var text = new StringBuilder(RULES);
        for (int i = 0; i < CORRELATIONS.size(); i++) {
            text.append("title: c\nid: c%d\ncorrelation:\n".formatted(i))
                    .append(CORRELATIONS.get(i).indent(4))
                    .append("    group-by: [user]\n    timespan: %s\n---\n".formatted(timespan));
        }
        LoadReport report =
                new RuleLoader().load(List.of(new RuleSource("r.yml", text.toString())));
        assertThat(report.refused()).isEmpty();
        return report;
    }

    private static Correlator correlator(LoadReport loaded) {
        return new Correlator(
                loaded.correlations(), loaded.rules(), FieldResolver.asNamed(), 3_000);
    }

    private static List<Step> steps(Random random, int count) {
        var steps = new ArrayList<Step>();
        long now = 0;
        for (int i = 0; i < count; i++) {
            now += random.nextInt(2_000);
            Map<String, Object> fields = new LinkedHashMap<>();
            if (random.nextInt(12) > 0) {
                fields.put("user", "u" + random.nextInt(3));
            }
            fields.put("v", "v" + random.nextInt(5));
            fields.put("w", random.nextInt(2));
            fields.put("n", random.nextInt(10) == 0 ? "none" : random.nextInt(8) + 0.5);
            SigmaRule rule = LOADED.rules().get(random.nextInt(2));
            steps.add(
                    new Step(
                            "e" + i,
                            now - random.nextInt(4_500),
                            MapEvent.of(fields, EventSource.UNKNOWN),
                            List.of(new Hit(rule, List.of()))));
        }
        return steps;
    }

    private static List<String> run(Correlator correlator, List<Step> steps) {
        var fired = new ArrayList<CorrelationHit>();
        for (Step step : steps) {
            fired.addAll(correlator.accept(step.id, step.time, step.event, step.hits));
        }
        return told(fired);
    }

    private static List<String> told(List<CorrelationHit> fired) {
        return fired.stream()
                .map(hit ->
                        "%s %s %d-%d %s %s"
                                .formatted(
                                        hit.rule().id(),
                                        hit.group(),
                                        hit.firstMillis(),
                                        hit.lastMillis(),
                                        hit.value(),
                                        hit.eventIds()))
                .toList();
    }

    @Property(tries = 300, shrinking = ShrinkingMode.OFF)
    void aCheckpointAndTheRestIsTheWholeRun(@ForAll long seed) {
        compare(seed, 80);
    }

    @Test
    @Tag("long")
    void aCheckpointAndTheRestIsTheWholeRunManyTimes() {
        for (long seed = 0; seed < 20_000; seed++) {
            compare(seed, 120);
        }
    }

    private static void compare(long seed, int count) {
        var random = new Random(seed);
        List<Step> steps = steps(random, count);
        int cut = random.nextInt(steps.size() + 1);
        Correlator whole = correlator(LOADED);
        List<String> wanted = new ArrayList<>(run(whole, steps));
        Correlator before = correlator(LOADED);
        List<String> given = new ArrayList<>(run(before, steps.subList(0, cut)));
        Correlator after = correlator(LOADED);
        byte[] checkpoint = before.checkpoint();
        assertThat(after.restore(checkpoint)).isEmpty();
        assertThat(after.checkpoint()).as("seed %d", seed).isEqualTo(checkpoint);
        given.addAll(run(after, steps.subList(cut, steps.size())));
        assertThat(after.checkpoint()).as("seed %d", seed).isEqualTo(whole.checkpoint());
        given.addAll(told(after.finish()));
        wanted.addAll(told(whole.finish()));
        assertThat(given).as("seed %d cut %d", seed, cut).isEqualTo(wanted);
        assertThat(after.late()).isEqualTo(whole.late());
        assertThat(after.ungrouped()).isEqualTo(whole.ungrouped());
    }

    /** Groups too large to be remembered event by event, and those evicted for others. */
    @Test
    void largeGroupsComeBackToo() {
        Correlator whole = correlator(LOADED);
        Correlator first = correlator(LOADED);
        Correlator second = correlator(LOADED);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < 26_000; i++) {
            Map<String, Object> fields =
                    Map.of("user", "u" + (i % 40 == 0 ? i : 0), "v", "v" + i, "w", i, "n", i % 7);
            SigmaRule rule = LOADED.rules().get(i % 2);
            steps.add(
                    new Step(
                            "e" + i,
                            i / 5,
                            MapEvent.of(fields, EventSource.UNKNOWN),
                            List.of(new Hit(rule, List.of()))));
        }
        List<String> wanted = run(whole, steps);
        List<String> given = new ArrayList<>(run(first, steps.subList(0, 24_500)));
        second.restore(first.checkpoint());
        given.addAll(run(second, steps.subList(24_500, steps.size())));
        assertThat(given).isEqualTo(wanted);
        assertThat(second.checkpoint()).isEqualTo(whole.checkpoint());
        assertThat(told(second.finish())).isEqualTo(told(whole.finish()));
    }

    @Test
    void damagedBytesAreRefusedAndChangeNothing() {
        Correlator filled = correlator(LOADED);
        run(filled, steps(new Random(7), 60));
        byte[] checkpoint = filled.checkpoint();
        Correlator other = correlator(LOADED);
        run(other, steps(new Random(8), 40));
        byte[] own = other.checkpoint();
        for (int i = 0; i < checkpoint.length; i += 3) {
            byte[] damaged = checkpoint.clone();
            damaged[i] ^= (byte) (1 << (i & 7));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> other.restore(damaged))
                    .withMessageStartingWith("The checkpoint cannot be read: ");
        }
        for (int length = 0; length < checkpoint.length; length += 11) {
            byte[] cut = java.util.Arrays.copyOf(checkpoint, length);
            assertThatIllegalArgumentException().isThrownBy(() -> other.restore(cut));
        }
        assertThat(other.checkpoint()).isEqualTo(own);
    }

    /** Even with a right check sum nothing but a clear refusal comes of nonsense. */
    @Property(tries = 500)
    void nonsenseIsRefused(@ForAll long seed) {
        var random = new Random(seed);
        Correlator filled = correlator(LOADED);
        run(filled, steps(random, 30));
        byte[] bytes = filled.checkpoint();
        for (int i = 0; i < 4; i++) {
            bytes[8 + random.nextInt(bytes.length - 12)] = (byte) random.nextInt(256);
        }
        var sum = new java.util.zip.CRC32();
        sum.update(bytes, 0, bytes.length - 4);
        java.nio.ByteBuffer.wrap(bytes).putInt(bytes.length - 4, (int) sum.getValue());
        Correlator other = correlator(LOADED);
        try {
            other.restore(bytes);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageStartingWith("The checkpoint cannot be read: ");
            assertThat(other.checkpoint()).isEqualTo(correlator(LOADED).checkpoint());
        }
    }

    @Test
    void aRuleThatWasChangedStartsAnewAndIsNamed() {
        Correlator filled = correlator(LOADED);
        run(filled, steps(new Random(9), 40));
        Correlator changed = correlator(load("7s"));
        assertThat(changed.restore(filled.checkpoint())).hasSize(CORRELATIONS.size());
        assertThat(run(changed, List.of())).isEmpty();
    }
}
