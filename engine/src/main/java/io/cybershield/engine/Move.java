package io.cybershield.engine;

import io.cybershield.engine.Decision.Ignored;
import io.cybershield.engine.NodeType.Behaviour;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Moves runs that wait from one version of their workflow to another. A run is moved only where it
 * has the same past in both: each step that it has come to is of the same type, at the same place,
 * and is led to in the same way. What it has not come to yet may be drawn anew. So the state after
 * a move is one that the new version could have come to by itself, and all that is promised of its
 * runs holds.
 */
public final class Move {
    private final Engine from;
    private final Engine to;
    private final Graph old;
    private final Graph young;

    private Move(Engine from, Engine to) {
        this.from = from;
        this.to = to;
        this.old = from.graph();
        this.young = to.graph();
    }

    public static Move between(Engine from, Engine to) {
        return new Move(from, to);
    }

    /** What becomes of a step that a run stands at. */
    public enum Fate {
        /** It goes on as it is; settings of the new version count from its next try. */
        STAYS,
        /** The question is withdrawn and put again: answers hold for one version. */
        ASKED_AGAIN,
        /** Its settings changed, so it is worked out again and waits from now. */
        WAITS_AGAIN
    }

    /** A step that the run stands at. */
    public record Stand(String step, StepStatus status, Fate fate) {}

    /**
     * Why a run cannot be moved.
     *
     * @param step null when it is about the run
     * @param why a sentence
     */
    public record Objection(@Nullable String step, String why) {}

    /**
     * What a move would come to. It can be done when there is no objection.
     *
     * @param begins ids of steps that would begin at once, because what leads to them is over
     */
    public record Plan(List<Stand> stands, List<String> begins, List<Objection> objections) {
        public Plan {
            stands = List.copyOf(stands);
            begins = List.copyOf(begins);
            objections = List.copyOf(objections);
        }

        public boolean isPossible() {
            return objections.isEmpty();
        }
    }

    /** Looks, and changes nothing. */
    public Plan plan(RunState state, Instant at) {
        var stands = stands(state);
        var objections = objections(state);
        var begins = new ArrayList<String>();
        if (objections.isEmpty()) {
            var event = new Event.RunMoved(at, "", "", from.workflowHash(), to.workflowHash());
            for (var step : decide(state, event).steps()) {
                if (state.step(step.id()).isEmpty() && !step.status().isFinal()) {
                    begins.add(step.id());
                }
            }
        }
        return new Plan(stands, begins, objections);
    }

    /** Decides a move. The state it comes to belongs to the new version's engine. */
    public Decision decide(RunState state, Event.RunMoved event) {
        if (!state.status().isFinal()
                && state.status() != RunStatus.NEW
                && (!state.workflowHash().equals(from.workflowHash())
                        || !event.from().equals(from.workflowHash())
                        || !event.to().equals(to.workflowHash()))) {
            return ignored(state, Ignored.OTHER_WORKFLOW);
        }
        if (state.status().isFinal()) {
            return ignored(state, Ignored.RUN_ENDED);
        }
        if (state.status() == RunStatus.NEW) {
            return ignored(state, Ignored.NOT_STARTED);
        }
        if (!objections(state).isEmpty()) {
            return ignored(state, Ignored.NOT_MOVABLE);
        }
        return carriedOut(state, event);
    }

    private static Decision ignored(RunState state, Ignored why) {
        return new Decision(state, List.of(), List.of(), why);
    }

    // ---- carrying out

    private Decision carriedOut(RunState state, Event.RunMoved event) {
        var run = new RunDraft(state, event.at());
        var course = new Course(young, to.settings(), run);
        run.workflowHash = event.to();
        for (var frame : state.frames().values()) {
            for (var step : frame.steps().values()) {
                if (young.node(step.key()) == null) {
                    run.remove(step, true);
                } else if (!step.status().isFinal()) {
                    goOn(run, course, step);
                }
            }
        }
        moveDeadline(run);
        for (var trigger : young.triggers()) {
            if (!run.has(trigger)) {
                course.skip(trigger, "Another trigger started the run.");
            }
        }
        for (var frame : run.frames().values()) {
            for (var step : frame.steps().values()) {
                if (step.status().isFinal()) {
                    course.lookBehind(step.id());
                }
            }
        }
        course.spread();
        return new Decision(run.freeze(), run.commands, run.touched(), null);
    }

    private void goOn(RunDraft run, Course course, StepState step) {
        var draft = new StepDraft(step);
        switch (fate(step)) {
            case STAYS -> {}
            case ASKED_AGAIN -> {
                run.commands.add(
                        new Command.WithdrawQuestion(
                                step.id(), step.epoch(), "The run goes on in another version."));
                var before =
                        run.timer(
                                RunDraft.timerKey(
                                        step.id(), step.epoch(), Timer.Purpose.APPROVAL_TIMEOUT));
                run.clear(step, Timer.Purpose.APPROVAL_TIMEOUT);
                draft.epoch++;
                var limit = course.node(draft.key).timeout();
                var deadline =
                        Objects.equals(limit, node(old, draft.key).timeout()) && before != null
                                ? before.due()
                                : limit == null ? null : run.later(limit);
                if (deadline != null) {
                    run.set(draft, Timer.Purpose.APPROVAL_TIMEOUT, deadline);
                }
                course.put(draft);
                run.commands.add(new Command.OpenApproval(draft.id, draft.epoch, deadline));
            }
            case WAITS_AGAIN -> {
                run.clear(step, Timer.Purpose.WAIT);
                draft.epoch++;
                draft.signal = null;
                course.queue(draft);
            }
        }
    }

    /** What was left of the old limit is left of the new one, longer or shorter by the change. */
    private void moveDeadline(RunDraft run) {
        var before = from.settings().deadline();
        var after = to.settings().deadline();
        if (Objects.equals(before, after)) {
            return;
        }
        var timer = run.timer(Endings.DEADLINE_TIMER);
        run.clear(Endings.DEADLINE_TIMER);
        if (after != null) {
            var due =
                    timer == null || before == null
                            ? run.later(after)
                            : Turn.later(timer.due().minus(before), after);
            run.set(new Timer(Endings.DEADLINE_TIMER, Timer.Purpose.RUN_DEADLINE, null, due));
        }
    }

    private List<Stand> stands(RunState state) {
        var stands = new ArrayList<Stand>();
        for (var step : state.steps().values()) {
            if (!step.status().isFinal()) {
                stands.add(
                        new Stand(
                                step.id(),
                                step.status(),
                                young.node(step.key()) == null ? Fate.STAYS : fate(step)));
            }
        }
        return stands;
    }

    private Fate fate(StepState step) {
        if (step.status() != StepStatus.WAITING) {
            return Fate.STAYS;
        }
        var before = node(old, step.key());
        var after = node(young, step.key());
        boolean same =
                before.config().equals(after.config())
                        && Objects.equals(before.timeout(), after.timeout());
        if (young.is(step.key(), Behaviour.ASK)) {
            // A task grants nothing, so its answer is not bound to a version.
            boolean bound = !Objects.requireNonNull(young.type(step.key())).isTask();
            return (bound && !from.workflowHash().equals(to.workflowHash())) || !same
                    ? Fate.ASKED_AGAIN
                    : Fate.STAYS;
        }
        return young.is(step.key(), Behaviour.WAIT) && !same ? Fate.WAITS_AGAIN : Fate.STAYS;
    }

    private static Node node(Graph graph, String key) {
        return Objects.requireNonNull(graph.node(key));
    }

    // ---- objections

    private List<Objection> objections(RunState state) {
        if (state.status() == RunStatus.NEW || state.status().isFinal()) {
            return List.of(
                    new Objection(
                            null,
                            state.status() == RunStatus.NEW
                                    ? "It has not begun."
                                    : "It has ended."));
        }
        if (!state.workflowHash().equals(from.workflowHash())) {
            return List.of(new Objection(null, "It is of another version."));
        }
        var found = new ArrayList<Objection>();
        if (state.ending() != null) {
            found.add(new Objection(null, "It is about to end: it is taken back, or closed."));
        }
        var gone = new HashSet<String>();
        for (var frame : state.frames().values()) {
            for (var step : frame.steps().values()) {
                if (young.node(step.key()) == null && step.status() == StepStatus.SKIPPED) {
                    gone.add(step.key());
                }
            }
        }
        for (var step : state.steps().values()) {
            if (!(young.node(step.key()) == null && step.status() == StepStatus.SKIPPED)) {
                objection(step, gone).ifPresent(found::add);
            }
        }
        for (var entry : state.undoable().values()) {
            var key = entry.step().key();
            if (!isUndoneAlike(key)) {
                found.add(
                        new Objection(
                                entry.step().id(),
                                "What it did could not be taken back any more, or would be"
                                        + " otherwise."));
            }
        }
        found.addAll(granted(state));
        return found;
    }

    private Optional<Objection> objection(StepState step, Set<String> gone) {
        return Optional.ofNullable(why(step, gone)).map(why -> new Objection(step.id(), why));
    }

    private @Nullable String why(StepState step, Set<String> gone) {
        var key = step.key();
        var after = young.type(key);
        if (young.node(key) == null || after == null) {
            return "There is no node '" + key + "' any more, and the run has come to it.";
        }
        var before = Objects.requireNonNull(old.type(key));
        if (!before.key().equals(after.key())) {
            return "It was of the type '" + before.key() + "' and is of '" + after.key() + "' now.";
        }
        if (step.isBusy()) {
            return "It is at work, or about to be. Only a run that waits is moved.";
        }
        if (step.status() == StepStatus.IN_DOUBT) {
            return "Whether it happened is not known. Settle that first: the answer is about what"
                    + " this version did.";
        }
        if (!old.level(key).equals(young.level(key))) {
            return "It is in another loop now, or in none.";
        }
        if (old.isClosing(key) != young.isClosing(key)
                || !Objects.equals(old.undoneBy(key), young.undoneBy(key))
                || !Objects.equals(old.replacedBy(key), young.replacedBy(key))) {
            return "It takes back, stands in or closes in one of the versions only.";
        }
        if (!ways(old, key, gone).equals(ways(young, key, Set.of()))) {
            return "What leads to it is drawn otherwise, and the run has come past that.";
        }
        if (before.behaviour() == Behaviour.JOIN
                && (!Objects.equals(old.control(key), young.control(key))
                        || old.inputs(key).size() != young.inputs(key).size())) {
            return "It joins otherwise, and has joined already.";
        }
        if (step.status() == StepStatus.FAILED
                && Ports.ERROR.equals(step.port())
                && !young.isDrawn(key, Ports.ERROR)) {
            return "Its failure would not be taken up any more.";
        }
        return step.status().isFinal() ? null : whyOpen(step);
    }

    private @Nullable String whyOpen(StepState step) {
        var key = step.key();
        if (!Objects.equals(old.fallbackOf(key), young.fallbackOf(key))) {
            return "Another node stands in for it.";
        }
        if (old.isLoop(key) && !isSameBody(key)) {
            return "The loop goes on, and it or a node in it has changed.";
        }
        if (step.mayHaveHappened()
                && !node(old, key).config().equals(node(young, key).config())
                && Objects.requireNonNull(young.type(key)).idempotency()
                        != NodeType.Idempotency.NATURALLY_IDEMPOTENT) {
            return "It may have happened with other settings than it would be tried with.";
        }
        return null;
    }

    private static Set<String> ways(Graph graph, String key, Set<String> without) {
        return graph.inputs(key).stream()
                .filter(edge -> !without.contains(edge.from()))
                .map(edge -> edge.from() + "\n" + edge.port())
                .collect(Collectors.toSet());
    }

    private boolean isSameBody(String loop) {
        if (!old.body(loop).equals(young.body(loop)) || !isSame(loop)) {
            return false;
        }
        for (var key : old.body(loop)) {
            if (!isSame(key) || !Set.copyOf(old.outOf(key)).equals(Set.copyOf(young.outOf(key)))) {
                return false;
            }
        }
        return old.entries(loop).equals(young.entries(loop));
    }

    /** But for its name and place. */
    private boolean isSame(String key) {
        var a = node(old, key);
        var b = node(young, key);
        return a.type().equals(b.type())
                && a.config().equals(b.config())
                && a.retry().equals(b.retry())
                && Objects.equals(a.timeout(), b.timeout())
                && a.onError() == b.onError()
                && Objects.equals(a.exemption(), b.exemption());
    }

    private boolean isUndoneAlike(String key) {
        var undo = young.undoOf(key);
        if (undo == null
                || !undo.equals(old.undoOf(key))
                || !old.level(key).equals(young.level(key))
                || young.type(undo) == null) {
            return false;
        }
        return Objects.requireNonNull(old.type(undo))
                .key()
                .equals(Objects.requireNonNull(young.type(undo)).key());
    }

    /**
     * What was granted was granted as it was shown: a node that destroys, comes behind it and was
     * changed needs an approval that is still to come.
     */
    private List<Objection> granted(RunState state) {
        var found = new ArrayList<Objection>();
        var order = new Precedence(young);
        for (var step : state.steps().values()) {
            if (!young.is(step.key(), Behaviour.ASK)
                    || Objects.requireNonNull(young.type(step.key())).isTask()
                    || !Ports.APPROVED.equals(step.port())) {
                continue;
            }
            for (var key : young.keys()) {
                var type = young.type(key);
                if (type != null
                        && type.destructive()
                        && node(young, key).exemption() == null
                        && order.canPrecede(step.key(), key)
                        && !isOver(state, step, key)
                        && !isAsBefore(key)
                        && !isAskedAnew(state, order, step, key)) {
                    found.add(
                            new Objection(
                                    step.id(),
                                    "It was approved in the old version, and '"
                                            + key
                                            + "', which comes behind it, would do something else"
                                            + " now without being asked for."));
                }
            }
        }
        return found;
    }

    private boolean isAsBefore(String key) {
        return old.node(key) != null
                && node(old, key).type().equals(node(young, key).type())
                && node(old, key).config().equals(node(young, key).config());
    }

    /** Whether the node, or the loop that it is in, has ended in the round of the approval. */
    private boolean isOver(RunState state, StepState approval, String key) {
        var level = young.level(approval.key());
        for (var at = key; at != null; at = young.loopAround(at)) {
            if (young.level(at).equals(level)) {
                return state.step(StepId.in(StepId.frame(approval.id()), at))
                        .filter(step -> step.status().isFinal())
                        .isPresent();
            }
        }
        return false;
    }

    /** Whether the run will be asked on every way to the node. */
    private boolean isAskedAnew(RunState state, Precedence order, StepState approval, String key) {
        return young.keys().stream()
                .filter(other -> young.is(other, Behaviour.ASK))
                .filter(other -> !Objects.requireNonNull(young.type(other)).isTask())
                .filter(other -> young.level(other).equals(young.level(key)))
                .filter(other -> order.isOnEveryWay(other, key))
                .anyMatch(other ->
                        state.step(StepId.in(StepId.frame(approval.id()), other))
                                .filter(step -> step.status().isFinal())
                                .isEmpty());
    }
}
