package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever a file holds, loading answers with a rule or a refusal, never with an exception. */
class FuzzProperties {

    private static final String RULE =
            """
            title: Suspicious "x" & y
            id: 11111111-2222-3333-4444-555555555555
            status: test
            tags: [attack.t1059, attack.execution]
            logsource:
                category: process_creation
                product: windows
            detection:
                selection_img:
                    - Image|endswith: ['\\cmd.exe', '\\powershell.exe']
                    - OriginalFileName: Cmd.Exe
                selection_cli:
                    CommandLine|contains|windash|all:
                        - ' -enc '
                        - 'a*b?'
                    ParentImage|re|i: '^c:.*(a|b)[0-9]{1,3}$'
                    DestinationIp|cidr: 10.0.0.0/8
                    User|base64offset|contains: hello
                    n|gte: 5
                    X: null
                keywords:
                    - mimikatz
                    - 12
                filter_a: &anchor
                    Z|exists: true
                filter_b: *anchor
                condition: all of selection_* and not 1 of filter_* or 2 of (keywords)
            level: high
            """
                    .replace("2 of (keywords)", "keywords");

    private static final String[] PIECES = {
        "|",
        ":",
        "-",
        "\n",
        "    ",
        "'",
        "\"",
        "[",
        "]",
        "{",
        "}",
        "&a",
        "*a",
        "!!",
        "%",
        "#",
        "null",
        "condition",
        "1 of ",
        "not ",
        "(",
        ")",
        "\\",
        "\t",
        "\u0000",
        "\uD83D",
        "\uFEFF",
        "re",
        "all",
        "---\n",
        "|re",
        "0x",
        "~",
        ">",
        "? ",
        "<<: ",
        "e999999999"
    };

    @Property(tries = 3000)
    void mutatedRules(@ForAll long seed) {
        var random = new Random(seed);
        var text = new StringBuilder(RULE);
        int changes = 1 + random.nextInt(6);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(4)) {
                case 0 -> text.deleteCharAt(at);
                case 1 -> text.insert(at, PIECES[random.nextInt(PIECES.length)]);
                case 2 -> text.setCharAt(at, (char) random.nextInt(0x180));
                default -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(40)));
            }
        }
        accounted(text.toString());
    }

    @Property(tries = 1000)
    void anyText(@ForAll String text) {
        accounted(text);
    }

    @Property(tries = 1000)
    void anyCondition(@ForAll long seed) {
        var random = new Random(seed);
        var condition = new StringBuilder();
        String[] words = {
            "a", "b", "_c", "and", "or", "not", "(", ")", "1", "2", "all", "any", "of", "them",
            "a*", "*", "|", "count()", "near", "AND", "NOT"
        };
        int count = random.nextInt(12);
        for (int i = 0; i < count; i++) {
            condition.append(words[random.nextInt(words.length)]).append(' ');
        }
        accounted(
                "title: t\nlogsource: {product: x}\ndetection:\n    a: {A: 1}\n    b: {B: 1}\n"
                        + "    _c: {C: 1}\n    condition: '"
                        + condition
                        + "'\n");
    }

    @Property(tries = 500)
    void anyExpression(@ForAll String pattern) {
        accounted(
                "title: t\nlogsource: {product: x}\ndetection:\n    a:\n        A|re: "
                        + Json.quote(pattern)
                        + "\n    condition: a\n");
    }

    private static void accounted(String text) {
        LoadReport report = new RuleLoader().load(List.of(new RuleSource("fuzz.yml", text)));
        assertThat(report.loadedFiles() + report.refusedFiles()).isEqualTo(1);
        report.refused()
                .forEach(refusal -> {
                    assertThat(refusal.problem()).isNotBlank();
                    assertThat(refusal.mend()).isNotBlank();
                });
        RuleSet rules =
                RuleSet.compile(report.rules(), FieldResolver.asNamed(), LogSourceResolver.open());
        rules.match(
                MapEvent.of(
                        java.util.Map.of(
                                "CommandLine", "cmd -enc axb", "A", text, "DestinationIp", text),
                        EventSource.UNKNOWN));
    }
}
