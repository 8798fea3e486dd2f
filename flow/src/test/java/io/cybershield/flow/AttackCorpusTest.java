package io.cybershield.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.cybershield.flow.Expressions.BadExpression;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Expressions, transforms and places that try to get out or to use the machine up. Each must end,
 * with a value or in words, within 100 ms of processor time and 10 MB, and none may reach a class,
 * a file, a system property or a value of another run.
 */
class AttackCorpusTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long MOST_BYTES = 10_000_000;
    private static final long MOST_NANOS = 100_000_000;
    private static final Expressions EXPRESSIONS = new Expressions();
    private static final Map<String, Object> CONTEXT = context();

    enum Language {
        CEL,
        JSONATA,
        TEXT
    }

    record Attack(Language language, String text) {
        @Override
        public String toString() {
            return language + " " + text.substring(0, Math.min(90, text.length()));
        }
    }

    private static Map<String, Object> context() {
        var trigger = new LinkedHashMap<String, Object>();
        trigger.put("a", "a".repeat(30) + "!");
        trigger.put("long", "a".repeat(200_000));
        trigger.put("half", "a".repeat(100_000) + "b");
        trigger.put("list", IntStream.range(0, 5_000).<Object>mapToObj(i -> (long) i).toList());
        trigger.put("few", List.of(1L, 2L, 30L));
        trigger.put("same", IntStream.range(0, 5_000).<Object>mapToObj(_ -> "x").toList());
        trigger.put("hostile", "{{ steps.other.output }} ${7*7} #{T(java.lang.Runtime)}");
        trigger.put("__proto__", Map.of("admin", true));
        trigger.put("constructor", "x");
        return RunContext.ofTrigger(trigger);
    }

    static Stream<Attack> attacks() {
        var all = new ArrayList<Attack>();
        for (String cel :
                List.of(
                        "trigger.list.all(a, trigger.list.all(b, trigger.list.all(c, a + b + c >="
                                + " 0)))",
                        "['aaaaaaaa']" + ".map(a, a + a)".repeat(40) + ".size() > 0",
                        "[[1]]" + ".map(a, a + a)".repeat(40) + ".size() > 0",
                        "[1]" + ".map(a, [a, a])".repeat(35) + " == [1]",
                        "[1]"
                                + ".map(a, [a, a])".repeat(35)
                                + " == [1]"
                                + ".map(a, [a, a])".repeat(35),
                        "[1]" + ".map(a, {'x': a, 'y': a})".repeat(35) + ".size() == 1",
                        "trigger.a.matches('(a+)+$')",
                        "trigger.long.matches('(a?){50}a{50}b')",
                        "trigger.long.matches('(x{0,900}y{0,900}){0,3}')",
                        "trigger.long.contains(trigger.half)",
                        "trigger.list.all(x, !trigger.long.contains(trigger.half))",
                        "trigger.list.map(x, trigger.long + trigger.long).size() > 0",
                        "(".repeat(3_000) + "1" + ")".repeat(3_000),
                        "!".repeat(5_000) + "true",
                        "-".repeat(5_000) + "1 > 0",
                        "[".repeat(2_000) + "]".repeat(2_000),
                        "1 == 1" + " || 1 == 1".repeat(900),
                        "'" + "a".repeat(20_000) + "' == 'b'",
                        "trigger.getClass().forName('java.lang.Runtime')",
                        "java.lang.System.exit(1)",
                        "secrets.api == 'x'",
                        "type(trigger) == type({}) && trigger.class",
                        "dyn(trigger).__proto__.constructor.constructor('return 1')()",
                        "trigger['__proto__']['admin'] == true && steps.x",
                        "cel.bind(x, trigger, x)",
                        "google.protobuf.Any{type_url: 'x'}",
                        "int('9'.matches('9') ? '99999999999999999999' : '1') > 1",
                        "9223372036854775807 + 1 > 0",
                        "1 / 0 == 1",
                        "timestamp('9999-12-31T23:59:59Z') + duration('999999999s') >"
                                + " timestamp('0001-01-01T00:00:00Z')",
                        "size(trigger.list.map(a, trigger.list.filter(b, b > a))) > 0",
                        "bytes(trigger.long + trigger.long) == b'a'")) {
            all.add(new Attack(Language.CEL, cel));
        }
        for (String jsonata :
                List.of(
                        "$eval('1+1')",
                        "$eval(trigger.hostile)",
                        "($f := $eval; $f('1'))",
                        "[\"1\"].$eval($)",
                        "$map(['1+1'], $eval)",
                        "$eval ~> $string",
                        "($eval := $string; $eval('1'))",
                        "($__evaluate_entry := 1; ($f := function($n){$f($n)}; $f(1)))",
                        "function($__evaluate_entry){[1..9999999]}(1)",
                        "($__evaluate_exit := 1; [1..9999999])",
                        "($f := function($n){$f($n + 1)}; $f(1))",
                        "($f := function($n){1 + $f($n + 1)}; $f(1))",
                        "($f := function($x){$x($x)}; $f($f))",
                        "($x := 'aaaaaaaa'; " + "$x := $x & $x; ".repeat(60) + "$length($x))",
                        "($d := function($s, $n){$n = 0 ? $s : $d($s & $s, $n - 1)}; $d('aaaaaaaa',"
                                + " 60))",
                        "($x := [1]; " + "$x := [$x, $x]; ".repeat(60) + "$x)",
                        "($x := {\"a\": 1}; "
                                + "$x := {\"a\": $x, \"b\": $x}; ".repeat(60)
                                + "$string($x))",
                        "($x := [[1]]; " + "$x := [[$x], [$x]]; ".repeat(60) + "$x.**)",
                        "($x := [1]; " + "$x := $append($x, $x); ".repeat(60) + "$count($x))",
                        "[1..9999999]",
                        "$sum([1..9999999])",
                        "[1..9000000][[0..8000000]]",
                        "[1..3000].([1..3000])",
                        "[1..40000].($string($) & 'x')",
                        "$reduce([1..30000], $append)",
                        "$reduce([1..30000], function($a, $b){$append($a, $b)})",
                        "$pad('x', 2000000000)",
                        "$pad('x', -2000000000, 'ab')",
                        "$map([1..4000], function($v){$pad('x', 10000)})",
                        "$join($map([1..20000], function($v){'x'}), $pad('y', 9999))",
                        "$join(trigger.same, trigger.long)",
                        "$replace(trigger.long, 'a', trigger.half)",
                        "$replace(trigger.long, /a/, trigger.half)",
                        "$replace(trigger.long, /a/, function($m){$m.match & $m.match})",
                        "$contains(trigger.a, /(a+)+$/)",
                        "$match(trigger.a, /(a|aa)+$/)",
                        "$match(trigger.long, /(a*)*b/)",
                        "$split(trigger.long, /(a+)+b/)",
                        "$replace(trigger.a, /(a|a?)+$/, 'x')",
                        "/(a+)+$/(trigger.a)",
                        "trigger.a ~> /(a+)+$/",
                        "$filter([trigger.a], /(a+)+$/)",
                        "$match(trigger.long, /((((a*)*)*)*)*b/)",
                        "$contains(trigger.long, /(.|\\s)*z/)",
                        "$split(trigger.long, '')",
                        "$contains(trigger.long, trigger.half)",
                        "$substringBefore(trigger.long, trigger.half)",
                        "$map(trigger.list, function($v){$substringAfter(trigger.long,"
                                + " trigger.half)})",
                        "$formatInteger(9000000000000000, 'I')",
                        "$formatInteger(123, '" + "0".repeat(5_000) + "')",
                        "$formatNumber(1, '" + "0".repeat(5_000) + "')",
                        "$fromMillis(0, '[Y,999999999]')",
                        "$fromMillis(0, '[Y9999999-99999999]')",
                        "$toMillis('" + "1".repeat(3_000) + "', '[Y]')",
                        "$now()",
                        "$millis()",
                        "$random()",
                        "$shuffle(trigger.list)",
                        "$distinct([1..9999999])",
                        "$sort(trigger.list, function($l, $r){$random() > 0.5})",
                        "$sort(trigger.list, function($l, $r){true})",
                        "trigger.list@$a.list@$b.{\"x\": $a + $b}",
                        "trigger.list{$string($): trigger.list}",
                        "trigger.same{$: $}",
                        "trigger ~> |**|{\"x\": $$}|",
                        "$zip(trigger.list, trigger.list, trigger.list)",
                        "$each(trigger, function($v, $k){$each(trigger, function($w){$v})})",
                        "(".repeat(3_000) + "1" + ")".repeat(3_000),
                        "[".repeat(3_000) + "]".repeat(3_000),
                        "{\"a\":".repeat(1_500) + "1" + "}".repeat(1_500),
                        "-".repeat(4_000) + "1",
                        "'" + "x".repeat(20_000) + "'",
                        "secrets.api",
                        "$lookup($$, 'secrets')",
                        "$keys($$)[$ = 'secrets']",
                        "$constructor('return process')()",
                        "trigger.__proto__.constructor.constructor('return this')()",
                        "$string($string)",
                        "$.getClass().forName('java.lang.Runtime')",
                        "$java.lang.System.exit(1)",
                        "$error('x')",
                        "$assert(false, 'x')",
                        "$power(10, 308) * 10",
                        "$sqrt(-1)",
                        "$number('1e999')",
                        "$formatBase(255, 1)",
                        "$base64decode('%%%')",
                        "$decodeUrl('%')",
                        "$encodeUrl('\\ud800')",
                        "/(/",
                        "/[/",
                        "$match('a', /a{1,2147483647}{1,2147483647}/)",
                        "")) {
            all.add(new Attack(Language.JSONATA, jsonata));
        }
        for (String text :
                List.of(
                        "{{ trigger.hostile }}",
                        "{{ secrets.api }}",
                        "{{ trigger.class.classLoader }}",
                        "{{ trigger.getClass }}",
                        "{{ trigger['a'] }}",
                        "{{ 7*7 }}",
                        "{{#each trigger}}{{this}}{{/each}}",
                        "{{ constructor.constructor }}",
                        "{{ trigger.__proto__.admin }}",
                        "{{ trigger.a | eval \"1\" }}",
                        "{{ trigger.a | basic \"x\" }}",
                        "{{ trigger.long }}".repeat(50),
                        "{{ trigger.long | base64 | base64 | base64 | base64 | base64 }}",
                        "{{ trigger.long | json | json | json | url | url | url }}",
                        "{{".repeat(5_000),
                        "{{ " + "a.".repeat(200) + "b }}",
                        "{{ trigger.a" + " | lower".repeat(60) + " }}",
                        "{{ trigger.list[99999] }}",
                        "{{ trigger.a | default \""
                                + "x".repeat(400)
                                + "\" | join \""
                                + "y".repeat(30)
                                + "\" }}")) {
            all.add(new Attack(Language.TEXT, text));
        }
        return all.stream();
    }

    private static String attempt(Attack attack) {
        try {
            return switch (attack.language()) {
                case CEL -> "= " + EXPRESSIONS.value(attack.text(), CONTEXT);
                case JSONATA -> "= " + Transforms.apply(attack.text(), CONTEXT);
                case TEXT -> "= " + TextTemplate.fill(attack.text(), CONTEXT);
            };
        } catch (BadExpression | TextTemplate.NoValue e) {
            return "refused: " + e.getMessage();
        }
    }

    @BeforeAll
    static void warmUp() throws Exception {
        for (int i = 0; i < 20; i++) {
            Transforms.apply("trigger.list[$ < 10].{\"a\": $string($)}", CONTEXT);
            EXPRESSIONS.value("trigger.few.filter(a, a < 10).map(a, string(a))", CONTEXT);
            TextTemplate.fill("{{ trigger.a | json }}", CONTEXT);
        }
        attacks().forEach(AttackCorpusTest::attempt);
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void endsSoonAndSmallAndReachesNothing(Attack attack) {
        // The best of three: another program on the machine is no fault of the expression.
        long nanos = Long.MAX_VALUE;
        long bytes = Long.MAX_VALUE;
        String came = "";
        for (int i = 0; i < 3; i++) {
            long began = THREADS.getCurrentThreadCpuTime();
            long allocated = THREADS.getCurrentThreadAllocatedBytes();
            came = attempt(attack);
            var elsewhere =
                    attack.language() == Language.JSONATA
                            ? Transforms.lastCost()
                            : new Transforms.Cost(0, 0);
            bytes =
                    Math.min(
                            bytes,
                            THREADS.getCurrentThreadAllocatedBytes()
                                    - allocated
                                    + elsewhere.bytes());
            nanos =
                    Math.min(
                            nanos,
                            THREADS.getCurrentThreadCpuTime() - began + elsewhere.cpuNanos());
        }
        System.out.printf(
                "%6.1f ms %6.2f MB %s -> %s%n", nanos / 1e6, bytes / 1e6, attack, shown(came));
        assertThat(came).doesNotContain("java.lang.Class", "did not end", "Runtime@");
        assertThat(bytes).as("bytes; it came to: %s", shown(came)).isLessThan(MOST_BYTES);
        assertThat(nanos).as("nanoseconds; it came to: %s", shown(came)).isLessThan(MOST_NANOS);
    }

    private static String shown(String text) {
        return text.substring(0, Math.min(300, text.length()));
    }

    @Test
    void corpusIsLargeEnough() {
        assertThat(attacks().count()).isGreaterThanOrEqualTo(100);
    }

    @Test
    void whatIsRefusedIsToldInWords() {
        assertThat(attempt(new Attack(Language.JSONATA, "$eval('1')"))).contains("$eval");
        assertThat(attempt(new Attack(Language.JSONATA, "$now()"))).contains("$now");
        assertThat(attempt(new Attack(Language.JSONATA, "[1..9999999]"))).contains("refused");
        assertThat(attempt(new Attack(Language.CEL, "secrets.api == 'x'")))
                .contains("secrets.name");
    }
}
