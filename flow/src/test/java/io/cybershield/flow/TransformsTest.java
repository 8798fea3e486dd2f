package io.cybershield.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.flow.Expressions.BadExpression;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransformsTest {
    private static final Map<String, Object> CONTEXT =
            RunContext.ofTrigger(
                    Map.of(
                            "text",
                            "a1b22c333",
                            "events",
                            List.of(
                                    Map.of("host", "web-01", "bytes", 10L),
                                    Map.of("host", "db-01", "bytes", 32L),
                                    Map.of("host", "web-01", "bytes", 7L))));

    private static Object value(String expression) throws BadExpression {
        return Transforms.apply(expression, CONTEXT).get("value");
    }

    @Test
    void reshapes() throws BadExpression {
        assertThat(Transforms.apply("trigger.events{host: $sum(bytes)}", CONTEXT))
                .isEqualTo(Map.of("web-01", 17L, "db-01", 32L));
        assertThat(value("$distinct(trigger.events.host)")).isEqualTo(List.of("web-01", "db-01"));
        assertThat(value("trigger.events[bytes > 9]^(>bytes).host"))
                .isEqualTo(List.of("db-01", "web-01"));
        assertThat(value("$map(trigger.events, function($e){$uppercase($e.host)})"))
                .isEqualTo(List.of("WEB-01", "DB-01", "WEB-01"));
        assertThat(Transforms.apply("trigger.nothing", CONTEXT)).containsEntry("value", null);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "$replace(trigger.text, /\\d+/, '#');a#b#c#",
                "$replace(trigger.text, /([a-z])(\\d+)/, '$2$1');1a22b333c",
                "$replace(trigger.text, /\\d+/, function($m){'<' & $m.match &"
                        + " '>'});a<1>b<22>c<333>",
                "$replace(trigger.text, /\\d/, '#', 2);a#b#2c333",
                "$replace('a.b.c', '.', '$');a$b$c",
                "$string($contains(trigger.text, /b2/));true",
                "$string($contains(trigger.text, 'zz'));false",
                "$join($split(trigger.text, /\\d+/), '|');a|b|c|",
                "$join($split('a,b,,c', ','), '|');a|b||c",
                "$join($split('abc', ''), '|');a|b|c",
                "$join($split('a,b,c', ',', 2), '|');a|b",
                "$string($match(trigger.text, /[a-z](\\d+)/)[1].groups[0]);22",
                "$substringBefore('a=b', '=');a",
                "$substringAfter('a=b', '=');b",
                "$substringAfter('ab', '=');ab",
                "$pad('x', 3, '-');x--",
                "$pad('x', -3, '-');--x",
                "$formatNumber(1234.5, '#,##0.00');1,234.50",
                "$formatInteger(12, 'I');XII",
                "$fromMillis(0, '[Y0001]-[M01]-[D01]');1970-01-01",
                "$string({\"a\": [1, 2.5]});{\"a\":[1,2.5]}",
                "$base64encode('x');eA==",
            })
    void boundedFunctionsDoWhatTheLibrarysDid(String expression, String expected)
            throws BadExpression {
        assertThat(value(expression)).isEqualTo(expected);
    }

    @Test
    void leavesTheRunsDataAsItIs() throws BadExpression {
        Transforms.apply("trigger ~> |events|{\"host\": 'changed'}, 'bytes'|", CONTEXT);
        assertThat(value("trigger.events[0].host")).isEqualTo("web-01");
    }

    @Test
    void saysWhatIsWrong() {
        assertThat(Transforms.problem("trigger.events[")).isPresent();
        assertThat(Transforms.problem("trigger.events")).isEmpty();
        assertThatThrownBy(() -> value("1 + 'a'")).isInstanceOf(BadExpression.class);
    }

    @Test
    void refusesInputThatIsTooLarge() {
        var large = RunContext.ofTrigger(Map.of("text", "x".repeat(2_000_000)));
        assertThatThrownBy(() -> Transforms.apply("trigger.other", large))
                .hasMessageContaining("1 MiB");
    }

    @Test
    void manyAtOnceDoNotDisturbEachOther() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var tasks =
                    IntStream.range(0, 200)
                            .<Callable<Object>>mapToObj(i ->
                                    () ->
                                            Transforms.apply(
                                                            "$sum(trigger.list) + trigger.n",
                                                            RunContext.ofTrigger(
                                                                    Map.of(
                                                                            "n",
                                                                            (long) i,
                                                                            "list",
                                                                            List.of(1L, 2L))))
                                                    .get("value"))
                            .toList();
            var answers = threads.invokeAll(tasks);
            for (int i = 0; i < answers.size(); i++) {
                assertThat(answers.get(i).get()).isEqualTo((long) i + 3);
            }
        }
    }
}
