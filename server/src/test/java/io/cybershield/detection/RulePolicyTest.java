package io.cybershield.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.ingest.TestEvents;
import io.cybershield.sigma.EventSource;
import io.cybershield.sigma.Refusal;
import io.cybershield.sigma.RuleSource;
import io.cybershield.sigma.SigmaRule;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What becomes of rules: read together, blind, too dear. */
class RulePolicyTest {
    private static final long BUDGET = 5_000_000;

    static String dear() {
        return """
        title: Too dear
        id: dea40000-0000-4000-8000-000000000001
        logsource:
            category: test
        detection:
            selection:
                text|re:
        %s
            condition: selection
        """
                .formatted(
                        IntStream.rangeClosed(1, 200)
                                .mapToObj(i ->
                                        "            - '^[qz][a-z0-9]*[0-9][a-z]{1,"
                                                + i
                                                + "}[0-9]$'")
                                .collect(Collectors.joining("\n")));
    }

    private static SigmaRule rule(String text) {
        return RuleReading.of(List.of(new RuleSource("a.yml", text)), List.of()).rules().getFirst();
    }

    private static List<StreamEvent> events(int count, int chars) {
        return Collections.nCopies(
                count,
                new StreamEvent(
                        TestEvents.of(
                                "json",
                                "{\"logsource\":{\"category\":\"test\"},\"text\":\"%s\"}"
                                        .formatted("never".repeat(chars / 5)))));
    }

    @Test
    void aRuleThatGoesBeyondItsBudgetOnOrdinaryEventsHasToGo() {
        assertThat(Quarantine.reason(rule(dear()), events(5, 8_000), BUDGET))
                .hasValueSatisfying(why -> assertThat(why).contains("5,000,000 steps on 5 events"));
        assertThat(Quarantine.reason(rule(dear()), events(4, 8_000), BUDGET)).isEmpty();
    }

    @Test
    void noShippedRuleGoesWhateverOrdinaryEventsSay() {
        for (SigmaRule rule : new ShippedRules().reading().rules()) {
            assertThat(Quarantine.reason(rule, events(6, 8_000), BUDGET)).isEmpty();
        }
    }

    @Test
    void correlationsMayReferToRulesThatAreThereAlready() {
        var correlation = List.of(new RuleSource("c.yml", TestRules.guessing(3, false)));
        assertThat(RuleReading.of(correlation, List.of()).refusals())
                .extracting(Refusal::reason)
                .containsExactly(Refusal.Reason.UNKNOWN_IDENTIFIER);
        RuleReading reading =
                RuleReading.of(
                        correlation,
                        List.of(),
                        () -> List.of(new RuleSource("c.yml", TestRules.BASES)));
        assertThat(reading.refusals()).isEmpty();
        assertThat(reading.rules()).isEmpty();
        assertThat(reading.correlations()).hasSize(1);
        assertThat(reading.loadedFiles()).isOne();
    }

    @Test
    void aCorrelationSilencesItsRulesUnlessItOrAnotherLetsThemSpeak() {
        assertThat(TestRules.active(TestRules.BASES, TestRules.guessing(3, false)).silenced())
                .containsExactly(TestRules.FAILED);
        assertThat(TestRules.active(TestRules.BASES, TestRules.guessing(3, true)).silenced())
                .isEmpty();
    }

    @Test
    void saysWhichRulesAreBlindAndWhy() {
        ActiveRules active =
                TestRules.active(TestRules.BASES, TestRules.guessing(3, true), TestRules.MORE);
        var none = RuleCoverage.of(active, List.of());
        assertThat(none.get(TestRules.FAILED).state()).isEqualTo("blind-source");
        assertThat(none.get(TestRules.GUESSING).state()).isEqualTo("blind-source");
        assertThat(none.get(TestRules.GUESSING).why()).contains("'Sign-in failed'");

        var source = EventSource.of(null, "test", null);
        var fieldless =
                RuleCoverage.of(active, List.of(new SeenEvents.Source(source, Set.of("user"), 10)));
        assertThat(fieldless.get(TestRules.FAILED).state()).isEqualTo("blind-fields");
        assertThat(fieldless.get(TestRules.FAILED).fields()).containsExactly("kind");

        var seeing =
                RuleCoverage.of(active, List.of(new SeenEvents.Source(source, Set.of("kind"), 10)));
        assertThat(seeing.values()).allMatch(view -> view.state().equals("live"));
    }
}
