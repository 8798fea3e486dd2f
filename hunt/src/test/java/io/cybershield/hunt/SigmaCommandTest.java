package io.cybershield.hunt;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.inputs.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigmaCommandTest {

    @TempDir private Path folder;

    @Test
    void checkTellsRefusalsWithFileLineAndMend() {
        Made.file(folder, "rules/good.yml", Made.CMD_RULE);
        Made.file(
                folder,
                "rules/sub/bad.yml",
                Made.CMD_RULE
                        .replace("endswith", "endsWithout")
                        .replace("1111-1111-1111", "1111-2222-1111"));
        Made.file(folder, "rules/latin.yml", new byte[] {'t', (byte) 0xe9});
        Made.file(folder, "rules/README.md", "read me");
        Ran ran = Ran.command("sigma", "check", folder.resolve("rules"));
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out())
                .containsPattern("refused: sub/bad\\.yml:6: .*endsWithout")
                .contains("refused: latin.yml: The file is not UTF-8.")
                .contains("1 file not named .yml or .yaml left out.")
                .contains(
                        "3 files: 1 loaded, 2 refused; 1 rule, 0 correlations, 0 filters; 0"
                                + " warnings.")
                .contains("ATT&CK: 2 of ");
        Ran json = Ran.command("sigma", "check", "--format", "json", folder.resolve("rules"));
        Map<String, Object> report = Json.object(json.out().strip());
        assertThat(report)
                .containsEntry("files", 3L)
                .containsEntry("loaded", 1L)
                .containsEntry("refused", 2L)
                .containsKeys("warnings", "attack");
        assertThat((List<?>) report.get("refusals"))
                .anySatisfy(refusal ->
                        assertThat(refusal.toString())
                                .contains("file=sub/bad.yml")
                                .contains("line=6"));
        assertThat(Ran.command("sigma", "check", folder.resolve("rules/good.yml")).exit()).isZero();
        assertThat(Ran.command("sigma", "check", folder.resolve("none")).exit()).isEqualTo(2);
        assertThat(Ran.command("sigma", "check").exit()).isEqualTo(2);
    }

    @Test
    void checkTellsWhichRulesAreBlindForASample() {
        Path rules = folder.resolve("rules");
        Made.file(rules, "live.yml", Made.CMD_RULE);
        Made.file(
                rules,
                "field.yml",
                Made.CMD_RULE
                        .replace("Image|endswith", "Hashes|endswith")
                        .replace("1111-1111-1111", "1111-2222-1111"));
        Made.file(
                rules,
                "source.yml",
                Made.CMD_RULE
                        .replace("process_creation", "dns_query")
                        .replace("1111-1111-1111", "1111-3333-1111"));
        Path events = Made.file(folder, "e.jsonl", Made.NOTEPAD);
        Ran ran = Ran.command("sigma", "check", rules, "--events", events);
        assertThat(ran.exit()).isZero();
        assertThat(ran.out())
                .contains("blind: field.yml: Events of its log source never have Hashes.")
                .contains("Of 1 event: 1 rule could fire, 1 lack fields, 1 have a log source");
        Ran json = Ran.command("sigma", "check", "-f", "json", rules, "--events", events);
        Map<?, ?> sample = (Map<?, ?>) Json.object(json.out().strip()).get("sample");
        assertThat(sample.get("live")).isEqualTo(1L);
        assertThat((List<?>) sample.get("blind")).hasSize(2);
    }

    private static final String VECTOR =
            """
            {"name":"hit","rule":{"title":"t","logsource":{"product":"x"},"detection":{"s":{"a|contains":"é"},"condition":"s"}},"event":{"a":"cafés"},"expected":%s}
            """;

    @Test
    void vectorsThatFailAreNamedWithWhatWasExpected() {
        Path file =
                Made.file(
                        folder,
                        "v.jsonl",
                        VECTOR.formatted("true")
                                + VECTOR.formatted("false")
                                + VECTOR.formatted("\"load_error\"")
                                + "{oops\n"
                                + VECTOR.formatted("\"maybe\"")
                                + """
                                {"name":"c","rules":[{"title":"f","name":"f","logsource":{"product":"x"},"detection":{"s":{"t":"f"},"condition":"s"}}],"correlation":{"type":"event_count","rules":["f"],"group-by":["u"],"timespan":"1m","condition":{"gte":2}},"events":[{"ts":0,"t":"f","u":"a"},{"ts":1.5,"t":"f","u":"a"}],"must_fire_groups":[{"u":"b"}]}
                                """);
        Ran ran = Ran.command("sigma", "vectors", file);
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out())
                .contains("FAIL line 2 (hit): expected false, but the rule fires")
                .contains("FAIL line 3 (hit): expected a load error, but the rule loads")
                .contains("FAIL line 4: not JSON")
                .contains("FAIL line 5 (hit): not a vector: \"expected\" must be")
                .contains("FAIL line 6 (c): expected groups [{u=b}], but fired for [{u=a}]");
        assertThat(ran.lines().getLast()).isEqualTo("1 passed, 5 failed");
        Path empty = Made.file(folder, "empty.jsonl", "\n");
        assertThat(Ran.command("sigma", "vectors", empty).exit()).isEqualTo(1);
        Path packed =
                Made.file(folder, "v.jsonl.gz", Made.gzip(Made.bytes(VECTOR.formatted("true"))));
        Ran good = Ran.command("sigma", "vectors", "-v", packed);
        assertThat(good.exit()).isZero();
        assertThat(good.out()).isEqualTo("pass line 1 (hit)\n1 passed, 0 failed\n");
    }

    @Test
    void explainTellsWhyAndWhyNot() {
        Path rule = Made.file(folder, "rule.yml", Made.CMD_RULE);
        Ran hit = Ran.command("sigma", "explain", rule, Made.CMD);
        assertThat(hit.exit()).isZero();
        assertThat(hit.out())
                .contains("Fires.")
                .contains("System32\\cmd.exe")
                .contains("yes selection");
        Ran miss = Ran.command("sigma", "explain", rule, Made.NOTEPAD);
        assertThat(miss.exit()).isEqualTo(1);
        assertThat(miss.out())
                .contains("Does not fire.")
                .contains("notepad.exe")
                .contains("no  selection");
        Ran absent =
                Ran.command(
                        "sigma",
                        "explain",
                        rule,
                        "{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":1}");
        assertThat(absent.out()).contains("The event does not have: Image.");
        Ran elsewhere = Ran.command("sigma", "explain", rule, "{\"Image\":\"C:\\\\cmd.exe\"}");
        assertThat(elsewhere.exit()).isEqualTo(1);
        assertThat(elsewhere.out()).contains("log source");
    }

    @Test
    void explainOfManyEventsSumsUp() {
        Path rule = Made.file(folder, "rule.yml", Made.CMD_RULE);
        Path events =
                Made.file(folder, "e.jsonl", (Made.NOTEPAD + "\n").repeat(3) + Made.CMD + "\n");
        Ran ran = Ran.command("sigma", "explain", rule, events);
        assertThat(ran.exit()).isZero();
        assertThat(ran.out())
                .contains("Fires on 1 of 4 events.")
                .contains("e.jsonl, record 4:")
                .containsPattern("3 x .*notepad\\.exe.* \\(first in e\\.jsonl, record 1\\)");
        assertThat(Ran.command("sigma", "explain", "--record", "2", rule, events).exit())
                .isEqualTo(1);
        Ran json =
                Ran.command("sigma", "explain", "--format", "json", "--record", "4", rule, events);
        assertThat(Json.object(json.out().strip()))
                .containsEntry("fires", true)
                .containsEntry("outcome", "fires")
                .containsEntry("record", 4L);
    }

    @Test
    void explainSaysWhatIsWrongWithItsArguments() {
        Path rule = Made.file(folder, "rules/rule.yml", Made.CMD_RULE);
        Made.file(
                folder,
                "rules/other.yml",
                Made.CMD_RULE
                        .replace("1111-1111-1111", "1111-2222-1111")
                        .replace("Cmd Started", "Other"));
        Path bad = Made.file(folder, "bad.yml", "title: x\n");
        assertThat(Ran.command("sigma", "explain", rule, folder.resolve("none")).exit())
                .isEqualTo(2);
        assertThat(Ran.command("sigma", "explain", rule, "{\"a\":").exit()).isEqualTo(2);
        assertThat(Ran.command("sigma", "explain", rule.getParent(), Made.CMD).err())
                .contains("2 rules; say which with --id");
        assertThat(
                        Ran.command("sigma", "explain", rule.getParent(), "--id", "Other", Made.CMD)
                                .exit())
                .isZero();
        assertThat(
                        Ran.command("sigma", "explain", rule.getParent(), "--id", "None", Made.CMD)
                                .exit())
                .isEqualTo(1);
        Ran refused = Ran.command("sigma", "explain", bad, Made.CMD);
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("refused: ").contains("bad.yml");
    }
}
