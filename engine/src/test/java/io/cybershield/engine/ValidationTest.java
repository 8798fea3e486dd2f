package io.cybershield.engine;

import static io.cybershield.engine.Drawings.CATALOGUE;
import static io.cybershield.engine.Drawings.drawing;
import static io.cybershield.engine.Drawings.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ValidationTest {
    private static final Node START = node("start", "trigger");

    @Test
    void acceptsAnIncidentResponse() {
        var sound =
                drawing(
                        List.of(
                                START,
                                node("severe", "condition"),
                                node("ask", "approval"),
                                node("isolate", "isolate"),
                                node("tell", "mail")),
                        "start->severe",
                        "severe.true->ask",
                        "ask.approved->isolate",
                        "isolate->tell",
                        "ask.denied->tell");
        assertThat(Validation.problems(sound, CATALOGUE)).isEmpty();
    }

    @Test
    void asksForATrigger() {
        assertThat(codes(drawing(List.of(node("tell", "mail"))))).containsExactly("no-trigger");
    }

    @Test
    void refusesAnEdgeIntoATrigger() {
        var looped = drawing(List.of(START, node("tell", "mail")), "start->tell", "tell->start");
        assertThat(codes(looped)).contains("trigger-has-input", "cycle");
    }

    @Test
    void refusesUnknownTypeNamingThoseOffered() {
        var problem = only(drawing(List.of(START, node("x", "teleport")), "start->x"));
        assertThat(problem.code()).isEqualTo("unknown-type");
        assertThat(problem.node()).isEqualTo("x");
        assertThat(problem.mend()).contains("approval", "isolate");
    }

    @Test
    void saysHowElseToDrawWhatIsKnownElsewhere() {
        for (var type : List.of("parallel", "compensate")) {
            var problem = only(drawing(List.of(START, node("x", type)), "start->x"));
            assertThat(problem.code()).isEqualTo("not-supported");
            assertThat(problem.message()).contains(type, "no node here");
        }
    }

    @Test
    void refusesUnknownPortNamingThoseThere() {
        var problem = only(drawing(List.of(START, node("x", "mail")), "start.sideways->x"), 1);
        assertThat(problem.code()).isEqualTo("unknown-port");
        assertThat(problem.edge()).isEqualTo(new Edge("start", "sideways", "x"));
        assertThat(problem.mend()).isEqualTo("Use one of: out.");
    }

    @Test
    void refusesDanglingAndRepeatedEdges() {
        var drawn =
                drawing(List.of(START, node("x", "mail")), "start->x", "start->x", "x->nowhere");
        assertThat(codes(drawn)).containsExactlyInAnyOrder("duplicate-edge", "dangling-edge");
    }

    @Test
    void refusesKeysThatExpressionsCannotWrite() {
        var problem = only(drawing(List.of(START, node("block-ip", "mail")), "start->block-ip"));
        assertThat(problem.code()).isEqualTo("bad-key");
        assertThat(problem.mend()).contains("'block_ip'");
        assertThat(codes(drawing(List.of(START, node("in", "mail")), "start->in")))
                .containsExactly("bad-key");
    }

    @Test
    void refusesTwoNodesOfOneKey() {
        var twice = drawing(List.of(START, node("x", "mail"), node("x", "post")), "start->x");
        assertThat(codes(twice)).containsExactly("duplicate-key");
    }

    @Test
    void namesACycleByItsPath() {
        var cyclic =
                drawing(
                        List.of(START, node("a", "mail"), node("b", "set"), node("c", "set")),
                        "start->a",
                        "a->b",
                        "b->c",
                        "c->a");
        var cycle = only(cyclic);
        assertThat(cycle.code()).isEqualTo("cycle");
        assertThat(cycle.path()).containsExactly("a", "b", "c", "a");
        assertThat(cycle.edge()).isEqualTo(new Edge("c", "out", "a"));
        assertThatThrownBy(() -> Engine.of(cyclic, CATALOGUE))
                .isInstanceOf(Problem.InvalidWorkflow.class)
                .hasMessageContaining("a -> b -> c -> a");
    }

    @Test
    void findsUnreachableNodes() {
        var island =
                drawing(
                        List.of(START, node("a", "mail"), node("b", "set"), node("c", "set")),
                        "start->a",
                        "b->c");
        assertThat(Validation.problems(island, CATALOGUE))
                .extracting(Problem::code, Problem::node)
                .containsExactlyInAnyOrder(
                        org.assertj.core.api.Assertions.tuple("unreachable-node", "b"),
                        org.assertj.core.api.Assertions.tuple("unreachable-node", "c"));
    }

    @Test
    void asksWhatFollowsAnApproval() {
        var idle = drawing(List.of(START, node("ask", "approval")), "start->ask");
        assertThat(codes(idle)).containsExactly("unconnected-port");
        assertThat(codes(drawing(List.of(START)))).containsExactly("unconnected-port");
    }

    @Test
    void refusesToPassOverAFailureWhereTheWayOnIsAGuess() {
        var guess =
                drawing(
                        List.of(
                                START,
                                node("sure", "condition").withOnError(Node.OnError.CONTINUE)),
                        "start->sure");
        assertThat(codes(guess)).containsExactly("continue-without-port");
    }

    @Test
    void pointsOutSettingsWithoutEffect() {
        var idle =
                drawing(
                        List.of(
                                START,
                                node("x", "set")
                                        .withTimeout(Duration.ofSeconds(1))
                                        .withRetry(RetryPolicy.attempts(3))),
                        "start->x");
        assertThat(Validation.problems(idle, CATALOGUE))
                .allMatch(problem -> problem.severity() == Severity.WARNING)
                .extracting(Problem::code)
                .containsExactlyInAnyOrder("idle-timeout", "idle-retry");
        var zero =
                drawing(List.of(START, node("x", "mail").withTimeout(Duration.ZERO)), "start->x");
        assertThat(codes(zero)).containsExactly("bad-timeout");
    }

    @Test
    void showsTheWayByWhichADestructiveNodeEscapesApproval() {
        var escape =
                drawing(
                        List.of(
                                START,
                                node("severe", "condition"),
                                node("ask", "approval"),
                                node("wipe", "wipe")),
                        "start->severe",
                        "severe.true->ask",
                        "severe.false->wipe",
                        "ask.approved->wipe");
        var problem = only(escape);
        assertThat(problem.code()).isEqualTo("unapproved-destruction");
        assertThat(problem.severity()).isEqualTo(Severity.ERROR);
        assertThat(problem.path()).containsExactly("start", "severe", "wipe");
        var lenient = new Validation.Rules(Severity.WARNING, Map.of());
        assertThat(Validation.problems(escape, CATALOGUE, lenient))
                .allMatch(found -> found.severity() == Severity.WARNING);
        var exempt = new Validation.Rules(Severity.ERROR, Map.of("wipe", "lab hosts may be wiped"));
        assertThat(Validation.problems(escape, CATALOGUE, exempt)).isEmpty();
    }

    @Test
    void doesNotTakeARefusalOrATimeoutForAnApproval() {
        for (var port : List.of("denied", "timeout", "error")) {
            var bypass =
                    drawing(
                            List.of(
                                    START,
                                    node("ask", "approval"),
                                    node("tell", "mail"),
                                    node("wipe", "wipe")),
                            "start->ask",
                            "ask.approved->tell",
                            "ask." + port + "->wipe");
            assertThat(only(bypass).path()).containsExactly("start", "ask", "wipe");
        }
    }

    @Test
    void refusesReferencesToStepsThatCannotComeBefore() {
        assertThat(codes(referring("steps.ghost.output.x"))).containsExactly("unknown-reference");
        assertThat(codes(referring("steps.later.output.x == 1")))
                .containsExactly("reference-not-before");
        assertThat(codes(referring("steps.here.output.x"))).containsExactly("reference-not-before");
        assertThat(codes(referring("steps.start.output.host"))).isEmpty();
        assertThat(codes(referring("steps[\"ghost\"].output")))
                .containsExactly("unknown-reference");
    }

    @Test
    void looksForReferencesOnlyWhereExpressionsAre() {
        assertThat(codes(referring("Follow the next steps. ghost. {{ steps.start.output.host }}")))
                .isEmpty();
        assertThat(codes(referring("Host {{ steps.ghost.output.host }} is safe")))
                .containsExactly("unknown-reference");
        assertThat(codes(referring("Please take these steps.Then call us."))).isEmpty();
        assertThat(codes(referring("missteps.ghost.output"))).isEmpty();
    }

    @Test
    void warnsOfReferencesToStepsThatMayHaveBeenSkipped() {
        var problem = only(referring("steps.maybe.output.x"));
        assertThat(problem.code()).isEqualTo("reference-may-be-missing");
        assertThat(problem.severity()).isEqualTo(Severity.WARNING);
        assertThat(problem.path()).containsExactly("start", "choose", "here");
        assertThat(codes(referring("has(steps.maybe.output) ? steps.maybe.output.x : 0")))
                .isEmpty();
        assertThat(codes(referring("steps.?maybe.output.orValue(0)"))).isEmpty();
    }

    @Test
    void knowsThatParallelBranchesBothRun() {
        var joined =
                drawing(
                        List.of(
                                START,
                                node("choose", "condition"),
                                node("a", "set"),
                                node("b", "set"),
                                Node.of(
                                        "c",
                                        "mail",
                                        Map.of(
                                                "to",
                                                "{{ steps.a.output.x }}{{ steps.b.output.y }}"))),
                        "start->choose",
                        "choose.true->a",
                        "choose.true->b",
                        "a->c",
                        "b->c");
        assertThat(Validation.problems(joined, CATALOGUE)).isEmpty();
    }

    @Test
    void checksALongDrawingQuicklyOnASmallStack() {
        var nodes = new ArrayList<Node>(List.of(START));
        var edges = new ArrayList<String>();
        for (int i = 0; i < 2000; i++) {
            nodes.add(
                    Node.of(
                            "s" + i,
                            "set",
                            Map.of("v", i == 0 ? "1" : "steps.s" + (i - 1) + ".output.v")));
            edges.add((i == 0 ? "start" : "s" + (i - 1)) + "->s" + i);
        }
        var chain = drawing(nodes, edges.toArray(String[]::new));
        assertThat(Validation.problems(chain, CATALOGUE)).isEmpty();
        var circle = new ArrayList<>(edges);
        circle.add("s1999->s0");
        assertThat(codes(drawing(nodes, circle.toArray(String[]::new)))).contains("cycle");
    }

    @Test
    void searchesHostileTextForReferencesInNoTime() {
        var spaces = " ".repeat(200_000);
        for (var text :
                List.of(
                        "{{".repeat(200_000),
                        "steps." + spaces,
                        "steps[" + spaces,
                        "steps" + spaces,
                        "has(" + spaces,
                        "steps.".repeat(50_000),
                        "has(steps[\"".repeat(50_000),
                        "steps." + "a".repeat(200_000))) {
            assertTimeoutPreemptively(
                    Duration.ofSeconds(20), () -> References.in(text), text.substring(0, 10));
        }
    }

    @Test
    void refusesATimeoutLongerThanAnyoneWaits() {
        var drawn =
                drawing(
                        List.of(START, node("x", "mail").withTimeout(Duration.ofDays(4000))),
                        "start->x");
        assertThat(codes(drawn)).containsExactly("bad-timeout");
    }

    /** start -> choose -(true)-> maybe -> here -> later; choose -(false)-> here. */
    private static WorkflowDefinition referring(String expression) {
        return drawing(
                List.of(
                        START,
                        node("choose", "condition"),
                        node("maybe", "set"),
                        Node.of("here", "mail", Map.of("list", List.of(Map.of("e", expression)))),
                        node("later", "mail")),
                "start->choose",
                "choose.true->maybe",
                "choose.false->here",
                "maybe->here",
                "here->later");
    }

    private static List<String> codes(WorkflowDefinition drawing) {
        return Validation.problems(drawing, CATALOGUE).stream().map(Problem::code).toList();
    }

    private static Problem only(WorkflowDefinition drawing) {
        return only(drawing, 1);
    }

    private static Problem only(WorkflowDefinition drawing, int count) {
        var problems = Validation.problems(drawing, CATALOGUE);
        assertThat(problems).hasSize(count).allMatch(problem -> !problem.mend().isBlank());
        return problems.getFirst();
    }

    @Test
    void letsEdgesLeadBackToLoopsOnly() {
        var loop =
                drawing(
                        List.of(
                                START,
                                node("all", "for-each"),
                                node("a", "mail"),
                                node("b", "mail")),
                        "start->all",
                        "all.each->a",
                        "a->b",
                        "b->all");
        assertThat(Validation.problems(loop, CATALOGUE)).isEmpty();
        var circle =
                drawing(
                        List.of(
                                START,
                                node("all", "for-each"),
                                node("a", "mail"),
                                node("b", "mail")),
                        "start->all",
                        "all.each->a",
                        "a->b",
                        "b->a");
        var problem = only(circle);
        assertThat(problem.path()).containsExactly("a", "b", "a");
        assertThat(problem.mend()).contains("only to those may an edge lead back");
    }

    @Test
    void saysWhereTheBodyOfALoopIsLeft() {
        var left =
                drawing(
                        List.of(
                                START,
                                node("all", "for-each"),
                                node("a", "mail"),
                                node("after", "mail")),
                        "start->all",
                        "all.each->a",
                        "a->after",
                        "all.done->after");
        var problem = only(left);
        assertThat(problem.code()).isEqualTo("loop-entered");
        assertThat(problem.edge()).isEqualTo(new Edge("all", "done", "after"));
        assertThat(problem.mend()).contains("lead it back to 'all'");
    }

    @Test
    void saysWhatToReferToInsteadOfAStepInRounds() {
        var drawn =
                drawing(
                        List.of(
                                START,
                                node("all", "for-each"),
                                node("a", "mail"),
                                Node.of("after", "mail", Map.of("t", "{{ steps.a.output.x }}"))),
                        "start->all",
                        "all.each->a",
                        "all.done->after");
        var problem = only(drawn);
        assertThat(problem.code()).isEqualTo("reference-into-loop");
        assertThat(problem.mend()).contains("steps.all.output.results");
    }

    @Test
    void knowsWhatAJoinHasWaitedFor() {
        for (var mode : List.of("all", "any")) {
            var drawn =
                    drawing(
                            List.of(
                                    START,
                                    node("a", "set"),
                                    node("b", "set"),
                                    Node.of("join", "join", Map.of("mode", mode)),
                                    Node.of("c", "mail", Map.of("t", "{{ steps.a.output.x }}"))),
                            "start->a",
                            "start->b",
                            "a->join",
                            "b->join",
                            "join->c");
            assertThat(codes(drawn))
                    .isEqualTo(
                            mode.equals("all") ? List.of() : List.of("reference-may-be-missing"));
        }
    }

    @Test
    void takesAnExemptionWithItsReason() {
        var exempt =
                drawing(
                        List.of(START, node("x", "wipe").withExemption("lab hosts only")),
                        "start->x");
        assertThat(codes(exempt)).isEmpty();
        var blank = drawing(List.of(START, node("x", "wipe").withExemption(" ")), "start->x");
        assertThat(codes(blank)).containsExactly("unapproved-destruction");
    }

    @Test
    void anApprovalBeforeALoopCoversTheLoopButOneInItDoesNotCoverWhatFollows() {
        var before =
                drawing(
                        List.of(
                                START,
                                node("ask", "approval"),
                                node("all", "for-each"),
                                node("x", "wipe")),
                        "start->ask",
                        "ask.approved->all",
                        "all.each->x",
                        "x->all");
        assertThat(codes(before)).isEmpty();
        var inside =
                drawing(
                        List.of(
                                START,
                                node("all", "for-each"),
                                node("ask", "approval"),
                                node("y", "mail"),
                                node("x", "wipe")),
                        "start->all",
                        "all.each->ask",
                        "ask.approved->y",
                        "y->all",
                        "all.done->x");
        assertThat(only(inside).path()).containsExactly("start", "all", "x");
    }
}
