package io.cybershield.detection;

import io.cybershield.detection.RuleStore.LoadedFile;
import io.cybershield.sigma.CorrelationRule;
import io.cybershield.sigma.RuleSource;
import io.cybershield.sigma.SigmaRule;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Rules for tests, made ready as a tenant's are. */
final class TestRules {
    static final String FAILED = "b4dfd533-87f2-57c7-9423-37cae7cb9981";
    static final String ACCEPTED = "b4dfd533-87f2-57c7-9423-37cae7cb9982";
    static final String GUESSING = "c0ffee00-0000-4000-8000-000000000001";
    static final String GUESSED = "c0ffee00-0000-4000-8000-000000000002";
    static final String SLOW = "c0ffee00-0000-4000-8000-000000000003";

    private TestRules() {}

    /** Base rules that fire on {@code kind} and correlations that only these feed. */
    static final String BASES =
            """
            title: Sign-in failed
            id: %s
            name: failed
            logsource:
                category: test
            detection:
                selection:
                    kind: failed
                condition: selection
            level: low
            ---
            title: Sign-in accepted
            id: %s
            name: accepted
            logsource:
                category: test
            detection:
                selection:
                    kind: accepted
                condition: selection
            level: low
            """
                    .formatted(FAILED, ACCEPTED);

    static String guessing(int times, boolean generate) {
        return """
        title: Many sign-ins failed
        id: %s
        name: guessing
        correlation:
            type: event_count
            rules: [failed]
            group-by: [user]
            timespan: 5m
            generate: %s
            condition:
                gte: %d
        level: high
        tags: [attack.t1110]
        """
                .formatted(GUESSING, generate, times);
    }

    static final String MORE =
            """
            title: Guessed at last
            id: %s
            correlation:
                type: temporal_ordered
                rules: [guessing, accepted]
                group-by: [user]
                timespan: 10m
            level: critical
            ---
            title: Few sign-ins on average
            id: %s
            correlation:
                type: value_avg
                rules: [failed]
                group-by: [user]
                timespan: 10m
                condition:
                    lt: 50
                    field: port
            level: low
            """
                    .formatted(GUESSED, SLOW);

    /** All of these files, every rule on. */
    static ActiveRules active(String... texts) {
        var sources = new java.util.ArrayList<RuleSource>();
        for (int i = 0; i < texts.length; i++) {
            sources.add(new RuleSource("file" + i + ".yml", texts[i]));
        }
        RuleReading reading = RuleReading.of(sources, List.of());
        if (!reading.refusals().isEmpty()) {
            throw new AssertionError(reading.refusals());
        }
        return ActiveRules.of(
                sources.stream()
                        .map(source -> {
                            Set<String> ids = new HashSet<>();
                            reading.rules().stream()
                                    .filter(r -> r.path().equals(source.path()))
                                    .map(SigmaRule::id)
                                    .forEach(ids::add);
                            reading.correlations().stream()
                                    .filter(r -> r.path().equals(source.path()))
                                    .map(CorrelationRule::id)
                                    .forEach(ids::add);
                            return new LoadedFile(source.path(), source.text(), ids, ids);
                        })
                        .toList());
    }
}
