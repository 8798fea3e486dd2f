package io.cybershield.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.flow.DraftRun.Answer;
import io.cybershield.flow.DraftRun.Ask;
import io.cybershield.flow.DraftRun.Decide;
import io.cybershield.flow.DraftRun.Pin;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DraftRunTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
    private static final Descriptions KINDS = Descriptions.shipped();
    private final Evaluation evaluation = new Evaluation(new Expressions());

    /** start -> fetch -> good? -(true)-> ask -(approved)-> isolate; (false) -> later */
    private static Drawing drawing() {
        return new Drawing(
                "d",
                "",
                List.of(
                        box("start", "manual", Map.of()),
                        box(
                                "fetch",
                                "http-get",
                                Map.of("url", "https://x.example/{{ trigger.id }}")),
                        box(
                                "good",
                                "condition",
                                Map.of("expression", "steps.fetch.output.status == 200")),
                        box("ask", "approval", Map.of("title", "Isolate?", "role", "responder")),
                        box("isolate", "isolate-endpoint", Map.of("host", "h")),
                        box("later", "wait", Map.of("seconds", 3600))),
                List.of(
                        new Drawing.Arrow("start", "out", "fetch"),
                        new Drawing.Arrow("fetch", "out", "good"),
                        new Drawing.Arrow("good", "true", "ask"),
                        new Drawing.Arrow("good", "false", "later"),
                        new Drawing.Arrow("ask", "approved", "isolate")));
    }

    private static Drawing.Box box(String key, String type, Map<String, @Nullable Object> config) {
        return new Drawing.Box(key, type, key, config, 0, 0, null, null, null);
    }

    private static Ask ask(
            Map<String, Pin> pins,
            Set<String> breakpoints,
            int after,
            boolean single,
            @Nullable String until) {
        return new Ask(
                drawing(),
                null,
                Map.of("id", "7"),
                pins,
                breakpoints,
                after,
                single,
                until,
                Decide.APPROVE,
                AT);
    }

    private Answer run(Ask ask) {
        return DraftRun.of(ask, KINDS, evaluation, 1_000, () -> {});
    }

    private static final Map<String, Pin> GOOD =
            Map.of("fetch", new Pin(null, Map.of("status", 200, "body", "")));

    private static List<String> succeeded(Answer answer) {
        return answer.steps().stream()
                .filter(s -> s.state().equals("succeeded"))
                .map(DraftRun.Step::id)
                .toList();
    }

    @Test
    void aPinIsTakenForTheResultAndTheWayFollowsIt() {
        Answer good = run(ask(GOOD, Set.of(), -1, false, null));
        assertThat(good.state()).isEqualTo("succeeded");
        assertThat(succeeded(good)).contains("ask", "isolate").doesNotContain("later");
        assertThat(good.steps())
                .filteredOn(DraftRun.Step::pinned)
                .extracting(DraftRun.Step::id)
                .containsExactly("fetch");
        assertThat(good.unusedPins()).isEmpty();

        Answer bad =
                run(
                        ask(
                                Map.of(
                                        "fetch", new Pin(null, Map.of("status", 500)),
                                        "isolate", new Pin(null, Map.of())),
                                Set.of(),
                                -1,
                                false,
                                null));
        assertThat(succeeded(bad)).contains("later").doesNotContain("isolate");
        assertThat(bad.took()).as("a wait takes no time to try").isEqualTo(Duration.ofHours(1));
        assertThat(bad.unusedPins()).containsExactly("isolate");
    }

    @Test
    void aPinnedConditionAndAPinnedAnswerDecide() {
        Answer answer =
                run(
                        ask(
                                Map.of(
                                        "good", new Pin("true", Map.of("answer", true)),
                                        "ask", new Pin("denied", Map.of())),
                                Set.of(),
                                -1,
                                false,
                                null));
        assertThat(answer.steps())
                .filteredOn(s -> s.id().equals("ask"))
                .extracting(DraftRun.Step::port)
                .containsExactly("denied");
        assertThat(succeeded(answer)).doesNotContain("isolate");
    }

    @Test
    void itStopsBeforeABreakpointAndShowsWhatTheStepSees() {
        Answer stopped = run(ask(GOOD, Set.of("good"), -1, false, null));
        assertThat(stopped.state()).isEqualTo("running");
        assertThat(stopped.stop()).isNotNull();
        assertThat(stopped.stop().step()).isEqualTo("good");
        assertThat(stopped.stop().before()).isTrue();
        assertThat(stopped.stop().config()).containsKey("expression");
        assertThat(stopped.stop().context().get("trigger")).isEqualTo(Map.of("id", "7"));
        assertThat(succeeded(stopped)).contains("fetch").doesNotContain("good");

        Answer on = run(ask(GOOD, Set.of("good"), stopped.stop().position(), false, null));
        assertThat(on.stop()).isNull();
        assertThat(on.state()).isEqualTo("succeeded");
    }

    @Test
    void steppingVisitsEachStepOnceAndEndsWhereARunEnds() {
        var visited = new ArrayList<String>();
        int after = -1;
        Answer answer;
        do {
            answer = run(ask(GOOD, Set.of(), after, true, null));
            if (answer.stop() != null) {
                visited.add(answer.stop().step());
                after = answer.stop().position();
            }
        } while (answer.stop() != null);
        assertThat(visited).containsExactly("fetch", "good", "ask", "isolate");
        assertThat(answer).isEqualTo(run(ask(GOOD, Set.of(), -1, false, null)));
    }

    @Test
    void runToHereStopsOnceThatNodeIsOver() {
        Answer answer = run(ask(GOOD, Set.of(), -1, false, "good"));
        assertThat(answer.stop()).isNotNull();
        assertThat(answer.stop().before()).isFalse();
        assertThat(succeeded(answer)).contains("good").doesNotContain("ask");
    }

    @Test
    void whatIsNotDecidedStaysOpen() {
        Answer answer =
                DraftRun.of(
                        new Ask(
                                drawing(),
                                null,
                                Map.of("id", "7"),
                                GOOD,
                                Set.of(),
                                -1,
                                false,
                                null,
                                Decide.NOBODY,
                                AT),
                        KINDS,
                        evaluation,
                        1_000,
                        () -> {});
        assertThat(answer.state()).isEqualTo("waiting");
        assertThat(succeeded(answer)).doesNotContain("isolate");
    }

    @Test
    void whatDoesNotEndIsBoundedAndSaysSo() {
        var loop =
                new Drawing(
                        "d",
                        "",
                        List.of(
                                box("start", "manual", Map.of()),
                                box(
                                        "again",
                                        "while",
                                        Map.of("condition", "true", "maxRounds", 10_000)),
                                box("step", "set", Map.of("vars", Map.of("a", "1")))),
                        List.of(
                                new Drawing.Arrow("start", "out", "again"),
                                new Drawing.Arrow("again", "each", "step"),
                                new Drawing.Arrow("step", "out", "again")));
        var ask =
                new Ask(
                        loop,
                        null,
                        Map.of(),
                        Map.of(),
                        Set.of(),
                        -1,
                        false,
                        null,
                        Decide.APPROVE,
                        AT);
        assertThatThrownBy(() -> DraftRun.of(ask, KINDS, evaluation, 200, () -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("200 events");
        assertThatThrownBy(() ->
                        DraftRun.of(
                                ask(GOOD, Set.of(), -1, false, null),
                                KINDS,
                                evaluation,
                                1_000,
                                () -> {
                                    throw new UnsupportedOperationException("time is over");
                                }))
                .hasMessage("time is over");
    }

    @Test
    void aSecretNeverEntersASimulation() {
        Answer answer =
                DraftRun.of(
                        new Ask(
                                new Drawing(
                                        "d",
                                        "",
                                        List.of(
                                                box("start", "manual", Map.of()),
                                                box(
                                                        "call",
                                                        "http-request",
                                                        Map.of(
                                                                "url",
                                                                "https://x.example",
                                                                "method",
                                                                "POST",
                                                                "headers",
                                                                Map.of(
                                                                        "Authorization",
                                                                        "Bearer {{ secrets.key"
                                                                                + " }}")))),
                                        List.of(new Drawing.Arrow("start", "out", "call"))),
                                null,
                                Map.of(),
                                Map.of(),
                                Set.of("call"),
                                -1,
                                false,
                                null,
                                Decide.APPROVE,
                                AT),
                        KINDS,
                        evaluation,
                        1_000,
                        () -> {});
        assertThat(String.valueOf(answer.stop()))
                .contains("secrets.key")
                .doesNotContain("simulated secret");
    }
}
