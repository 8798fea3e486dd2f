package io.cybershield.engine;

import static io.cybershield.engine.Drawings.drawing;
import static io.cybershield.engine.Drawings.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkflowDefinitionTest {
    private static final Node START = node("start", "trigger");

    @Test
    void hashesTheSameDrawingTheSameHoweverItIsGiven() {
        var config = new LinkedHashMap<String, Object>();
        config.put("b", 1);
        config.put("a", Arrays.asList("x", null, 2.0));
        var turned = new LinkedHashMap<String, Object>();
        turned.put("a", Arrays.asList("x", null, 2));
        turned.put("b", new BigDecimal("1.0"));
        var one =
                drawing(
                        List.of(START, Node.of("x", "mail", config), node("y", "mail")),
                        "start->x",
                        "x->y");
        var two =
                drawing(
                        List.of(node("y", "mail"), Node.of("x", "mail", turned), START),
                        "x->y",
                        "start->x");
        assertThat(one.hash()).isEqualTo(two.hash()).matches("[0-9a-f]{64}");
    }

    @Test
    void hashesEveryDifferenceDifferently() {
        var x = node("x", "mail");
        var drawings =
                List.of(
                        one(x),
                        one(node("x", "post")),
                        one(Node.of("x", "mail", Map.of("to", "a"))),
                        one(Node.of("x", "mail", Map.of("to", 1))),
                        one(Node.of("x", "mail", Map.of("to", "1"))),
                        one(Node.of("x", "mail", Map.of("to", List.of()))),
                        one(Node.of("x", "mail", Map.of("to", Map.of()))),
                        one(Node.of("x", "mail", Collections.singletonMap("to", null))),
                        one(Node.of("x", "mail", Map.of("to", "null"))),
                        one(Node.of("x", "mail", Map.of("to", "\ud800"))),
                        one(Node.of("x", "mail", Map.of("to", "?"))),
                        one(Node.of("x", "mail", Map.of("to", "\\ud800"))),
                        one(x.withTimeout(Duration.ofSeconds(1))),
                        one(x.withRetry(RetryPolicy.attempts(2))),
                        one(x.withOnError(Node.OnError.CONTINUE)),
                        one(
                                new Node(
                                        "x",
                                        "mail",
                                        "Other",
                                        Map.of(),
                                        RetryPolicy.NONE,
                                        null,
                                        Node.OnError.FAIL_RUN,
                                        Node.Position.ORIGIN)),
                        one(
                                new Node(
                                        "x",
                                        "mail",
                                        "x",
                                        Map.of(),
                                        RetryPolicy.NONE,
                                        null,
                                        Node.OnError.FAIL_RUN,
                                        new Node.Position(0, 1))),
                        drawing(List.of(START, x), "start->x", "x.error->x"),
                        WorkflowDefinition.of("other", one(x).nodes(), one(x).edges()));
        var hashes = new HashSet<String>();
        for (var drawing : drawings) {
            assertThat(hashes.add(drawing.hash())).as(CanonicalText.of(drawing)).isTrue();
        }
    }

    /** Published versions are known by their hash for ever: a new form needs a new first line. */
    @Test
    void keepsTheHashOfAKnownDrawing() {
        assertThat(CanonicalText.of(one(Node.of("x", "mail", Map.of("to", "ä\n")))))
                .isEqualTo(
                        "cybershield-workflow-1\n"
                            + "{\"deadline\":null,\"edges\":[[\"start\",\"out\",\"x\"]],"
                            + "\"maxWorkerLosses\":16,\"name\":\"test\",\"nodes\":["
                            + "{\"config\":{},\"factor\":1,\"firstDelay\":\"PT0S\",\"jitter\":0,"
                            + "\"key\":\"start\",\"maxAttempts\":1,\"maxDelay\":\"PT0S\","
                            + "\"name\":\"start\",\"onError\":\"FAIL_RUN\",\"timeout\":null,"
                            + "\"type\":\"trigger\",\"within\":null,\"x\":0,\"y\":0},"
                            + "{\"config\":{\"to\":\"\\u00e4\\u000a\"},\"factor\":1,"
                            + "\"firstDelay\":\"PT0S\",\"jitter\":0,\"key\":\"x\",\"maxAttempts\":1,"
                            + "\"maxDelay\":\"PT0S\",\"name\":\"x\",\"onError\":\"FAIL_RUN\","
                            + "\"timeout\":null,\"type\":\"mail\",\"within\":null,\"x\":0,\"y\":0}]}");
    }

    @Test
    void cannotBeChangedFromOutside() {
        var inner = new ArrayList<Object>(List.of("a"));
        var config = new HashMap<String, Object>(Map.of("list", inner));
        var drawn = one(Node.of("x", "mail", config));
        var before = drawn.hash();
        inner.add("b");
        config.put("more", 1);
        assertThat(drawn.hash()).isEqualTo(before);
        var kept = drawn.find("x").orElseThrow().config();
        assertThatThrownBy(() -> kept.put("y", 1))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> ((List<?>) kept.get("list")).clear())
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> kept.entrySet().iterator().next().setValue("z"))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void keepsNumbersAsJsonWouldGiveThemBack() {
        var config =
                Node.of(
                                "x",
                                "mail",
                                Map.of(
                                        "int",
                                        1,
                                        "big",
                                        BigInteger.TWO,
                                        "huge",
                                        BigInteger.TWO.pow(80),
                                        "half",
                                        new BigDecimal("0.5"),
                                        "float",
                                        0.25f))
                        .config();
        assertThat(config)
                .containsEntry("int", 1L)
                .containsEntry("big", 2L)
                .containsEntry("huge", BigInteger.TWO.pow(80))
                .containsEntry("half", 0.5)
                .containsEntry("float", 0.25);
    }

    @Test
    void namesThePlaceOfAValueItCannotKeep() {
        assertThatThrownBy(() -> Node.of("x", "mail", Map.of("a", List.of(1, new StringBuilder()))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'/a/1'")
                .hasMessageContaining("StringBuilder");
        assertThatThrownBy(() -> Node.of("x", "mail", Map.of("a", Double.NaN)))
                .hasMessageContaining("'/a'");
        Object deep = "end";
        for (int i = 0; i < 200_000; i++) {
            deep = List.of(deep);
        }
        var tooDeep = deep;
        assertThatThrownBy(() -> Node.of("x", "mail", Map.of("a", tooDeep)))
                .hasMessageContaining("nested deeper than 100");
    }

    private static WorkflowDefinition one(Node node) {
        return drawing(List.of(START, node), "start->x");
    }
}
