package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.sigma.Explanation.Outcome;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Explanations tell the first thing that kept a rule from firing, in words. */
class ExplanationTest {

    private static SigmaRule rule(String logSource, String detection) {
        LoadReport report =
                new RuleLoader()
                        .load(
                                List.of(
                                        new RuleSource(
                                                "r.yml",
                                                "title: r\nid: r\nlogsource: {%s}\ndetection:\n%s"
                                                        .formatted(
                                                                logSource, detection.indent(4)))));
        assertThat(report.refused()).isEmpty();
        return report.rules().getFirst();
    }

    private static RuleSet set(SigmaRule rule) {
        return RuleSet.compile(
                List.of(rule), WindowsFields.resolver(), Taxonomy.windows(), Placeholders.none());
    }

    private static Explanation explain(String detection, Map<String, ?> fields) {
        SigmaRule rule = rule("product: test", detection);
        return RuleSet.compile(List.of(rule), FieldResolver.asNamed(), LogSourceResolver.open())
                .explain(rule, MapEvent.of(fields, EventSource.UNKNOWN));
    }

    private static final String ENDS =
            """
            selection:
                Image|endswith: ['\\powershell.exe', '\\pwsh.exe']
                CommandLine|contains|all: [' -enc ', ' -nop']
            filter:
                User: SYSTEM
            condition: selection and not filter
            """;

    @Test
    void saysWhichValueOfTheEventFailsWhichValueOfTheRule() {
        Explanation miss = explain(ENDS, Map.of("Image", "C:\\x.exe", "CommandLine", "x"));
        assertThat(miss.outcome()).isEqualTo(Outcome.CONDITION_FALSE);
        assertThat(miss.why())
                .containsExactly(
                        "selection: Image is 'C:\\x.exe', but the rule wants it to end with one of"
                                + " '\\powershell.exe', '\\pwsh.exe'.");
        assertThat(miss.absent()).containsExactly("User");
        assertThat(explain(ENDS, Map.of("Image", "C:\\PWSH.exe", "CommandLine", "a -enc b")).why())
                .containsExactly(
                        "selection: CommandLine is 'a -enc b', but the rule wants it to contain"
                                + " ' -nop'.");
    }

    @Test
    void saysThatTheEventHasNoSuchField() {
        assertThat(explain(ENDS, Map.of("CommandLine", "x")).why())
                .containsExactly(
                        "selection: This event has no field Image, but the rule wants it to end"
                                + " with one of '\\powershell.exe', '\\pwsh.exe'.");
        assertThat(explain("s: {A: x}\ncondition: s\n", Collections.singletonMap("A", null)).why())
                .containsExactly("s: A is null, but the rule wants it to be 'x'.");
    }

    @Test
    void saysWhatExcludedTheEvent() {
        assertThat(
                        explain(
                                        ENDS,
                                        Map.of(
                                                "Image",
                                                "C:\\pwsh.exe",
                                                "CommandLine",
                                                " -enc  -nop",
                                                "User",
                                                "system"))
                                .why())
                .containsExactly(
                        "The condition wants 'not filter', but that holds.",
                        "filter: User is 'system', and the rule wants it to be 'SYSTEM'.");
    }

    @Test
    void saysWhatAHitRestsOn() {
        Explanation hit =
                explain(ENDS, Map.of("Image", "C:\\pwsh.exe", "CommandLine", "p -enc x -nop"));
        assertThat(hit.outcome()).isEqualTo(Outcome.FIRES);
        assertThat(hit.why())
                .containsExactly(
                        "selection: Image is 'C:\\pwsh.exe', and the rule wants it to end with"
                                + " '\\pwsh.exe'.",
                        "selection: CommandLine is 'p -enc x -nop', and the rule wants it to"
                                + " contain each of ' -enc ', ' -nop'.");
        Explanation.Answer answer = hit.selections().getFirst().answers().getFirst();
        assertThat(answer.wanted()).containsExactly("\\pwsh.exe");
        assertThat(answer.given()).isEqualTo("C:\\pwsh.exe");
        assertThat(answer.modifiers()).isEqualTo("endswith");
    }

    @Test
    void hasWordsForEveryKindOfDemand() {
        Map<String, String> wanted = new LinkedHashMap<>();
        wanted.put("A|re: '^x+$'", "to match the regular expression '^x+$'.");
        wanted.put("A|cidr: 10.0.0.0/8", "to lie in the network '10.0.0.0/8'.");
        wanted.put("A|gte: 5", "to be at least '5'.");
        wanted.put("A|exists: false", "not to be there.");
        wanted.put("A: null", "to be missing or null.");
        wanted.put("A: ''", "to be empty.");
        wanted.put("A: 'x*z'", "to match 'x*z'.");
        wanted.put("A|fieldref: B", "to be what field 'B' holds, which is 'b'.");
        wanted.put("A|neq: a", "not to be 'a'.");
        wanted.put("A|hour|gt: 18", "to have hour greater than '18'.");
        wanted.put("A|wide|base64offset|contains: x1x", "in utf16le in Base64 at any offset.");
        wanted.put("A|windash|contains: ' -x'", "to contain ' -x' with any kind of dash.");
        wanted.put("A|cased: 'X'", "to be 'X' in the same case.");
        wanted.forEach((field, words) ->
                assertThat(
                                explain(
                                                "s:\n    " + field + "\ncondition: s\n",
                                                Map.of("A", "a", "B", "b"))
                                        .why())
                        .as(field)
                        .singleElement()
                        .satisfies(line ->
                                assertThat(line)
                                        .startsWith("s: A is 'a', but the rule")
                                        .endsWith(words)));
    }

    @Test
    void countsAlternativesAndLooksForKeywords() {
        String detection =
                """
                sel_a: {A: 1}
                sel_b: {B: 2}
                words: ['evil', 'bad']
                condition: 1 of sel_* or words
                """;
        assertThat(explain(detection, Map.of("A", 3)).why())
                .containsExactly(
                        "The condition wants '1 of sel_*', none of 2 holds.",
                        "sel_a: A is '3', but the rule wants it to be '1'.",
                        "sel_b: This event has no field B, but the rule wants it to be '2'.",
                        "words: No value of this event contains one of 'evil', 'bad'.");
        assertThat(explain(detection, Map.of("C", "so Bad")).why())
                .containsExactly("words: 'so Bad' contains 'bad'.");
    }

    @Test
    void saysThatTheLogSourceIsAnother() {
        SigmaRule rule =
                rule(
                        "product: windows, category: process_creation",
                        "s: {Image|endswith: '\\x.exe'}\ncondition: s\n");
        RuleSet rules = set(rule);
        Explanation other =
                rules.explain(
                        rule,
                        MapEvent.of(
                                Map.of(
                                        "Channel",
                                        "Security",
                                        "EventID",
                                        4624,
                                        "Image",
                                        "\\x.exe")));
        assertThat(other.outcome()).isEqualTo(Outcome.OTHER_LOG_SOURCE);
        assertThat(other.why().getFirst())
                .startsWith("The rule's log source is product=windows category=process_creation")
                .contains("channel 'microsoft-windows-sysmon/operational' event id '1'")
                .endsWith("the event is of product 'windows' channel 'security' event id '4624'.");
        assertThat(other.why().get(1)).isEqualTo("Its condition would hold.");
    }

    @Test
    void namesTheFieldThatStandsInForTheRules() {
        SigmaRule rule =
                rule(
                        "product: windows, category: process_creation",
                        "s: {Image|endswith: '\\x.exe'}\ncondition: s\n");
        RuleSet rules = set(rule);
        MapEvent event =
                MapEvent.of(
                        Map.of(
                                "Channel",
                                "Security",
                                "EventID",
                                4688,
                                "NewProcessName",
                                "C:\\y.exe"));
        assertThat(rules.explain(rule, event).why())
                .containsExactly(
                        "s: Image (here NewProcessName) is 'C:\\y.exe', but the rule wants it to"
                                + " end with '\\x.exe'.");
    }

    @Test
    void tellsOfARuleThatIsOffOrDoesNotCompile() {
        SigmaRule rule = rule("product: windows", "s: {A: 1}\ncondition: s\n");
        RuleSet rules = set(rule);
        assertThat(rules.switchOff("r")).isTrue();
        MapEvent event = MapEvent.of(Map.of("A", 1), EventSource.of("windows", null, null));
        assertThat(rules.explain(rule, event))
                .satisfies(off -> {
                    assertThat(off.outcome()).isEqualTo(Outcome.SWITCHED_OFF);
                    assertThat(off.why().getFirst())
                            .isEqualTo("The rule is switched off; it would fire.");
                });
        SigmaRule lacking = rule("product: windows", "s: {A|expand: '%x%'}\ncondition: s\n");
        assertThat(set(lacking).explain(lacking, event))
                .satisfies(refused -> {
                    assertThat(refused.outcome()).isEqualTo(Outcome.REFUSED);
                    assertThat(refused.why().getFirst()).contains("'%x%' has no values");
                });
    }
}
