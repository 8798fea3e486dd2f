package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What rules cost is counted; a rule can be switched off, or cut off, without touching others. */
class RuleCostTest {

    private static RuleSet rules(String... detections) {
        var sources = new ArrayList<RuleSource>();
        for (String detection : detections) {
            String id = "r" + sources.size();
            sources.add(
                    new RuleSource(
                            id,
                            "title: r\nid: %s\nlogsource: {product: p}\ndetection:\n%s"
                                    .formatted(id, detection.indent(4))));
        }
        LoadReport report = new RuleLoader().load(sources);
        assertThat(report.refused()).isEmpty();
        return RuleSet.compile(report.rules(), FieldResolver.asNamed(), LogSourceResolver.open());
    }

    private static List<String> match(RuleSet rules, Map<String, Object> event) {
        return rules.match(MapEvent.of(event, EventSource.UNKNOWN)).stream()
                .map(hit -> hit.rule().id())
                .toList();
    }

    @Test
    void countsRunsHitsAndStepsOfEachRule() {
        RuleSet rules =
                rules(
                        "s: {A|contains: evil}\ncondition: s",
                        "s: {A|re: '(x+x+)+y'}\ncondition: s",
                        "s: {B: 1}\ncondition: s");
        for (int i = 0; i < 10; i++) {
            assertThat(match(rules, Map.of("A", "evil " + "x".repeat(1000)))).containsExactly("r0");
        }
        List<RuleCost> costs = rules.costs();
        assertThat(costs).extracting(RuleCost::runs).containsExactly(10L, 10L, 0L);
        assertThat(costs).extracting(RuleCost::hits).containsExactly(10L, 0L, 0L);
        assertThat(costs.get(1).steps()).isGreaterThan(20 * costs.get(0).steps());
        assertThat(costs.get(2).steps()).isZero();
    }

    @Test
    void aRuleThatIsOffGivesNoHitsUntilItIsOnAgain() {
        RuleSet rules = rules("s: {A: 1}\ncondition: s", "s: {A: 1}\ncondition: s");
        assertThat(match(rules, Map.of("A", 1))).containsExactly("r0", "r1");
        assertThat(rules.switchOff("r0")).isTrue();
        assertThat(rules.isOff("r0")).isTrue();
        assertThat(match(rules, Map.of("A", 1))).containsExactly("r1");
        assertThat(rules.costs().getFirst().off()).isTrue();
        assertThat(rules.costs().getFirst().runs()).isEqualTo(1);
        assertThat(rules.switchOn("r0")).isTrue();
        assertThat(match(rules, Map.of("A", 1))).containsExactly("r0", "r1");
        assertThat(rules.switchOff("unknown")).isFalse();
    }

    @Test
    void aRuleBeyondItsBudgetIsCutOffAndCountedAndOthersAnswer() {
        RuleSet rules =
                rules(
                        "s: {A|re: 'zz+y'}\ncondition: s",
                        "s: {A|startswith: zz}\ncondition: s",
                        "s: {A|re: 'zz+y'}\nf: {B: 1}\ncondition: not s or f");
        rules.limitSteps(50_000);
        assertThat(match(rules, Map.of("A", "zzy"))).containsExactly("r0", "r1");
        assertThat(match(rules, Map.of("A", "zz" + "x".repeat(200_000) + "zzy")))
                .containsExactly("r1");
        assertThat(rules.costs()).extracting(RuleCost::cutOff).containsExactly(1L, 0L, 1L);
        assertThat(match(rules, Map.of("A", "zzy"))).containsExactly("r0", "r1");
        rules.limitSteps(50_000_000);
        assertThat(match(rules, Map.of("A", "zz" + "x".repeat(200_000) + "zzy")))
                .containsExactly("r0", "r1");
        assertThatIllegalArgumentException().isThrownBy(() -> rules.limitSteps(0));
    }
}
