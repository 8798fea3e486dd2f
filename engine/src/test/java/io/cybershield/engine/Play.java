package io.cybershield.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.engine.Decision.Ignored;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Carries a run along, and checks after each event that a replay comes to the same state. */
final class Play {
    static final Instant T0 = Instant.parse("2026-11-21T10:00:00Z");
    private static final int MOST_REPLAYED = 60;

    final Engine engine;
    private final List<Event> journal = new ArrayList<>();

    /** All commands so far. */
    final List<Command> given = new ArrayList<>();

    RunState state = RunState.NEW;
    List<Command> commands = List.of();
    List<StepState> changed = List.of();
    @Nullable Ignored ignored;
    Instant now = T0;

    private Play(WorkflowDefinition definition) {
        engine = Engine.of(definition, Drawings.CATALOGUE);
    }

    static Play start(WorkflowDefinition definition) {
        var play = new Play(definition);
        play.take(
                new Event.RunStarted(
                        T0,
                        "run-7",
                        play.engine.workflowHash(),
                        "start",
                        1,
                        Map.of("host", "web-1")));
        return play;
    }

    static Play start(List<Node> nodes, String... edges) {
        return start(Drawings.drawing(nodes, edges));
    }

    void take(Event event) {
        now = now.plusMillis(1);
        var decision = engine.decide(state, event);
        journal.add(event);
        state = decision.state();
        commands = decision.commands();
        changed = decision.steps();
        ignored = decision.ignored();
        given.addAll(commands);
        if (journal.size() < MOST_REPLAYED) {
            assertThat(engine.replay(journal)).isEqualTo(state);
        }
    }

    StepState step(String id) {
        return state.step(id).orElseThrow(() -> new AssertionError("No step " + id + ": " + state));
    }

    StepStatus status(String id) {
        return step(id).status();
    }

    void begin(String id) {
        take(new Event.AttemptStarted(now, id, step(id).epoch(), "claim-" + id));
    }

    void outcome(String id, Outcome outcome) {
        take(new Event.OutcomeArrived(now, id, step(id).epoch(), outcome));
    }

    void succeed(String id) {
        succeed(id, Map.of("by", id));
    }

    void succeed(String id, Map<String, Object> output) {
        begin(id);
        outcome(id, new Outcome.Succeeded(null, output));
    }

    void fail(String id) {
        begin(id);
        outcome(id, new Outcome.Failed("no", false, null));
    }

    void evaluate(String id, String port, Map<String, Object> output) {
        take(new Event.StepEvaluated(now, id, step(id).epoch(), port, output));
    }

    void list(String id, Object... items) {
        take(new Event.ItemsListed(now, id, step(id).epoch(), List.of(items)));
    }

    void stop(Event.Stop mode) {
        take(new Event.CancelRequested(now, "ann", "enough", mode));
    }

    void resume() {
        take(new Event.RunResumed(now, "ann"));
    }

    boolean gave(Class<? extends Command> kind) {
        return given.stream().anyMatch(kind::isInstance);
    }

    /** Ids of the steps queued for a worker or to be computed. */
    List<String> queued() {
        return state.steps().values().stream()
                .filter(step -> step.status() == StepStatus.QUEUED)
                .map(StepState::id)
                .toList();
    }
}
