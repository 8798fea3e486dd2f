package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A compiled set answers as the naive interpreter does, whatever the rules and the event. */
class CompiledProperties {

    private static final String[] FIELDS = {"A", "B", "C.d"};
    private static final String[] PARTS = {
        "a",
        "b",
        "A",
        "é",
        "É",
        "\\",
        "/",
        "-",
        " ",
        "1",
        "cmd",
        ".exe",
        "\\Temp\\",
        "whoami",
        "x",
        "-enc",
        "\uD83D\uDE00",
        "%",
        "'",
        "|",
        "\n"
    };
    private static final String[] WILD = {"*", "?", "\\*", "\\?", "\\\\"};
    private static final List<List<String>> CHAINS =
            List.of(
                    List.of(),
                    List.of(),
                    List.of("contains"),
                    List.of("contains"),
                    List.of("startswith"),
                    List.of("endswith"),
                    List.of("endswith"),
                    List.of("cased"),
                    List.of("contains", "cased"),
                    List.of("contains", "all"),
                    List.of("all"),
                    List.of("neq"),
                    List.of("contains", "neq"),
                    List.of("contains", "windash"),
                    List.of("windash", "contains", "all"),
                    List.of("endswith", "windash"),
                    List.of("base64offset", "contains"),
                    List.of("wide", "base64offset", "contains"),
                    List.of("base64", "contains"),
                    List.of("re"),
                    List.of("re", "i"),
                    List.of("re", "m"),
                    List.of("re", "s", "all"),
                    List.of("gt"),
                    List.of("lte"),
                    List.of("fieldref"),
                    List.of("fieldref", "endswith"),
                    List.of("fieldref", "contains", "cased"),
                    List.of("exists"));

    /** One event in so many is explained too, which takes longer than matching. */
    private static final int EXPLAINED = 8;

    private final Random random = new Random(1);

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void compiledEqualsNaive(@ForAll long seed) {
        compare(seed, 40);
    }

    @Test
    @Tag("long")
    void compiledEqualsNaiveAMillionTimes() {
        for (long seed = 0; seed < 5_000; seed++) {
            compare(seed * 31 + 7, 40);
        }
    }

    /** Each event meets all rules of a set: about five times the events in cases. */
    private void compare(long seed, int events) {
        random.setSeed(seed);
        var sources = new ArrayList<RuleSource>();
        int count = 3 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            sources.add(new RuleSource(i + ".yml", Json.write(rule("r" + i))));
        }
        LoadReport report = new RuleLoader().load(sources);
        RuleSet rules =
                RuleSet.compile(report.rules(), FieldResolver.asNamed(), LogSourceResolver.open());
        for (int i = 0; i < events; i++) {
            Map<String, Object> event = event();
            List<String> given =
                    rules.match(MapEvent.of(event, EventSource.UNKNOWN)).stream()
                            .map(hit -> hit.rule().id())
                            .toList();
            List<String> wanted =
                    report.rules().stream()
                            .filter(rule -> Naive.matches(rule, event))
                            .map(SigmaRule::id)
                            .toList();
            if (i % EXPLAINED == 0) {
                assertExplained(rules, MapEvent.of(event, EventSource.UNKNOWN), given, seed);
            }
            assertThat(given)
                    .as("seed %d, event %s, rules %s", seed, Json.write(event), texts(report))
                    .isEqualTo(wanted);
        }
    }

    /** The explanation's verdict is the matcher's, and it gives reasons for both. */
    private static void assertExplained(
            RuleSet rules, MapEvent event, List<String> fired, long seed) {
        for (SigmaRule rule : rules.rules()) {
            Explanation explanation = rules.explain(rule, event);
            assertThat(explanation.fires())
                    .as("seed %d, event %s, rule %s", seed, event.values(), rule.text())
                    .isEqualTo(fired.contains(rule.id()));
            assertThat(explanation.outcome())
                    .isIn(Explanation.Outcome.FIRES, Explanation.Outcome.CONDITION_FALSE);
            assertThat(explanation.why()).isNotEmpty().allMatch(line -> line.endsWith("."));
            assertThat(explanation.selections())
                    .extracting(Explanation.Selection::name)
                    .containsExactlyElementsOf(rule.detection().searches().keySet());
        }
    }

    private static String texts(LoadReport report) {
        return String.join("\n", report.rules().stream().map(SigmaRule::text).toList());
    }

    private Map<String, Object> rule(String id) {
        var detection = new LinkedHashMap<String, Object>();
        int searches = 1 + random.nextInt(4);
        for (int i = 0; i < searches; i++) {
            detection.put((random.nextInt(6) == 0 ? "_s" : "s") + i, search());
        }
        detection.put("condition", condition(List.copyOf(detection.keySet()), 0));
        return Map.of(
                "title", id, "id", id, "logsource", Map.of("product", "x"), "detection", detection);
    }

    private Object search() {
        return switch (random.nextInt(5)) {
            case 0 -> keywords();
            case 1 -> List.of(map(), map());
            default -> map();
        };
    }

    private Object keywords() {
        return switch (random.nextInt(4)) {
            case 0 -> Map.of("|all", List.of(text(2), text(2)));
            case 1 -> Map.of("|cased", List.of(text(2), text(2)));
            default -> List.of(text(3), random.nextInt(20));
        };
    }

    private Object map() {
        var map = new LinkedHashMap<String, Object>();
        int fields = 1 + random.nextInt(3);
        for (int i = 0; i < fields; i++) {
            List<String> chain = CHAINS.get(random.nextInt(CHAINS.size()));
            String key = FIELDS[random.nextInt(FIELDS.length)];
            for (String modifier : chain) {
                key += "|" + modifier;
            }
            map.put(key, values(chain));
        }
        return map;
    }

    private Object values(List<String> chain) {
        if (chain.contains("exists")) {
            return random.nextBoolean();
        }
        var values = new ArrayList<Object>();
        int count = random.nextInt(8) == 0 ? 20 : 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            values.add(value(chain));
        }
        return values.size() == 1 ? values.getFirst() : values;
    }

    private Object value(List<String> chain) {
        if (chain.contains("fieldref")) {
            return FIELDS[random.nextInt(FIELDS.length)];
        }
        if (chain.contains("gt") || chain.contains("lte")) {
            return random.nextInt(20);
        }
        if (chain.contains("re")) {
            return new String[] {
                        "a.*b",
                        "^cmd",
                        "x$",
                        "[ab]+1",
                        "who|exe",
                        "\\\\",
                        "^.?$",
                        "(a|b$|[$x]-)",
                        "\\$|^$"
                    }
                    // RE2 takes the place after a last line feed for a line, PCRE does not.
                    [random.nextInt(chain.contains("m") ? 6 : 9)];
        }
        boolean encoded = chain.contains("base64") || chain.contains("base64offset");
        if (encoded) {
            return "abc" + PARTS[random.nextInt(4)] + "cmd";
        }
        boolean plain = chain.isEmpty() || chain.equals(List.of("neq"));
        if (plain && random.nextInt(8) == 0) {
            return null;
        }
        if (plain && random.nextInt(6) == 0) {
            return random.nextInt(20);
        }
        return text(4);
    }

    private String text(int most) {
        var text = new StringBuilder();
        int parts = random.nextInt(most + 1);
        for (int i = 0; i < parts; i++) {
            text.append(
                    random.nextInt(5) == 0
                            ? WILD[random.nextInt(WILD.length)]
                            : PARTS[random.nextInt(PARTS.length)]);
        }
        return text.toString();
    }

    private String condition(List<String> names, int depth) {
        if (depth > 2) {
            return names.get(random.nextInt(names.size()));
        }
        return switch (random.nextInt(8)) {
            case 0 -> "not " + condition(names, depth + 1);
            case 1 -> condition(names, depth + 1) + " and " + condition(names, depth + 1);
            case 2 ->
                    "(" + condition(names, depth + 1) + " or " + condition(names, depth + 1) + ")";
            case 3 -> "1 of s*";
            case 4 -> "all of them";
            case 5 -> "2 of s*";
            case 6 -> condition(names, depth + 1) + " and not " + condition(names, depth + 1);
            default -> names.get(random.nextInt(names.size()));
        };
    }

    private Map<String, Object> event() {
        var event = new LinkedHashMap<String, Object>();
        for (String field : FIELDS) {
            switch (random.nextInt(8)) {
                case 0 -> {}
                case 1 -> event.put(field, null);
                case 2 -> event.put(field, random.nextInt(20));
                case 3 -> event.put(field, List.of(eventText(), eventText()));
                default -> event.put(field, eventText());
            }
        }
        return event;
    }

    private String eventText() {
        var text = new StringBuilder();
        int parts = random.nextInt(6);
        for (int i = 0; i < parts; i++) {
            text.append(PARTS[random.nextInt(PARTS.length)]);
        }
        if (random.nextInt(6) == 0) {
            text.append(
                    java.util.Base64.getEncoder()
                            .encodeToString(
                                    ("x".repeat(random.nextInt(3)) + "abcacmdz")
                                            .getBytes(
                                                    random.nextBoolean()
                                                            ? java.nio.charset.StandardCharsets
                                                                    .UTF_8
                                                            : java.nio.charset.StandardCharsets
                                                                    .UTF_16LE)));
        }
        return text.toString();
    }
}
