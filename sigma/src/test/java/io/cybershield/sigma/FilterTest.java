package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.sigma.Refusal.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FilterTest {

    private static final String RULE =
            """
            title: rule
            id: rule-1
            logsource: {category: process_creation, product: windows}
            detection:
                selection: {Image|endswith: '\\cmd.exe'}
                condition: selection
            """;

    private static LoadReport load(String filter) {
        return new RuleLoader()
                .load(
                        List.of(
                                new RuleSource("filter.yml", filter),
                                new RuleSource("rule.yml", RULE),
                                new RuleSource("other.yml", RULE.replace("rule-1", "rule-2"))));
    }

    private static String filter(String product, String rules, String condition) {
        return """
        title: filter
        id: filter
        logsource: {product: %s}
        filter:
            rules: %s
            selection: {User|startswith: adm_}
            condition: %s
        """
                .formatted(product, rules, condition);
    }

    private static List<String> fires(LoadReport report, String user) {
        assertThat(report.refused()).isEmpty();
        var ids = new ArrayList<String>();
        RuleSet.compile(report.rules(), FieldResolver.asNamed(), LogSourceResolver.open())
                .match(
                        MapEvent.of(
                                Map.of("Image", "C:\\cmd.exe", "User", user), EventSource.UNKNOWN))
                .forEach(hit -> ids.add(hit.rule().id()));
        return ids;
    }

    @Test
    void keepsTheRulesThatItNamesFromFiring() {
        LoadReport report = load(filter("windows", "[rule-1]", "not selection"));
        assertThat(fires(report, "bob")).containsExactly("rule-1", "rule-2");
        assertThat(fires(report, "adm_bob")).containsExactly("rule-2");
        assertThat(report.filters()).hasSize(1);
        assertThat(report.warnings()).noneMatch(warning -> warning.problem().contains("'not'"));
    }

    @Test
    void appliesToAnyRuleOfItsLogSource() {
        assertThat(fires(load(filter("windows", "any", "not selection")), "adm_bob")).isEmpty();
        assertThat(fires(load(filter("linux", "any", "not selection")), "adm_bob")).hasSize(2);
    }

    @Test
    void warnsWhenItSelectsRatherThanFilters() {
        LoadReport report = load(filter("windows", "[rule-1, gone]", "selection"));
        assertThat(fires(report, "adm_bob")).containsExactly("rule-1", "rule-2");
        assertThat(fires(report, "bob")).containsExactly("rule-2");
        assertThat(report.warnings())
                .extracting(Warning::problem)
                .anyMatch(problem -> problem.contains("'not'"))
                .anyMatch(problem -> problem.contains("'gone'"));
    }

    @Test
    void isRefusedWhenItCanDoNothing() {
        assertThat(load(filter("windows", "[gone]", "not selection")).refused())
                .singleElement()
                .satisfies(refusal ->
                        assertThat(refusal.reason()).isEqualTo(Reason.UNKNOWN_IDENTIFIER));
        assertThat(load(filter("windows", "[]", "not selection")).refused())
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.BAD_STRUCTURE));
        assertThat(load(filter("windows", "any", "not other")).refused())
                .singleElement()
                .satisfies(refusal ->
                        assertThat(refusal.reason()).isEqualTo(Reason.UNKNOWN_IDENTIFIER));
    }
}
