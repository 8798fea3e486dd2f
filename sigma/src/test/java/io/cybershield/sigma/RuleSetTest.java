package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class RuleSetTest {

    private static RuleSet rules(String... detections) {
        var sources = new ArrayList<RuleSource>();
        for (String detection : detections) {
            int number = sources.size();
            sources.add(
                    new RuleSource(
                            number + ".yml",
                            "title: r%d\nid: r%d\nlogsource: {product: windows}\ndetection:\n%s"
                                    .formatted(number, number, detection.indent(4))));
        }
        LoadReport report = new RuleLoader().load(sources);
        assertThat(report.refused()).isEmpty();
        return RuleSet.compile(report.rules(), FieldResolver.asNamed(), LogSourceResolver.open());
    }

    private static List<String> ids(List<Hit> hits) {
        return hits.stream().map(hit -> hit.rule().id()).toList();
    }

    private static MapEvent event(Map<String, Object> fields) {
        return MapEvent.of(fields, EventSource.UNKNOWN);
    }

    @Test
    void tellsWhyARuleFired() {
        RuleSet rules =
                rules(
                        """
                        sel:
                            Image|endswith: ['\\a.exe', '\\b.exe']
                            CommandLine|contains|all: [' -x', ' -y']
                        words: [evil]
                        missing: {Gone: null}
                        filter: {User: system}
                        condition: sel and words and missing and not filter
                        """);
        List<Hit> hits =
                rules.match(
                        event(
                                Map.of(
                                        "Image",
                                        "C:\\B.exe",
                                        "CommandLine",
                                        "b -y -x",
                                        "Note",
                                        "An EVIL one")));
        assertThat(hits).hasSize(1);
        assertThat(hits.getFirst().matched())
                .containsExactly(
                        new Hit.Matched("sel", "Image", "C:\\B.exe"),
                        new Hit.Matched("sel", "CommandLine", "b -y -x"),
                        new Hit.Matched("words", "", "An EVIL one"),
                        new Hit.Matched("missing", "Gone", ""));
    }

    @Test
    void rulesNeverTakeEventsFromEachOther() {
        String[] same = new String[50];
        java.util.Arrays.fill(same, "sel: {A: 1}\ncondition: sel\n");
        assertThat(rules(same).match(event(Map.of("A", 1)))).hasSize(50);
        RuleSet mixed =
                rules(
                        "sel: {A: 1}\ncondition: not sel\n",
                        "sel: {A: 1}\ncondition: sel\n",
                        "sel: {A|exists: true}\ncondition: sel\n");
        assertThat(ids(mixed.match(event(Map.of("A", 1))))).containsExactly("r1", "r2");
        assertThat(ids(mixed.match(event(Map.of("B", 1))))).containsExactly("r0");
    }

    @Test
    void looksWhereTheResolverSaysAndTakesTheFirstThatIsThere() {
        LoadReport report =
                new RuleLoader()
                        .load(
                                List.of(
                                        new RuleSource(
                                                "r.yml",
                                                "title: r\n"
                                                    + "id: r\n"
                                                    + "logsource: {product: windows}\n"
                                                    + "detection: {s: {CommandLine|contains: evil},"
                                                    + " condition: s}\n")));
        RuleSet rules =
                RuleSet.compile(
                        report.rules(),
                        (_, field) -> List.of("process.cmd_line", "unmapped." + field),
                        LogSourceResolver.open());
        assertThat(rules.match(event(Map.of("process", Map.of("cmd_line", "evil"))))).hasSize(1);
        assertThat(rules.match(event(Map.of("unmapped", Map.of("CommandLine", "evil")))))
                .hasSize(1);
        assertThat(
                        rules.match(
                                event(
                                        Map.of(
                                                "process",
                                                Map.of("cmd_line", "good"),
                                                "unmapped",
                                                Map.of("CommandLine", "evil")))))
                .isEmpty();
        assertThat(rules.match(event(Map.of("CommandLine", "evil")))).isEmpty();
    }

    @Test
    void answersTheSameToManyThreads() throws Exception {
        RuleSet rules =
                rules(
                        "sel: {A|contains: ['x1', 'y2', 'z3']}\ncondition: sel\n",
                        "sel: {A|re: '[0-9]{3}'}\ncondition: sel\n",
                        "sel: {A|endswith: '7'}\ncondition: sel\n");
        Callable<Integer> work =
                () -> {
                    int wrong = 0;
                    for (int i = 0; i < 5_000; i++) {
                        var wanted = new ArrayList<String>();
                        String text = (i % 3 == 0 ? "x1-" : "-") + i;
                        if (i % 3 == 0 || text.contains("y2") || text.contains("z3")) {
                            wanted.add("r0");
                        }
                        if (i >= 100) {
                            wanted.add("r1");
                        }
                        if (i % 10 == 7) {
                            wanted.add("r2");
                        }
                        wrong += ids(rules.match(event(Map.of("A", text)))).equals(wanted) ? 0 : 1;
                    }
                    return wrong;
                };
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (var result : threads.invokeAll(List.of(work, work, work, work))) {
                assertThat(result.get()).isZero();
            }
        }
    }

    @Test
    void anEventThatFailsLeavesNothingBehind() {
        RuleSet rules = rules("a: {A: 1}\nb: {B: 1}\ncondition: a and b\n");
        Event broken =
                new Event() {
                    @Override
                    public Object get(String path) {
                        if (path.equals("B")) {
                            throw new IllegalStateException("broken");
                        }
                        return 1;
                    }

                    @Override
                    public Iterable<?> values() {
                        return List.of();
                    }

                    @Override
                    public EventSource source() {
                        return EventSource.UNKNOWN;
                    }
                };
        for (int i = 0; i < 100; i++) {
            assertThatIllegalStateException().isThrownBy(() -> rules.match(broken));
            assertThat(rules.match(event(Map.of("A", 1)))).isEmpty();
            assertThat(rules.match(event(Map.of("A", 1, "B", "1")))).hasSize(1);
        }
    }

    @Test
    void timePartsAreTakenAsTheyStand() {
        RuleSet rules =
                rules(
                        "s: {t|hour: 3, t|minute: 4, t|day: 6, t|week: 19, t|month: 5, t|year:"
                                + " 2024}\n"
                                + "condition: s\n",
                        "s: {t|hour|gte: 18}\ncondition: s\n");
        for (String time :
                List.of(
                        "2024-05-06T03:04:05Z",
                        "2024-05-06 03:04:05.123",
                        "2024-05-06T03:04:05+09:00")) {
            assertThat(ids(rules.match(event(Map.of("t", time))))).containsExactly("r0");
        }
        assertThat(ids(rules.match(event(Map.of("t", 1714964645L))))).containsExactly("r0");
        assertThat(ids(rules.match(event(Map.of("t", 1714964645123L))))).containsExactly("r0");
        assertThat(ids(rules.match(event(Map.of("t", "2024-05-06T19:00:00Z")))))
                .containsExactly("r1");
        assertThat(rules.match(event(Map.of("t", "2024-13-41T99:99:99Z")))).isEmpty();
        assertThat(rules.match(event(Map.of("t", "soon")))).isEmpty();
    }

    @Test
    void encodingsChainInAnyOrder() {
        RuleSet rules =
                rules(
                        "s: {c|wide|base64offset|contains: 'net user'}\ncondition: s\n",
                        "s: {c|utf16|base64|contains: 'net'}\ncondition: s\n",
                        "s: {c|utf16be|base64|contains: 'net'}\ncondition: s\n",
                        "s: {c|windash|contains: ' -enc '}\ncondition: s\n");
        assertThat(ids(rules.match(event(Map.of("c", "p bgBlAHQAIAB1AHMAZQByAA==")))))
                .containsExactly("r0");
        assertThat(ids(rules.match(event(Map.of("c", "//5uAGUAdAA="))))).containsExactly("r1");
        assertThat(ids(rules.match(event(Map.of("c", "AG4AZQB0"))))).containsExactly("r2");
        for (String dash : List.of("-", "/", "\u2013", "\u2014", "\u2015")) {
            assertThat(ids(rules.match(event(Map.of("c", "p " + dash + "ENC x")))))
                    .containsExactly("r3");
        }
    }

    @Test
    void addressesAreComparedAsAddresses() {
        RuleSet rules = rules("s: {ip|cidr: [10.0.0.0/8, 'fe80::/10', 192.0.2.1]}\ncondition: s\n");
        for (String inside :
                List.of(
                        "10.1.2.3",
                        "FE80::1%eth0",
                        "::ffff:10.9.9.9",
                        "192.0.2.1",
                        "fe80:0:0:0:0:0:0:1")) {
            assertThat(rules.match(event(Map.of("ip", inside)))).as(inside).hasSize(1);
        }
        for (String outside :
                List.of(
                        "11.0.0.1",
                        "10.0.0",
                        "10.0.0.256",
                        "010.0.0.1",
                        "fec0::1",
                        "::10.0.0.1",
                        "",
                        "1::2::3",
                        "192.0.2.2",
                        "10.0.0.1 ",
                        "ten")) {
            assertThat(rules.match(event(Map.of("ip", outside)))).as(outside).isEmpty();
        }
    }

    @Test
    void staysFastOnTextMadeToHurt() {
        RuleSet rules =
                rules(
                        "s: {c: '*a*a*a*a*a*a*a*a*b'}\ncondition: s\n",
                        "s: {c|re: '(a+)+$'}\ncondition: s\n",
                        "s: {c|re: '(.*a){10}x'}\ncondition: s\n");
        assertThat(ids(rules.match(event(Map.of("c", "a".repeat(20_000) + "c"))))).isEmpty();
    }
}
