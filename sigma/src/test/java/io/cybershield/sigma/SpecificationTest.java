package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where implementations of the specification like to differ; each case settled from its text. */
class SpecificationTest {

    private static RuleSet rules(String detection) {
        LoadReport report =
                new RuleLoader()
                        .load(
                                List.of(
                                        new RuleSource(
                                                "r.yml",
                                                "title: r\nid: r\nlogsource: {product: x}\n"
                                                        + "detection:\n"
                                                        + detection.indent(4))));
        assertThat(report.refused()).as(detection).isEmpty();
        return RuleSet.compile(
                report.rules(),
                FieldResolver.asNamed(),
                LogSourceResolver.open(),
                name -> name.equals("two") ? List.of("one*", "x\\*y") : null);
    }

    private static boolean fires(String detection, Object... event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < event.length; i += 2) {
            fields.put(event[i].toString(), event[i + 1]);
        }
        RuleSet rules = rules(detection);
        var given = MapEvent.of(Collections.unmodifiableMap(fields), EventSource.UNKNOWN);
        boolean fires = !rules.match(given).isEmpty();
        assertThat(rules.explain(rules.rules().getFirst(), given).fires()).isEqualTo(fires);
        return fires;
    }

    /** One search with one line, as a rule file has it. */
    private static boolean field(String line, Object... event) {
        return fires("s:\n    " + line + "\ncondition: s\n", event);
    }

    @Test
    void backslashes() {
        assertThat(field("A: 'C:\\x'", "A", "C:\\x")).isTrue();
        assertThat(field("A: 'C:\\\\x'", "A", "C:\\x")).isTrue();
        assertThat(field("A: 'a\\*b'", "A", "a*b")).isTrue();
        assertThat(field("A: 'a\\*b'", "A", "a\\xb")).isFalse();
        assertThat(field("A: 'a\\\\*b'", "A", "a\\xxb")).isTrue();
        assertThat(field("A: 'a\\\\*b'", "A", "axxb")).isFalse();
        assertThat(field("A: 'a\\\\\\*b'", "A", "a\\*b")).isTrue();
        assertThat(field("A: 'a\\\\\\*b'", "A", "a\\xb")).isFalse();
        assertThat(field("A: '\\\\\\\\srv'", "A", "\\\\srv")).isTrue();
        assertThat(field("A: '\\\\\\srv'", "A", "\\\\srv")).isTrue();
        assertThat(field("A|endswith: '\\'", "A", "C:\\")).isTrue();
        assertThat(field("A|contains: '\\'", "A", "C:\\x")).isTrue();
        assertThat(field("A|contains: '\\'", "A", "C:x")).isFalse();
        assertThat(field("A|startswith: '\\\\'", "A", "\\x")).isTrue();
        assertThat(field("A: 'a\\?'", "A", "a?")).isTrue();
        assertThat(field("A: 'a\\?'", "A", "ab")).isFalse();
    }

    @Test
    void wildcards() {
        assertThat(field("A: '*'", "A", "")).isTrue();
        assertThat(field("A: '*'", "A", null)).isFalse();
        assertThat(field("A: '?'", "A", "")).isFalse();
        assertThat(field("A: 'a*b*c'", "A", "a-b-b-c")).isTrue();
        assertThat(field("A: 'a*b*c'", "A", "a-c-b")).isFalse();
        assertThat(field("A: 'a?c'", "A", "a\uD83D\uDE00c")).isTrue();
        assertThat(field("A|contains: 'a*c'", "A", "xxabcxx")).isTrue();
        assertThat(field("A|startswith: 'a?c'", "A", "abcd")).isTrue();
        assertThat(field("A: 'a*'", "A", "a\nb")).isTrue();
        assertThat(field("A: '**'", "A", "x")).isTrue();
    }

    @Test
    void emptyNullAndMissing() {
        assertThat(field("A: ''", "A", "")).isTrue();
        assertThat(field("A: ''", "A", null)).isFalse();
        assertThat(field("A: ''", "B", "x")).isFalse();
        assertThat(field("A: null", "A", null)).isTrue();
        assertThat(field("A: null", "B", "x")).isTrue();
        assertThat(field("A: null", "A", "")).isFalse();
        assertThat(field("A: 'null'", "A", "null")).isTrue();
        assertThat(field("A: 'null'", "A", null)).isFalse();
        assertThat(field("A:", "A", null)).isTrue();
        assertThat(field("A|exists: true", "A", null)).isTrue();
        assertThat(field("A|exists: true", "A", "")).isTrue();
        assertThat(field("A|exists: true", "B", "")).isFalse();
        assertThat(field("A|exists: false", "A", null)).isFalse();
        assertThat(field("A|exists: false", "B", 1)).isTrue();
        assertThat(fires("s: {A: null}\ncondition: not s\n", "A", "x")).isTrue();
        assertThat(fires("s: {A: x}\ncondition: not s\n", "B", "x")).isTrue();
    }

    @Test
    void numbersAndTruth() {
        assertThat(field("A: 4625", "A", "4625")).isTrue();
        assertThat(field("A: '4625'", "A", 4625)).isTrue();
        assertThat(field("A: 1", "A", 1.0)).isTrue();
        assertThat(field("A: 1", "A", 10)).isFalse();
        assertThat(field("A: 0x1F", "A", 31)).isTrue();
        assertThat(field("A: 0x1F", "A", "0x1f")).isTrue();
        assertThat(field("A: '0x1F'", "A", 31)).isFalse();
        assertThat(field("A: true", "A", true)).isTrue();
        assertThat(field("A: true", "A", "True")).isTrue();
        assertThat(field("A: -5", "A", -5)).isTrue();
        assertThat(field("A|contains: 62", "A", 4625)).isTrue();
        assertThat(field("A|lt: 0", "A", "-0.5")).isTrue();
        assertThat(field("A|gte: 1.5", "A", "1.50")).isTrue();
        assertThat(field("A|gt: 9", "A", "10")).isTrue();
        assertThat(field("A|gt: 9", "A", "")).isFalse();
        assertThat(field("A|lte: 9", "B", 1)).isFalse();
        assertThat(field("A|lt: 9007199254740993", "A", 9007199254740992L)).isTrue();
    }

    @Test
    void caseOfLetters() {
        assertThat(field("A: 'ÄÖÜ'", "A", "äöü")).isTrue();
        assertThat(field("A: 'привет'", "A", "ПРИВЕТ")).isTrue();
        assertThat(field("A: 'σας'", "A", "ΣΑΣ")).isTrue();
        assertThat(field("A: 'straße'", "A", "STRASSE")).isFalse();
        assertThat(field("A|cased: 'Ä'", "A", "ä")).isFalse();
        assertThat(field("A|contains|cased: 'Cmd'", "A", "xCmdx")).isTrue();
        assertThat(field("A|cased|contains: 'Cmd'", "A", "xcmdx")).isFalse();
        assertThat(fires("'k': ['|all']\ncondition: k\n", "A", "|ALL|")).isTrue();
    }

    @Test
    void listsWithAllAndNeq() {
        assertThat(field("A|contains|all: [x]", "A", "axb")).isTrue();
        assertThat(field("A|contains|all: x", "A", "ab")).isFalse();
        assertThat(field("A|all: ['a*', '*z']", "A", "a-z")).isTrue();
        assertThat(field("A|all: ['a*', '*z']", "A", List.of("a1", "1z"))).isTrue();
        assertThat(field("A|neq: 5", "A", 6)).isTrue();
        assertThat(field("A|neq: 5", "A", "5")).isFalse();
        assertThat(field("A|neq: [5, 6]", "A", 6)).isFalse();
        assertThat(field("A|neq: [5, 6]", "A", 7)).isTrue();
        assertThat(field("A|contains|neq: x", "A", "axb")).isFalse();
        assertThat(field("A|neq: 5", "B", 1)).isTrue();
        assertThat(field("A|neq: null", "A", 1)).isTrue();
        assertThat(field("A|neq: null", "B", 1)).isFalse();
        assertThat(field("A|fieldref|neq: B", "A", "x", "B", "y")).isTrue();
        assertThat(field("A|fieldref|neq: B", "A", "x", "B", "X")).isFalse();
    }

    @Test
    void dashesOfWindows() {
        for (String dash : List.of("-", "/", "\u2013", "\u2014", "\u2015")) {
            assertThat(field("A|contains|windash: ' -s '", "A", "x " + dash + "s y")).isTrue();
            assertThat(field("A|windash|contains: ' /s '", "A", "x " + dash + "s y")).isTrue();
            assertThat(field("A|windash|contains|all: [' -a', ' /b']", "A", " -b " + dash + "a"))
                    .isTrue();
        }
        assertThat(field("A|windash: '-a-b'", "A", "/a-b")).isTrue();
        assertThat(field("A|windash: '-a-b'", "A", "-a/b")).isFalse();
        assertThat(field("A|windash|contains: '-- x'", "A", "// x")).isFalse();
        assertThat(field("A|windash|contains: 'a -f -g'", "A", "a /f -g")).isTrue();
    }

    private static String base64(String text, java.nio.charset.Charset charset) {
        return Base64.getEncoder().encodeToString(text.getBytes(charset));
    }

    @Test
    void encodings() {
        for (String before : List.of("", "x", "xy")) {
            for (String after : List.of("", "1", "12")) {
                String utf8 = base64(before + "IEX (new" + after, StandardCharsets.UTF_8);
                assertThat(field("A|base64offset|contains: 'IEX (new'", "A", utf8)).isTrue();
                String wide = base64(before + "héé" + after, StandardCharsets.UTF_16LE);
                assertThat(field("A|wide|base64offset|contains: 'héé'", "A", wide)).isTrue();
                assertThat(field("A|utf16le|base64offset|contains: 'héé'", "A", wide)).isTrue();
                assertThat(field("A|base64offset|contains: 'héé'", "A", wide)).isFalse();
                String big = base64(before + "abcd" + after, StandardCharsets.UTF_16BE);
                assertThat(field("A|utf16be|base64offset|contains: 'abcd'", "A", big)).isTrue();
            }
        }
        assertThat(field("A|base64: 'foobar'", "A", "Zm9vYmFy")).isTrue();
        assertThat(field("A|base64|contains: 'foobar'", "A", "x Zm9vYmFy y")).isTrue();
        assertThat(field("A|utf16|base64: 'a'", "A", "//5hAA==")).isTrue();
        assertThat(field("A|base64offset|contains: ['zzzz', 'abcd']", "A", "YWJjZA==")).isTrue();
    }

    @Test
    void addresses() {
        assertThat(field("A|cidr: 10.0.0.0/8", "A", "10.1.2.3")).isTrue();
        assertThat(field("A|cidr: 10.0.0.0/8", "A", "110.1.2.3")).isFalse();
        assertThat(field("A|cidr: 0.0.0.0/0", "A", "8.8.8.8")).isTrue();
        assertThat(field("A|cidr: 0.0.0.0/0", "A", "::1")).isFalse();
        assertThat(field("A|cidr: 192.168.1.7/32", "A", "192.168.1.7")).isTrue();
        assertThat(field("A|cidr: ['10.0.0.0/8', 'fe80::/10']", "A", "febf::1")).isTrue();
        assertThat(field("A|cidr: fe80::/10", "A", "fec0::1")).isFalse();
        assertThat(field("A|cidr: '2001:db8::/33'", "A", "2001:0DB8:7fff::")).isTrue();
        assertThat(field("A|cidr: '2001:db8::/33'", "A", "2001:db8:8000::")).isFalse();
        assertThat(field("A|cidr: '::1/128'", "A", "0:0:0:0:0:0:0:1")).isTrue();
        assertThat(field("A|cidr: 10.0.0.0/8", "A", "::ffff:10.1.2.3")).isTrue();
        assertThat(field("A|cidr: fe80::/10", "A", "fe80::1%eth0")).isTrue();
        for (String none : List.of("10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.1:80", "", "x")) {
            assertThat(field("A|cidr: 10.0.0.0/8", "A", none)).as(none).isFalse();
        }
    }

    @Test
    void regularExpressions() {
        assertThat(field("A|re: 'b$'", "A", "ab\n")).isTrue();
        assertThat(field("A|re: 'b$'", "A", "ab\n\n")).isFalse();
        assertThat(field("A|re: 'b$'", "A", "ab\nc")).isFalse();
        assertThat(field("A|re|m: 'b$'", "A", "ab\nc")).isTrue();
        assertThat(field("A|re: 'b\\$'", "A", "b$")).isTrue();
        assertThat(field("A|re: '[$]b'", "A", "$b")).isTrue();
        assertThat(field("A|re: '[]$]b$'", "A", "]b")).isTrue();
        assertThat(field("A|re: '(a$|c)'", "A", "xa")).isTrue();
        assertThat(field("A|re: '^a.c$'", "A", "a\nc")).isFalse();
        assertThat(field("A|re|i: 'ABC'", "A", "xabcx")).isTrue();
        assertThat(field("A|re|i|m|s: '^b.c'", "A", "a\nB\nC")).isTrue();
        assertThat(field("A|re|s: 'a.*b'", "A", "a\n\nb")).isTrue();
        assertThat(field("A|re: '\\*'", "A", "a*")).isTrue();
        assertThat(field("A|re: 'a{2,3}'", "A", "xaay")).isTrue();
        assertThat(field("A|re: '(?m)^b$'", "A", "a\nb\nc")).isTrue();
        assertThat(field("A|re: ['x', 'a.c']", "A", "abc")).isTrue();
        assertThat(field("A|re|all: ['a', 'c']", "A", "abc")).isTrue();
    }

    @Test
    void otherFieldsOfTheEvent() {
        assertThat(field("A|fieldref: B", "A", "x", "B", "X")).isTrue();
        assertThat(field("A|fieldref|cased: B", "A", "x", "B", "X")).isFalse();
        assertThat(field("A|fieldref|startswith: B", "A", "xyz", "B", "XY")).isTrue();
        assertThat(field("A|fieldref|contains: B", "A", "xyz", "B", "y")).isTrue();
        assertThat(field("A|fieldref: B", "A", "x")).isFalse();
        assertThat(field("A|fieldref: B", "C", "x")).isFalse();
        assertThat(field("A|fieldref: [B, C]", "A", "x", "B", "y", "C", "x")).isTrue();
        assertThat(field("A|fieldref: B", "A", 5, "B", "5")).isTrue();
        assertThat(field("A|fieldref: B", "A", "a*", "B", "abc")).isFalse();
    }

    @Test
    void placeholders() {
        assertThat(field("A|expand: '%two%'", "A", "one-more")).isTrue();
        assertThat(field("A|expand: '%two%'", "A", "x*y")).isTrue();
        assertThat(field("A|expand: '%two%'", "A", "xzy")).isFalse();
        assertThat(field("A|expand: 'pre-%two%'", "A", "pre-one")).isTrue();
        assertThat(field("A|expand|contains: '%two%'", "A", "so x*y so")).isTrue();
        assertThat(field("A: '%two%'", "A", "%two%")).isTrue();
        assertThat(field("A|expand: '\\%two%'", "A", "%two%")).isTrue();
        assertThat(field("A|expand: '\\%plain%two%'", "A", "%plainone")).isTrue();
    }

    @Test
    void conditions() {
        String searches = "a: {A: 1}\nb: {B: 1}\nc: {C: 1}\n_d: {D: 1}\n";
        Map<String, List<String>> fires = new LinkedHashMap<>();
        fires.put("a or b and not c", List.of("A", "AC", "B"));
        fires.put("not a and b", List.of("B", "BC"));
        fires.put("not (a or b)", List.of("", "C", "D"));
        fires.put("not not a", List.of("A"));
        fires.put("1 of them", List.of("A", "B", "C"));
        fires.put("all of them", List.of("ABC"));
        fires.put("not 1 of them", List.of("D", ""));
        fires.put("all of a* and not 1 of _*", List.of("A", "AB"));
        fires.put("2 of them", List.of("AB", "BC", "ABC"));
        fires.put("1 of *", List.of("A", "B"));
        fires.put("((a)) AND (b Or c)", List.of("AB", "AC"));
        fires.put("_d", List.of("D"));
        List<String> events = List.of("", "A", "B", "C", "D", "AB", "AC", "BC", "ABC");
        fires.forEach((condition, given) -> {
            var found = new ArrayList<String>();
            for (String event : events) {
                var fields = new ArrayList<Object>();
                event.chars()
                        .forEach(letter -> {
                            fields.add(Character.toString(letter));
                            fields.add(1);
                        });
                if (fires(searches + "condition: " + condition, fields.toArray())) {
                    found.add(event);
                }
            }
            assertThat(found).as(condition).containsAll(given);
            if (condition.startsWith("not") || condition.contains("all")) {
                assertThat(given)
                        .as(condition)
                        .containsAll(found.stream().filter(event -> event.length() < 2).toList());
            }
        });
    }

    @Test
    void keywordsAndMixedLists() {
        assertThat(fires("k: ['evil', 7]\ncondition: k", "A", "so EVIL")).isTrue();
        assertThat(fires("k: ['evil', 7]\ncondition: k", "A", 17)).isTrue();
        assertThat(fires("k: ['e*l']\ncondition: k", "A", "an evil one")).isTrue();
        assertThat(fires("k: ['evil']\ncondition: k", "evil", "A")).isFalse();
        assertThat(fires("k: {'|all': [a, b]}\ncondition: k", "A", "a", "B", "b")).isTrue();
        assertThat(fires("k: {'|all': [a, b]}\ncondition: k", "A", "a")).isFalse();
        assertThat(fires("k: {'|re': 'x[0-9]'}\ncondition: k", "A", Map.of("B", "x1"))).isTrue();
        assertThat(fires("k: [word, {A: 1}]\ncondition: k", "A", 1)).isTrue();
        assertThat(fires("k: [word, {A: 1}]\ncondition: k", "B", "a word")).isTrue();
        assertThat(fires("k: [{A: 1, B: 2}, {C: 3}]\ncondition: k", "A", 1, "C", 3)).isTrue();
        assertThat(fires("k: [{A: 1, B: 2}, {C: 3}]\ncondition: k", "A", 1)).isFalse();
        assertThat(fires("k: evil\ncondition: k", "A", "evil")).isTrue();
    }

    @Test
    void fieldsInsideFields() {
        assertThat(field("a.b: 1", "a", Map.of("b", 1))).isTrue();
        assertThat(field("a.b: 1", "a.b", 1)).isTrue();
        assertThat(field("a.b.c: 1", "a.b", Map.of("c", 1))).isTrue();
        assertThat(field("a.b.c: 1", "a", Map.of("b.c", 1))).isTrue();
        assertThat(field("a.b: 1", "a", List.of(Map.of("b", 2), Map.of("b", 1)))).isTrue();
        assertThat(field("a: 1", "a", List.of(2, 1))).isTrue();
        assertThat(field("a: 1", "a", Map.of("b", 1))).isFalse();
        assertThat(field("SourceName: x", "Source Name", "x")).isTrue();
        assertThat(field("'Source Name': x", "SourceName", "x")).isTrue();
        assertThat(field("A: x", "a", "x")).isFalse();
    }
}
