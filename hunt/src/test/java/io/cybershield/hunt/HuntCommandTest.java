package io.cybershield.hunt;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.inputs.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HuntCommandTest {

    private static final String ID = "11111111-1111-1111-1111-111111111111";

    @TempDir private Path folder;
    private Path rule;

    @BeforeEach
    void prepare() {
        rule = Made.file(folder, "rule.yml", Made.CMD_RULE);
    }

    @Test
    void namesAreRelativeToWhatWasGivenWhateverItIsPackedIn() {
        byte[] cmd = Made.bytes(Made.CMD);
        Path root = folder.resolve("root");
        Made.file(root, "a/b/one.json", cmd);
        Made.file(root, "a/two.jsonl.gz", Made.gzip(cmd));
        Made.file(
                root,
                "case.zip",
                Made.zip(
                        "in/three.json",
                        cmd,
                        "in/four.json.gz",
                        Made.gzip(cmd),
                        "five.zip",
                        Made.zip("six.json", cmd)));
        Ran ran = Ran.command("hunt", "-r", rule, "--summary", root);
        assertThat(ran.exit()).isZero();
        assertThat(names(ran))
                .containsExactly(
                        "a/b/one.json",
                        "a/two.jsonl.gz",
                        "case.zip/in/three.json",
                        "case.zip/in/four.json.gz",
                        "case.zip/five.zip/six.json");
        ran = Ran.command("hunt", "-r", rule, "--summary", root.resolve("case.zip"));
        assertThat(names(ran))
                .containsExactly("in/three.json", "in/four.json.gz", "five.zip/six.json");
        ran = Ran.command("hunt", "-r", rule, "--summary", root.resolve("a/b/one.json"));
        assertThat(ran.out())
                .isEqualTo("{\"file\":\"one.json\",\"events\":1,\"hits\":{\"" + ID + "\":1}}\n");
    }

    @Test
    void sameNamesFromDifferentPlacesAreToldApart() {
        Path one = Made.file(folder, "one/x.json", Made.CMD).getParent();
        Path two = Made.file(folder, "two/x.json", Made.CMD).getParent();
        Ran ran = Ran.command("hunt", "-r", rule, "--summary", one, two);
        assertThat(names(ran)).containsExactly(one + "/x.json", two + "/x.json");
    }

    private static List<String> names(Ran ran) {
        return ran.lines().stream().map(line -> Json.object(line).get("file").toString()).toList();
    }

    @Test
    void tableTellsTheHitAndTheRule() {
        Path events = Made.file(folder, "e.jsonl", Made.NOTEPAD + "\n" + Made.CMD + "\n");
        Ran ran = Ran.command("hunt", "-r", rule, events);
        assertThat(ran.exit()).isZero();
        assertThat(ran.lines().get(1))
                .matches(
                        "2024-03-01 10:00:00  high      PC1       Sysmon 1  Cmd Started  e.jsonl:2"
                                + "  Image: C:\\\\Windows\\\\System32\\\\cmd.exe");
        assertThat(ran.lines().getLast()).matches("high +1 +1  Cmd Started");
        assertThat(ran.err())
                .contains("1 file read (0 of them damaged), 0 skipped: 2 events")
                .contains("1 hit of 1 rule: 1 high.")
                .contains("Rules: 1 rule used.");
        assertThat(Ran.command("hunt", "-q", "-r", rule, events).err()).isEmpty();
    }

    @Test
    void jsonLinesHoldTheEventTheReasonsAndTheAuthor() {
        Path events = Made.file(folder, "e.json", "[" + Made.CMD + "]");
        Ran ran = Ran.command("hunt", "-r", rule, "--format", "jsonl", events);
        Map<String, Object> hit = Json.object(ran.out().strip());
        assertThat(hit)
                .containsEntry("time", "2024-03-01T10:00:00Z")
                .containsEntry("level", "high")
                .containsEntry("rule", "Cmd Started")
                .containsEntry("rule_id", ID)
                .containsEntry("author", "Somebody")
                .containsEntry("file", "e.json")
                .containsEntry("record", 1L)
                .containsEntry("computer", "PC1");
        assertThat((Map<?, ?>) hit.get("event")).hasSize(5);
        assertThat(hit.get("matched").toString()).contains("C:\\Windows\\System32\\cmd.exe");
    }

    @Test
    void csvNeverHoldsAFormula() throws IOException {
        Path events =
                Made.file(
                        folder, "e.jsonl", Made.CMD.replace("PC1", "=HYPERLINK(\\\"http://x\\\")"));
        Path csv = folder.resolve("out.csv");
        Ran ran = Ran.command("hunt", "-r", rule, "-f", "csv", "-o", csv, events);
        assertThat(ran.exit()).isZero();
        assertThat(ran.out()).isEmpty();
        List<String> lines = Files.readAllLines(csv);
        assertThat(lines.getFirst()).startsWith("time,level,rule,rule_id,author,");
        assertThat(lines.get(1)).contains(",\"'=HYPERLINK(\"\"http://x\"\")\",");
        assertThat(CsvReport.cell("-x")).isEqualTo("'-x");
        assertThat(CsvReport.cell("a\nb")).isEqualTo("\"a\nb\"");
        assertThat(folder.resolve("out.csv.part")).doesNotExist();
    }

    @Test
    void terminalsAreNotObeyingWhatAttackersWrote() {
        Path events =
                Made.file(
                        folder,
                        "e\u001b[2J.jsonl",
                        Made.CMD.replace("PC1", "\\u001b]0;owned\\u0007\\u202egnp.exe\\u009b1m"));
        Ran ran = Ran.command("hunt", "-r", rule, events, "--since", "2020-01-01");
        assertThat(ran.exit()).isZero();
        assertThat(ran.out() + ran.err())
                .contains("owned")
                .doesNotContain("\u001b")
                .doesNotContain("\u0007")
                .doesNotContain("\u202e")
                .doesNotContain("\u009b");
    }

    @Test
    void levelTagAndTimeNarrowTheHunt() {
        Path events = Made.file(folder, "e.jsonl", Made.CMD + "\n{\"Channel\":\"x\"}\n");
        assertThat(hits("--level", "critical", events)).isEqualTo(-1);
        assertThat(hits("--level", "high", events)).isEqualTo(1);
        assertThat(hits("--tag", "T1059", events)).isEqualTo(1);
        assertThat(hits("--tag", "attack.execution", events)).isEqualTo(1);
        assertThat(hits("--tag", "t1003", "--tag", "t1059.003", events)).isEqualTo(1);
        assertThat(hits("--tag", "t105", events)).isEqualTo(-1);
        assertThat(hits("--since", "2024-03-01", events)).isEqualTo(1);
        assertThat(hits("--since", "2024-03-01T10:00:01", events)).isZero();
        assertThat(hits("--until", "2024-03-01", events)).isEqualTo(1);
        assertThat(hits("--until", "2024-03-01T10:00", events)).isZero();
        assertThat(hits("--since", "24h", events)).isZero();
        assertThat(Ran.command("hunt", "-r", rule, "--since", "2024-03-02", events).err())
                .contains("2 events")
                .contains("1 of them outside --since and --until")
                .contains("1 event left out by --since or --until because no time can be read");
    }

    private long hits(Object... args) {
        var all = new java.util.ArrayList<Object>(List.of("hunt", "-r", rule, "--summary"));
        all.addAll(List.of(args));
        Ran ran = Ran.command(all.toArray());
        if (ran.exit() == HuntCommand.FAILED) {
            return -1;
        }
        var hits = (Map<?, ?>) Json.object(ran.out().strip()).get("hits");
        return hits.isEmpty() ? 0 : (Long) hits.get(ID);
    }

    @Test
    void usageErrorsSayWhatIsWrong() {
        Path events = Made.file(folder, "e.jsonl", Made.CMD);
        for (Object[] wrong :
                new Object[][] {
                    {"hunt", events},
                    {"hunt", "-r", rule},
                    {"hunt", "-r", folder.resolve("none"), events},
                    {"hunt", "-r", rule, folder.resolve("none")},
                    {"hunt", "-r", rule, "--level", "huge", events},
                    {"hunt", "-r", rule, "--since", "soon", events},
                    {"hunt", "-r", rule, "--since", "2024-02-02", "--until", "2024-02-01", events},
                    {"hunt", "-r", rule, "--threads", "0", events},
                    {"hunt", "-r", rule, "--format", "pdf", events},
                    {"hunt", "-r", rule, "--summary", "--format", "csv", events},
                    {"hunt", "-r", rule, "--source", "shoe=12", events},
                    {"hunt", "-r", rule, "--nonsense", events}
                }) {
            Ran ran = Ran.command(wrong);
            assertThat(ran.exit()).as("%s", List.of(wrong)).isEqualTo(2);
            assertThat(ran.err()).isNotBlank();
            assertThat(ran.out()).isEmpty();
        }
        assertThat(Ran.command("hunt", "-r", folder.resolve("none"), events).err())
                .contains("--rules: there is no file or folder " + folder.resolve("none"));
    }

    @Test
    void withoutARuleNothingIsHunted() {
        Path bad = Made.file(folder, "bad.yml", "title: x\n");
        Ran ran = Ran.command("hunt", "-r", bad, Made.file(folder, "e.jsonl", Made.CMD));
        assertThat(ran.exit()).isEqualTo(HuntCommand.FAILED);
        assertThat(ran.err())
                .contains("No rule to hunt with: 1 rule file found, 1 refused.")
                .contains("bad.yml");
    }

    @Test
    void deprecatedRulesAreLeftOutUnlessAskedForOrNamed() {
        Path events = Made.file(folder, "e.jsonl", Made.CMD);
        Path rules = folder.resolve("rules");
        Path old = Made.file(rules, "old.yml", Made.CMD_RULE + "status: deprecated\n");
        Made.file(
                rules,
                "new.yml",
                Made.CMD_RULE.replace(ID, "22222222-1111-1111-1111-111111111111"));
        Ran ran = Ran.command("hunt", "-r", rules, events);
        assertThat(ran.err())
                .contains("1 rule used, 1 deprecated or unsupported left out (--deprecated)");
        assertThat(Ran.command("hunt", "-r", rules, "--deprecated", events).err())
                .contains("2 rules used");
        assertThat(Ran.command("hunt", "-r", old, events).err()).contains("1 rule used");
    }

    @Test
    void mappingDecidesWhetherSecurity4688IsAProcess() {
        String event =
                """
                {"Channel":"Security","EventID":4688,"NewProcessName":"C:\\\\Windows\\\\cmd.exe"}
                """;
        Path events = Made.file(folder, "e.jsonl", event);
        assertThat(hits(events)).isEqualTo(1);
        assertThat(hits("--mapping", "sysmon", events)).isZero();
    }

    @Test
    void sourceMayBeToldForEventsThatDoNotTellIt() {
        rule =
                Made.file(
                        folder,
                        "rule.yml",
                        Made.CMD_RULE
                                .replace(
                                        "product: windows, category: process_creation",
                                        "category: proxy")
                                .replace("Image|endswith: '\\cmd.exe'", "c-uri: /evil"));
        Path events = Made.file(folder, "e.jsonl", "{\"c-uri\":\"/evil\"}");
        assertThat(hits(events)).isZero();
        assertThat(hits("--source", "category=proxy", events)).isEqualTo(1);
    }

    @Test
    void anyNumberOfThreadsTellsTheSameInTheSameOrder() {
        var random = new Random(1);
        Path events = folder.resolve("events");
        for (int file = 0; file < 6; file++) {
            var text = new StringBuilder();
            int lines = file == 2 ? 5_000 : 50;
            for (int line = 0; line < lines; line++) {
                text.append(random.nextInt(5) == 0 ? Made.CMD : Made.NOTEPAD).append('\n');
            }
            Made.file(events, "f" + file + ".jsonl", text.toString());
        }
        String one = Ran.command("hunt", "-r", rule, "-f", "jsonl", "--threads", "1", events).out();
        String four =
                Ran.command("hunt", "-r", rule, "-f", "jsonl", "--threads", "4", events).out();
        assertThat(one.lines().count()).isGreaterThan(900);
        assertThat(four).isEqualTo(one);
    }

    @Test
    void correlationsSeeHitsOfAllFilesInTheOrderOfTheirTimes() {
        Path rules =
                Made.file(
                        folder,
                        "rules/c.yml",
                        Made.CMD_RULE
                                + """
                                ---
                                title: Many Shells
                                id: 33333333-1111-1111-1111-111111111111
                                correlation:
                                  type: event_count
                                  rules: [11111111-1111-1111-1111-111111111111]
                                  group-by: [Hostname]
                                  timespan: 5m
                                  condition: {gte: 3}
                                level: critical
                                """);
        Path events = folder.resolve("events");
        Made.file(events, "late.jsonl", at("10:04:00") + "\n" + at("12:00:00"));
        Made.file(events, "early.jsonl", at("10:00:00") + "\n" + at("10:02:00"));
        Ran ran = Ran.command("hunt", "-r", rules, "--format", "jsonl", events);
        Map<String, Object> hit = Json.object(ran.out().strip());
        assertThat(hit)
                .containsEntry("rule", "Many Shells")
                .containsEntry("time", "2024-03-01T10:04:00Z")
                .containsEntry("file", "late.jsonl");
        assertThat(hit.get("matched").toString()).contains("PC1").contains("value=3");
        assertThat(Ran.command("hunt", "-r", rules, "--summary", events).out())
                .contains(
                        "{\"file\":\"late.jsonl\",\"events\":2,\"hits\":{\"33333333-1111-1111-1111-111111111111\":1}}")
                .contains("{\"file\":\"early.jsonl\",\"events\":2,\"hits\":{}}");
    }

    private static String at(String time) {
        return Made.sysmon("C:\\cmd.exe", "2024-03-01 " + time);
    }

    @Test
    void wrappedListsAreUnwrapped() {
        rule =
                Made.file(
                        folder,
                        "rule.yml",
                        """
                        title: Key Made
                        id: 11111111-1111-1111-1111-111111111111
                        logsource: {product: aws, service: cloudtrail}
                        detection:
                          selection: {eventName: CreateAccessKey, userIdentity.type: Root}
                          condition: selection
                        level: high
                        """);
        String event =
                """
                {"eventVersion":"1.08","eventSource":"iam.amazonaws.com","eventName":"CreateAccessKey",
                 "eventTime":"2024-01-01T00:00:00Z","userIdentity":{"type":"Root"}}\
                """;
        Path events =
                Made.file(folder, "trail.json", "{\"Records\": [" + event + "," + event + "]}");
        Ran ran = Ran.command("hunt", "-r", rule, "--summary", events);
        assertThat(ran.out())
                .isEqualTo("{\"file\":\"trail.json\",\"events\":2,\"hits\":{\"" + ID + "\":2}}\n");
    }

    @Test
    void helpAndVersionNeedNothing() {
        Ran help = Ran.command("hunt", "--help");
        assertThat(help.exit()).isZero();
        assertThat(help.out()).contains("Exit codes:", "--rules", "--mapping", "Examples:");
        assertThat(help.lines()).allSatisfy(line -> assertThat(line.length()).isLessThan(121));
        assertThat(Ran.command("--version").out()).startsWith("CyberShield ");
        assertThat(Ran.command("sigma", "--help").exit()).isZero();
    }

    private static final String EXPANDING =
            """
            title: Admin Seen
            id: 22222222-2222-2222-2222-222222222222
            logsource: {product: windows, category: process_creation}
            detection:
              selection: {Image|expand: '%Shells%'}
              condition: selection
            level: high
            """;

    @Test
    void placeholdersTakeTheirValuesFromAFileOfYamlOrJson(@TempDir Path folder) {
        Path rule = Made.file(folder, "rule.yml", EXPANDING);
        Path events = Made.file(folder, "events.json", Made.CMD);
        assertThat(Ran.command("hunt", "-r", rule, "--summary", events).exit())
                .isEqualTo(HuntCommand.FAILED);
        for (String values :
                new String[] {
                    "Shells: ['*\\powershell.exe', '*\\cmd.exe']",
                    "Shells: '*\\cmd.exe'",
                    "{\"Shells\": [\"*\\\\cmd.exe\"]}"
                }) {
            Path file = Made.file(folder, "values.yml", values);
            Ran ran = Ran.command("hunt", "-r", rule, "--summary", "--placeholders", file, events);
            assertThat(ran.out()).as(values + ran.err()).contains("22222222");
            Ran check =
                    Ran.command("sigma", "check", rule, "--format", "json", "--placeholders", file);
            assertThat(check.out()).contains("\"need_placeholder_values\":[]");
        }
        for (String wrong : new String[] {"", "[a]", "Shells: {a: b}", "Shells:", "a: [", "\tx"}) {
            Path file = Made.file(folder, "wrong.yml", wrong);
            Ran ran = Ran.command("hunt", "-r", rule, "--placeholders", file, events);
            assertThat(ran.exit()).as(wrong).isEqualTo(2);
            assertThat(ran.err()).contains("--placeholders: ").contains("wrong.yml");
        }
        assertThat(Ran.command("hunt", "-r", rule, "--placeholders", "nowhere", events).err())
                .contains("there is no such file");
    }

    @Test
    void anInterruptedHuntLeavesNoPartOfItsReport(@TempDir Path folder) throws Exception {
        Path rule = Made.file(folder, "rule.yml", Made.CMD_RULE);
        Path pipe = folder.resolve("events.json");
        org.junit.jupiter.api.Assumptions.assumeTrue(
                new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0,
                "there are no named pipes here");
        Path report = folder.resolve("report.html");
        Process hunt =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName(),
                                "hunt",
                                "-r",
                                rule.toString(),
                                "-o",
                                report.toString(),
                                pipe.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("said.txt").toFile())
                        .start();
        try (var writing = new java.io.FileOutputStream(pipe.toFile())) { // waits for the reader
            writing.flush();
            assertThat(folder.resolve("report.html.part")).exists();
            hunt.destroy();
            assertThat(hunt.waitFor(30, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        } finally {
            hunt.destroyForcibly();
        }
        assertThat(folder.resolve("report.html.part")).doesNotExist();
        assertThat(report).doesNotExist();
    }
}
