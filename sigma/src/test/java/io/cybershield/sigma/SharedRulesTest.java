package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.sigma.Refusal.Reason;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The public rules, every one accounted for. */
class SharedRulesTest {

    private static LoadReport report;

    @BeforeAll
    static void load() {
        report = SharedData.rules();
    }

    @Test
    void everyFileLoadsOrIsRefused() {
        assertThat(report.files()).isEqualTo(2711);
        assertThat(report.loadedFiles() + report.refusedFiles()).isEqualTo(2711);
        assertThat(report.rules()).hasSize(report.loadedFiles());
    }

    @Test
    void refusesAreOfTheseClassesOnly() {
        Map<Reason, Long> reasons =
                report.refused().stream()
                        .collect(Collectors.groupingBy(Refusal::reason, Collectors.counting()));
        assertThat(reasons)
                .isEqualTo(
                        Map.of(
                                Reason.V1_AGGREGATION,
                                43L,
                                Reason.UNSUPPORTED,
                                3L,
                                Reason.UNKNOWN_IDENTIFIER,
                                2L));
        assertThat(report.refused())
                .allSatisfy(refusal -> {
                    assertThat(refusal.line()).isPositive();
                    assertThat(refusal.problem()).isNotBlank();
                    assertThat(refusal.mend()).isNotBlank();
                    assertThat(refusal.file()).matches("(unsupported|deprecated)/.*");
                });
    }

    @Test
    void keepsWhatTheIndexKnowsOfEachRule() {
        Map<String, SigmaRule> byPath =
                report.rules().stream().collect(Collectors.toMap(SigmaRule::path, rule -> rule));
        SharedData.lines(
                "sigma/rules-index.jsonl",
                line -> {
                    Map<String, Object> known = Json.object(line);
                    SigmaRule rule = byPath.get(known.get("path"));
                    if (rule == null) {
                        return;
                    }
                    assertThat(rule.id()).isEqualTo(known.get("id"));
                    assertThat(rule.title()).isEqualTo(known.get("title"));
                    assertThat(rule.tags())
                            .isEqualTo(known.get("tags") == null ? List.of() : known.get("tags"));
                    Map<?, ?> source = (Map<?, ?>) known.get("logsource");
                    assertThat(rule.logSource().product()).isEqualTo(source.get("product"));
                    assertThat(rule.logSource().category()).isEqualTo(source.get("category"));
                    assertThat(rule.logSource().service()).isEqualTo(source.get("service"));
                });
    }

    @Test
    void placeholderRulesCompileOnlyWithValues() {
        RuleSet without =
                RuleSet.compile(report.rules(), WindowsFields.resolver(), Taxonomy.windows());
        assertThat(without.refused())
                .isNotEmpty()
                .allSatisfy(refusal ->
                        assertThat(refusal.reason()).isEqualTo(Reason.MISSING_PLACEHOLDER));
        assertThat(without.rules().size() + without.refused().size())
                .isEqualTo(report.rules().size());
        RuleSet with =
                RuleSet.compile(
                        report.rules(),
                        WindowsFields.resolver(),
                        Taxonomy.windows(),
                        _ -> List.of("value"));
        assertThat(with.refused()).isEmpty();
    }
}
