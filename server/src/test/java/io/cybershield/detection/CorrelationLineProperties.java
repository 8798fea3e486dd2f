package io.cybershield.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.sigma.CorrelationHit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class CorrelationLineProperties {
    private static final ActiveRules RULES =
            TestRules.active(TestRules.BASES, TestRules.guessing(3, true), TestRules.MORE);

    /** What a hit tells; the rule object itself differs from load to load. */
    private record Told(
            String rule, Map<String, String> group, long last, String value, List<String> events) {
        static List<Told> of(List<CorrelationHit> hits) {
            return hits.stream()
                    .map(h ->
                            new Told(
                                    h.rule().id(),
                                    h.group(),
                                    h.lastMillis(),
                                    h.value(),
                                    h.eventIds()))
                    .toList();
        }
    }

    @Property(tries = 300)
    void tellsTheSameWhereverItStopsAndIsMadeAgainFromCheckpointAndJournal(
            @ForAll("batches") List<List<Occurrence>> batches,
            @ForAll boolean history,
            @ForAll @Size(min = 1, max = 5) List<@IntRange(max = 20) Integer> crashes,
            @ForAll @IntRange(min = 1, max = 7) int checkpointEvery) {
        CorrelationLine straight = line(history);
        var expected = new ArrayList<Told>();
        batches.forEach(batch -> expected.addAll(Told.of(straight.take(batch))));
        expected.addAll(Told.of(straight.finish()));

        CorrelationLine line = line(history);
        byte[] checkpoint = line.checkpoint();
        long newest = line.newest();
        int covered = 0;
        var told = new ArrayList<Told>();
        for (int i = 0; i < batches.size(); i++) {
            if (crashes.contains(i)) {
                line = line(history);
                line.restore(checkpoint, newest);
                batches.subList(covered, i).forEach(line::take);
            }
            told.addAll(Told.of(line.take(batches.get(i))));
            if (i % checkpointEvery == 0) {
                checkpoint = line.checkpoint();
                newest = line.newest();
                covered = i + 1;
            }
        }
        assertThat(line.checkpoint()).isEqualTo(afterAll(batches, history));
        told.addAll(Told.of(line.finish()));
        assertThat(told).isEqualTo(expected);
    }

    private static byte[] afterAll(List<List<Occurrence>> batches, boolean history) {
        CorrelationLine line = line(history);
        batches.forEach(line::take);
        // Counters of before a restart are not part of it, so both must have restarted alike.
        return line.checkpoint();
    }

    private static CorrelationLine line(boolean history) {
        return new CorrelationLine(RULES.correlations(), RULES.known(), history);
    }

    @Provide
    Arbitrary<List<List<Occurrence>>> batches() {
        Arbitrary<Occurrence> occurrence =
                Combinators.combine(
                                Arbitraries.longs().between(0, 7_200_000),
                                Arbitraries.of(
                                        List.of(TestRules.FAILED),
                                        List.of(TestRules.ACCEPTED),
                                        List.of(TestRules.FAILED, TestRules.ACCEPTED)),
                                Arbitraries.of("ada", "bob", ""),
                                Arbitraries.integers().between(1, 100))
                        .as((at, rules, user, port) ->
                                new Occurrence(
                                        new java.util.UUID(at, port).toString(),
                                        1_700_000_000_000L + at,
                                        rules,
                                        user.isEmpty()
                                                ? Map.of("port", port)
                                                : Map.of("user", user, "port", port)));
        return occurrence.list().ofMaxSize(12).list().ofMinSize(1).ofMaxSize(20);
    }
}
