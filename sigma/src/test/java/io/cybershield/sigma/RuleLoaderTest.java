package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.sigma.Refusal.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleLoaderTest {

    private static final String HEAD =
            """
            title: A rule
            id: 11111111-2222-3333-4444-555555555555
            logsource:
                product: windows
            """;

    private static LoadReport load(String... texts) {
        var sources = new java.util.ArrayList<RuleSource>();
        for (String text : texts) {
            sources.add(new RuleSource("rule" + sources.size() + ".yml", text));
        }
        return new RuleLoader().load(sources);
    }

    private static Refusal refused(String text) {
        LoadReport report = load(text);
        assertThat(report.rules()).isEmpty();
        assertThat(report.refused()).hasSize(1);
        assertThat(report.refused().getFirst().mend()).isNotBlank();
        return report.refused().getFirst();
    }

    private static Refusal refusedDetection(String detection) {
        return refused(HEAD + "detection:\n" + detection.indent(4));
    }

    @Test
    void keepsWhatARuleSaysOfItself() {
        LoadReport report =
                load(
                        """
                        title: Whoami
                        id: 11111111-2222-3333-4444-555555555555
                        status: test
                        description: Who am I
                        author: Ann, Bob
                        date: 2024-01-02
                        references:
                            - https://example.org/a
                        tags:
                            - attack.t1059.001
                            - attack.lateral-movement
                            - attack.s0002
                            - cve.2024-1
                        logsource:
                            category: Process_Creation
                            product: windows
                        detection:
                            sel:
                                Image|endswith: '\\whoami.exe'
                            condition: sel
                        falsepositives:
                            - Administrators
                        fields:
                            - CommandLine
                        level: high
                        """);
        SigmaRule rule = report.rules().getFirst();
        assertThat(rule.level()).isEqualTo(Level.HIGH);
        assertThat(rule.status()).isEqualTo(Status.TEST);
        assertThat(rule.techniques()).containsExactly("T1059.001");
        assertThat(rule.tactics()).containsExactly("lateral-movement");
        assertThat(rule.author()).isEqualTo("Ann, Bob");
        assertThat(rule.date()).isEqualTo("2024-01-02");
        assertThat(rule.logSource().category()).isEqualTo("process_creation");
        assertThat(rule.falsePositives()).containsExactly("Administrators");
        assertThat(rule.fields()).containsExactly("CommandLine");
        assertThat(rule.text()).startsWith("title: Whoami");
        assertThat(report.warnings()).isEmpty();
    }

    @Test
    void namesFileAndLineOfAnUnknownModifier() {
        Refusal refusal = refusedDetection("sel:\n    A: 1\n    B|foo: 2\ncondition: sel\n");
        assertThat(refusal.reason()).isEqualTo(Reason.UNKNOWN_MODIFIER);
        assertThat(refusal.file()).isEqualTo("rule0.yml");
        assertThat(refusal.line()).isEqualTo(8);
        assertThat(refusal.problem()).contains("'foo'");
    }

    @Test
    void saysHowToRewriteAnAggregation() {
        Refusal refusal = refusedDetection("sel:\n    A: 1\ncondition: sel | count() by B > 5\n");
        assertThat(refusal.reason()).isEqualTo(Reason.V1_AGGREGATION);
        assertThat(refusal.line()).isEqualTo(8);
        assertThat(refusal.mend()).contains("event_count").contains("group-by");
    }

    @Test
    void refusesTheLaterOfTwoFilesWithOneId() {
        String text = HEAD + "detection:\n    sel:\n        A: 1\n    condition: sel\n";
        LoadReport report = load(text, text.replace("A rule", "Another"));
        assertThat(report.rules()).extracting(SigmaRule::title).containsExactly("A rule");
        assertThat(report.refused()).extracting(Refusal::file).containsExactly("rule1.yml");
        assertThat(report.refused().getFirst().reason()).isEqualTo(Reason.DUPLICATE_ID);
        assertThat(report.refused().getFirst().problem()).contains("rule0.yml");
    }

    @Test
    void refusesAFileWholeWhenOneOfItsDocumentsIsWrong() {
        String good = HEAD + "detection:\n    sel:\n        A: 1\n    condition: sel\n";
        LoadReport report = load(good + "---\ntitle: no more\n");
        assertThat(report.rules()).isEmpty();
        assertThat(report.refusedFiles()).isEqualTo(1);
        LoadReport both =
                load(
                        good
                                + "---\n"
                                + good.replace("1111-", "1112-").replace("11111111", "11111112"));
        assertThat(both.rules()).hasSize(2);
        assertThat(both.loadedFiles()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "sel or;BAD_CONDITION",
                "sel and and sel;BAD_CONDITION",
                "sel sel;BAD_CONDITION",
                "(sel;BAD_CONDITION",
                "sel);BAD_CONDITION",
                "not;BAD_CONDITION",
                "2 of sel*;BAD_CONDITION",
                "0 of sel*;BAD_CONDITION",
                "some of sel*;BAD_CONDITION",
                "1 of;BAD_CONDITION",
                "1 of other*;UNKNOWN_IDENTIFIER",
                "other;UNKNOWN_IDENTIFIER",
                "sel | near other;V1_AGGREGATION",
            })
    void refusesConditions(String condition, Reason reason) {
        Refusal refusal = refusedDetection("sel:\n    A: 1\ncondition: '" + condition + "'\n");
        assertThat(refusal.reason()).isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "A|re: 'a(?=b)';BAD_REGEX",
                "A|re: '(a)\\1';BAD_REGEX",
                "A|re: '(';BAD_REGEX",
                "A|cidr: 10.0.0.1/8;BAD_VALUE",
                "A|cidr: hello;BAD_VALUE",
                "A|cidr: 10.0.0.0/33;BAD_VALUE",
                "A|exists: maybe;BAD_MODIFIER",
                "A|gt: abc;BAD_MODIFIER",
                "A|i: abc;BAD_MODIFIER",
                "A|month: 13;BAD_VALUE",
                "A|contains: null;BAD_MODIFIER",
                "A|base64: 'a*b';BAD_MODIFIER",
                "A|base64offset: 'ab';BAD_MODIFIER",
                "A|fieldref: 'a*';BAD_MODIFIER",
                "A|contains|contains: a;BAD_MODIFIER",
                "A|Contains: a;UNKNOWN_MODIFIER",
                "A|: a;UNKNOWN_MODIFIER",
                "A: [];BAD_STRUCTURE",
                "A: {b: c};BAD_STRUCTURE",
                "A: [[b]];BAD_STRUCTURE",
            })
    void refusesFields(String field, Reason reason) {
        Refusal refusal = refusedDetection("sel:\n    " + field + "\ncondition: sel\n");
        assertThat(refusal.reason()).as(refusal.toString()).isEqualTo(reason);
        assertThat(refusal.line()).isEqualTo(7);
    }

    @Test
    void refusesWhatIsNoRule() {
        assertThat(refused("").reason()).isEqualTo(Reason.UNREADABLE);
        assertThat(refused("- a\n").reason()).isEqualTo(Reason.BAD_STRUCTURE);
        assertThat(refused("title: [\n").reason()).isEqualTo(Reason.UNREADABLE);
        assertThat(refused("title: a\ntitle: b\n").reason()).isEqualTo(Reason.BAD_STRUCTURE);
        assertThat(refused("title: a\nlogsource: {}\n").problem()).contains("logsource");
        assertThat(refused("title: a\nlogsource: {product: b}\n").problem()).contains("detection");
        assertThat(refused("logsource: {product: b}\n").problem()).contains("title");
        assertThat(refused("!!javax.script.ScriptEngineManager [a]\n").reason())
                .isEqualTo(Reason.BAD_STRUCTURE);
        assertThat(refused(HEAD + "level: urgent\ndetection: {s: {A: 1}, condition: s}\n").reason())
                .isEqualTo(Reason.BAD_VALUE);
        assertThat(refused("action: global\ntitle: a\n").reason()).isEqualTo(Reason.UNSUPPORTED);
    }

    @Test
    void refusesADocumentThatIsTwoThings() {
        String both = HEAD + "detection: {s: {A: 1}, condition: s}\n";
        assertThat(refused(both + "correlation: {type: event_count}\n").reason())
                .isEqualTo(Reason.BAD_STRUCTURE);
        assertThat(refused(both + "filter: {rules: any}\n").reason())
                .isEqualTo(Reason.BAD_STRUCTURE);
    }

    @Test
    void refusesAYamlBombBeforeItGrows() {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 20; i++) {
            String before = "*a" + (i - 1);
            bomb.append(
                    "a%d: &a%d [%s]\n"
                            .formatted(
                                    i,
                                    i,
                                    String.join(", ", java.util.Collections.nCopies(10, before))));
        }
        assertThat(refused(bomb.toString()).reason()).isEqualTo(Reason.TOO_LARGE);
    }

    @Test
    void refusesDeepAndLargeYaml() {
        assertThat(refused("a: " + "[".repeat(100_000)).reason())
                .isIn(Reason.TOO_LARGE, Reason.UNREADABLE);
        assertThat(refused("- ".repeat(10_000) + "a").reason())
                .isIn(Reason.TOO_LARGE, Reason.UNREADABLE);
        assertThat(refused("a: &a [*a]\n").reason()).isEqualTo(Reason.UNREADABLE);
        assertThat(refused("a".repeat(2 << 20)).reason()).isEqualTo(Reason.TOO_LARGE);
        assertThat(refused("---\na: 1\n".repeat(200)).reason())
                .isIn(Reason.TOO_LARGE, Reason.BAD_STRUCTURE);
        assertThat(
                        refusedDetection(
                                        "sel:\n    A|contains|windash: '"
                                                + " -a".repeat(12)
                                                + "'\ncondition: sel\n")
                                .reason())
                .isEqualTo(Reason.TOO_LARGE);
        assertThat(
                        refusedDetection(
                                        "sel:\n    A: 1\ncondition: '"
                                                + "(".repeat(5000)
                                                + "sel"
                                                + ")".repeat(5000)
                                                + "'\n")
                                .reason())
                .isEqualTo(Reason.TOO_LARGE);
    }

    @Test
    void readsACharacterPairAcrossTheParsersBuffer() {
        for (int length = 900; length < 1100; length++) {
            String text =
                    HEAD
                            + "description: '"
                            + "x".repeat(length)
                            + "\uD83D\uDE00'\n"
                            + "detection: {sel: {A: 1}, condition: sel}\n";
            assertThat(load(text).rules()).hasSize(1);
        }
        assertThat(refused("title: \uD83D\n").reason()).isEqualTo(Reason.UNREADABLE);
    }

    @Test
    void warnsOfWhatIsOddButUnderstood() {
        LoadReport report =
                load(
                        """
                        title: Odd
                        logsource: {product: windows}
                        detection:
                            used: {A|contains|all: x}
                            unused: {B: ['', null]}
                            condition: used
                        """);
        assertThat(report.rules()).hasSize(1);
        assertThat(report.warnings())
                .extracting(Warning::problem)
                .anyMatch(problem -> problem.contains("no id"))
                .anyMatch(problem -> problem.contains("never uses the search 'unused'"))
                .anyMatch(problem -> problem.contains("'all'"))
                .anyMatch(problem -> problem.contains("null among"));
        assertThat(
                        load("title: Odd\n"
                                        + "logsource: {product: b}\n"
                                        + "detection: {s: {A: 1}, condition: s}\n")
                                .rules()
                                .getFirst()
                                .id())
                .isEqualTo(report.rules().getFirst().id());
    }
}
