package io.cybershield.engine;

import static io.cybershield.engine.Drawings.drawing;
import static io.cybershield.engine.Drawings.node;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MoveTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final WorkflowDefinition FIRST =
            drawing(
                    List.of(
                            node("go", "trigger"),
                            node("look", "lookup"),
                            node("ask", "approval"),
                            node("wipe", "wipe"),
                            node("hold", "wait")),
                    "go->look",
                    "look->ask",
                    "look->hold",
                    "ask.approved->wipe");
    private final List<Event> journal = new ArrayList<>();
    private Engine engine = Engine.of(FIRST, Drawings.CATALOGUE);
    private RunState state = RunState.NEW;

    private void begin() {
        take(new Event.RunStarted(NOW, "run", engine.workflowHash(), "go", 1, Map.of()));
        take(new Event.AttemptStarted(NOW, "look", 1, "w"));
        take(new Event.OutcomeArrived(NOW, "look", 1, new Outcome.Succeeded(null, Map.of())));
        take(new Event.WaitPlanned(NOW, "hold", 1, NOW.plusSeconds(60), null));
    }

    private void take(Event event) {
        journal.add(event);
        state = engine.decide(state, event).state();
    }

    private static Engine version(WorkflowDefinition drawn) {
        return Engine.of(drawn, Drawings.CATALOGUE);
    }

    private Move.Plan plan(Engine to) {
        return Move.between(engine, to).plan(state, NOW);
    }

    private Decision move(Engine to) {
        var event = new Event.RunMoved(NOW, "ann", "why", engine.workflowHash(), to.workflowHash());
        return Move.between(engine, to).decide(state, event);
    }

    @Test
    void aRunKeepsWhatItDidAndGoesOnInTheNewVersion() {
        begin();
        var to =
                version(
                        drawing(
                                List.of(
                                        node("go", "trigger"),
                                        node("look", "lookup"),
                                        node("ask", "approval"),
                                        node("wipe", "wipe"),
                                        node("hold", "wait"),
                                        node("mail", "mail"),
                                        node("after", "mail")),
                                "go->look",
                                "look->ask",
                                "look->hold",
                                "look->mail",
                                "hold->after",
                                "ask.approved->wipe"));
        var plan = plan(to);
        assertThat(plan.objections()).isEmpty();
        assertThat(plan.begins()).containsExactly("mail");
        assertThat(plan.stands())
                .containsExactlyInAnyOrder(
                        new Move.Stand("ask", StepStatus.WAITING, Move.Fate.ASKED_AGAIN),
                        new Move.Stand("hold", StepStatus.WAITING, Move.Fate.STAYS));
        var decision = move(to);
        assertThat(decision.commands())
                .contains(
                        new Command.OpenApproval("ask", 2, null),
                        new Command.StartAttempt("mail", 1, "run/mail", 1))
                .anyMatch(Command.WithdrawQuestion.class::isInstance);
        state = decision.state();
        engine = to;
        take(new Event.ApprovalDecided(NOW, "ask", 1, true, "bob", "for the old one", Map.of()));
        assertThat(state.step("wipe")).as("an answer to the old question").isEmpty();
        take(new Event.TimerFired(NOW.plusSeconds(60), "hold/1/wait"));
        assertThat(state.step("after")).isPresent();
    }

    @Test
    void theJournalTellsTheSameAcrossVersions() {
        begin();
        var first = engine;
        var to =
                version(
                        new WorkflowDefinition(
                                FIRST.name(),
                                with("hold", Map.of("seconds", 5)),
                                FIRST.edges(),
                                FIRST.settings()));
        var event = new Event.RunMoved(NOW, "ann", "why", first.workflowHash(), to.workflowHash());
        var decision = Move.between(first, to).decide(state, event);
        assertThat(decision.commands()).contains(new Command.Evaluate("hold", 2));
        journal.add(event);
        state = decision.state();
        engine = to;
        take(new Event.WaitPlanned(NOW, "hold", 2, NOW.plusSeconds(5), null));
        assertThat(state.timers()).containsOnlyKeys("hold/2/wait");
        assertThat(to.replay(journal, _ -> first)).isEqualTo(state);
        assertThat(first.replay(journal, _ -> to)).isEqualTo(state);
        assertThat(move(first).ignored()).as("and back").isNull();
    }

    private static List<Node> with(String key, Map<String, Object> config) {
        return FIRST.nodes().stream()
                .map(n ->
                        n.key().equals(key)
                                ? new Node(
                                        n.key(),
                                        n.type(),
                                        n.name(),
                                        config,
                                        n.retry(),
                                        n.timeout(),
                                        n.onError(),
                                        n.position())
                                : n)
                .toList();
    }

    @Test
    void anotherPastIsRefusedWithThePlace() {
        begin();
        var to =
                version(
                        drawing(
                                List.of(
                                        node("go", "trigger"),
                                        node("check", "condition"),
                                        node("ask", "approval"),
                                        node("wipe", "wipe"),
                                        node("hold", "mail")),
                                "go->check",
                                "check.true->ask",
                                "check.false->hold",
                                "ask.approved->wipe"));
        assertThat(plan(to).objections())
                .extracting(Move.Objection::step)
                .contains("look", "ask", "hold");
        var refused = move(to);
        assertThat(refused.ignored()).isEqualTo(Decision.Ignored.NOT_MOVABLE);
        assertThat(refused.state()).isSameAs(state);
    }

    @Test
    void aStepThatWasPutBeforeAWaitIsNotLeftOut() {
        begin();
        var to =
                version(
                        drawing(
                                List.of(
                                        node("go", "trigger"),
                                        node("look", "lookup"),
                                        node("second", "approval"),
                                        node("ask", "approval"),
                                        node("wipe", "wipe"),
                                        node("hold", "wait")),
                                "go->look",
                                "look->second",
                                "second.approved->ask",
                                "look->hold",
                                "ask.approved->wipe"));
        assertThat(plan(to).objections())
                .singleElement()
                .satisfies(o -> {
                    assertThat(o.step()).isEqualTo("ask");
                    assertThat(o.why()).contains("What leads to it");
                });
    }

    @Test
    void aRunAtWorkInDoubtOrEndedIsNotMoved() {
        take(new Event.RunStarted(NOW, "run", engine.workflowHash(), "go", 1, Map.of()));
        var to =
                version(
                        new WorkflowDefinition(
                                "other", FIRST.nodes(), FIRST.edges(), FIRST.settings()));
        assertThat(plan(to).objections().getFirst().why()).contains("at work");
        take(new Event.AttemptStarted(NOW, "look", 1, "w"));
        assertThat(plan(to).isPossible()).isFalse();
        take(new Event.CancelRequested(NOW, "ann", "enough", Event.Stop.KILL));
        assertThat(move(to).ignored()).isEqualTo(Decision.Ignored.RUN_ENDED);
        assertThat(
                        Move.between(engine, to)
                                .decide(
                                        RunState.NEW,
                                        new Event.RunMoved(
                                                NOW,
                                                "a",
                                                "b",
                                                engine.workflowHash(),
                                                to.workflowHash()))
                                .ignored())
                .isEqualTo(Decision.Ignored.NOT_STARTED);
    }

    @Test
    void aLoopThatGoesOnKeepsItsBody() {
        var looped =
                drawing(
                        List.of(
                                node("go", "trigger"),
                                node("each", "for-each"),
                                node("ask", "task")),
                        "go->each",
                        "each.each->ask",
                        "ask.done->each");
        engine = version(looped);
        take(new Event.RunStarted(NOW, "run", engine.workflowHash(), "go", 1, Map.of()));
        take(new Event.ItemsListed(NOW, "each", 1, List.of("a", "b")));
        var beside =
                version(
                        drawing(
                                List.of(
                                        node("go", "trigger"),
                                        node("each", "for-each"),
                                        node("ask", "task"),
                                        node("mail", "mail")),
                                "go->each",
                                "each.each->ask",
                                "ask.done->each",
                                "each.done->mail"));
        assertThat(plan(beside).objections()).isEmpty();
        var within =
                version(
                        drawing(
                                List.of(
                                        node("go", "trigger"),
                                        node("each", "for-each"),
                                        node("ask", "task"),
                                        node("mail", "mail")),
                                "go->each",
                                "each.each->ask",
                                "ask.done->mail",
                                "mail->each"));
        assertThat(plan(within).objections()).extracting(Move.Objection::step).contains("each");
    }
}
