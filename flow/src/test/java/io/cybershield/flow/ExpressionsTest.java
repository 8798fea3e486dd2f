package io.cybershield.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ExpressionsTest {
    private final Expressions expressions = new Expressions();

    private static Map<String, Object> context(Map<String, Object> trigger) {
        var context = new HashMap<String, Object>();
        context.put("trigger", Expressions.plain(trigger));
        context.put("steps", Map.of());
        context.put("run", Map.of());
        context.put("tenant", Map.of());
        return context;
    }

    @Test
    void comparesAndLooksIntoTheTrigger() throws Expressions.BadExpression {
        var incident =
                context(
                        Map.of(
                                "incident",
                                Map.of("severity", "high", "risk", 71, "host", "web-01")));
        assertThat(
                        expressions.test(
                                "trigger.incident.severity in ['high','critical'] &&"
                                        + " trigger.incident.risk > 70",
                                incident))
                .isTrue();
        assertThat(expressions.test("trigger.incident.host.startsWith('db')", incident)).isFalse();
        assertThat(expressions.test("has(trigger.owner) && trigger.owner == 'x'", incident))
                .isFalse();
    }

    @Test
    void saysWhatIsWrong() {
        assertThat(expressions.problem("trigger.incident.severity ==")).isPresent();
        assertThat(expressions.problem("unknown == 1").orElseThrow()).contains("unknown");
        assertThatThrownBy(() -> expressions.test("trigger.missing.more == 1", context(Map.of())))
                .hasMessageContaining("trigger.missing");
        assertThatThrownBy(() -> expressions.test("1 + 1", context(Map.of())))
                .hasMessageContaining("true or false");
    }

    @Test
    void endlessWorkIsStopped() {
        String nested = "trigger.l.all(a, trigger.l.all(b, trigger.l.all(c, a + b + c >= 0)))";
        List<Object> numbers =
                java.util.stream.IntStream.range(0, 200).<Object>mapToObj(i -> (long) i).toList();
        assertThatThrownBy(() -> expressions.test(nested, context(Map.of("l", numbers))))
                .isInstanceOf(Expressions.BadExpression.class);
        assertThat(expressions.problem("(".repeat(500) + "1" + ")".repeat(500))).isPresent();
        assertThat(expressions.problem("1==1 " + " || 1==1".repeat(5000))).isPresent();
    }

    @Property(tries = 1000)
    void anyTextCompilesOrIsRefusedInWords(@ForAll String text) {
        expressions.problem(text).ifPresent(why -> assertThat(why).isNotBlank());
    }
}
