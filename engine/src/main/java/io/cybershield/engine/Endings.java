package io.cybershield.engine;

import io.cybershield.engine.Ending.Phase;
import io.cybershield.engine.NodeType.Behaviour;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** How a run ends: cut off what goes on, undo, close, complete; and how it is taken up again. */
final class Endings {
    static final String DEADLINE_TIMER = "run/deadline";
    static final String CLOSING_TIMER = "run/closing";
    private static final String CUT_OFF = "The run ended before it.";

    private final Graph graph;
    private final WorkflowDefinition.Settings settings;
    private final RunDraft run;
    private final Course course;

    Endings(Graph graph, WorkflowDefinition.Settings settings, RunDraft run, Course course) {
        this.graph = graph;
        this.settings = settings;
        this.run = run;
        this.course = course;
    }

    /** All steps have ended. */
    void finished() {
        run.ending = Ending.of(RunStatus.SUCCEEDED, null);
        close();
    }

    /** A step failed and nothing took it up. */
    void failed(String step, String reason) {
        var sentence = "Step '" + step + "' failed: " + reason;
        var ending = run.ending;
        if (ending == null) {
            begin(
                    Ending.of(RunStatus.FAILED, sentence).thatCanResume(true),
                    !settings.keepOnFailure(),
                    Event.Stop.UNDO);
            return;
        }
        cutOff(Event.Stop.CANCEL);
        if (ending.status() == RunStatus.SUCCEEDED) {
            run.ending = ending.as(RunStatus.FAILED, sentence);
        } else {
            run.remark("Closing: step '" + step + "' failed: " + reason);
        }
        complete();
    }

    /** An end node was reached. */
    void endedEarly(Control.End end, String step, Map<String, @Nullable Object> output) {
        var said = end.message().isBlank() ? "Ended at '" + step + "'." : end.message();
        if (run.ending != null) {
            // Among the closing steps it ends those.
            cutOff(Event.Stop.CANCEL);
            complete();
            return;
        }
        begin(
                Ending.of(end.failed() ? RunStatus.FAILED : RunStatus.SUCCEEDED, said)
                        .withOutput(output),
                end.failed() && !settings.keepOnFailure(),
                end.failed() ? Event.Stop.UNDO : Event.Stop.CANCEL);
    }

    /**
     * @return whether it changed anything
     */
    boolean stop(Event.Stop mode, String summary) {
        var ending = run.ending;
        if (mode == Event.Stop.KILL || run.startedAt == null) {
            cutOff(Event.Stop.KILL);
            if (ending == null) {
                run.ending = Ending.of(RunStatus.CANCELLED, summary);
            } else {
                run.ending =
                        ending.as(
                                ending.status() == RunStatus.FAILED
                                        ? RunStatus.FAILED
                                        : RunStatus.CANCELLED,
                                summary);
            }
            complete();
            return true;
        }
        if (ending == null) {
            begin(Ending.of(RunStatus.CANCELLED, summary).inHurry(), mode == Event.Stop.UNDO, mode);
            return true;
        }
        if (ending.status() == RunStatus.CANCELLED || ending.hurried()) {
            return false;
        }
        run.ending =
                ending.as(
                                ending.status() == RunStatus.FAILED
                                        ? RunStatus.FAILED
                                        : RunStatus.CANCELLED,
                                ending.status() == RunStatus.FAILED ? ending.summary() : summary)
                        .inHurry();
        if (ending.phase() == Phase.CLOSING) {
            limitClosing();
        }
        return true;
    }

    void deadline() {
        var sentence = "The run did not end within " + settings.deadline() + ".";
        var ending = run.ending;
        if (ending == null) {
            begin(
                    Ending.of(RunStatus.FAILED, sentence).thatCanResume(true).inHurry(),
                    !settings.keepOnFailure(),
                    Event.Stop.UNDO);
            return;
        }
        if (ending.status() == RunStatus.SUCCEEDED) {
            run.ending = ending.as(RunStatus.FAILED, sentence).inHurry();
            limitClosing();
        }
    }

    void closingTimedOut() {
        cutOff(Event.Stop.CANCEL);
        run.remark("The closing steps did not end within " + settings.closingLimit() + ".");
        complete();
    }

    /** Only for a run that never got anywhere. */
    void impossible(String summary) {
        cutOff(Event.Stop.KILL);
        run.ending = Ending.of(RunStatus.FAILED, summary);
        complete();
    }

    private void begin(Ending ending, boolean undo, Event.Stop mode) {
        run.ending = ending;
        cutOff(mode);
        if (undo && !run.undoable.isEmpty()) {
            for (var frame : List.copyOf(run.frames().keySet())) {
                if (!frame.equals(StepId.RUN)) {
                    run.close(frame);
                }
            }
            run.loops = Tree.empty();
            run.ending = ending.thatCanResume(false).at(Phase.UNDOING, null);
            undoNext();
        } else {
            close();
        }
    }

    /** Ends all that goes on; what was not reached is skipped. */
    private void cutOff(Event.Stop mode) {
        course.forgetWhatFollows();
        for (var frame : List.copyOf(run.frames().keySet())) {
            course.cancelAll(frame, CUT_OFF, true, mode);
        }
        boolean closing = run.phase().filter(phase -> phase == Phase.CLOSING).isPresent();
        for (var key : graph.members(StepId.RUN)) {
            if (graph.isClosing(key) == closing && !run.has(key)) {
                skip(key);
            }
        }
        course.forgetWhatFollows();
    }

    private void skip(String key) {
        var draft = new StepDraft(key, run.at);
        draft.status = StepStatus.SKIPPED;
        draft.cutOff = true;
        draft.endedAt = run.at;
        draft.note = CUT_OFF;
        course.put(draft);
    }

    // ---- undoing

    private void undoNext() {
        var last = run.undoable.last();
        if (last == null) {
            close();
            return;
        }
        var entry = Objects.requireNonNull(run.undoable.find(last));
        run.undoable = run.undoable.without(last);
        var done = entry.step();
        var frame = StepId.frame(done.id());
        if (run.frame(frame) == null) {
            run.open(
                    new Frame(
                            frame,
                            entry.index(),
                            entry.item(),
                            Tree.<String, StepState>empty().with(done.key(), done),
                            1));
        }
        var id = StepId.in(frame, Objects.requireNonNull(graph.undoOf(done.key())));
        run.ending = ending().at(Phase.UNDOING, id);
        course.begin(new StepDraft(id, run.at));
    }

    void undoEnded(StepState step) {
        var ending = ending();
        if (!step.id().equals(ending.undoing())) {
            return;
        }
        var frame = StepId.frame(step.id());
        var done = StepId.in(frame, Objects.requireNonNull(graph.undoneBy(step.key())));
        run.ending =
                step.status() == StepStatus.SUCCEEDED
                        ? ending.undone(done)
                        : ending.notUndone(
                                "Step '" + done + "' could not be undone: " + step.note());
        if (!frame.equals(StepId.RUN)) {
            var round = run.frame(frame);
            if (round != null) {
                new Report(graph, run).remarksOf(round).forEach(run::remark);
            }
            run.close(frame);
        }
        undoNext();
    }

    // ---- closing

    private void close() {
        run.ending = ending().at(Phase.CLOSING, null);
        var root =
                graph.closing().stream()
                        .filter(key -> graph.is(key, Behaviour.FINALLY))
                        .findFirst();
        if (root.isEmpty()) {
            complete();
            return;
        }
        if (ending().hurried()) {
            limitClosing();
        }
        var output = new LinkedHashMap<String, @Nullable Object>();
        output.put("status", ending().status().name().toLowerCase(java.util.Locale.ROOT));
        output.put("summary", ending().summary());
        output.put("failed", run.failures.stream().map(DeadLetter::step).toList());
        output.put("undone", ending().undone());
        output.put("notUndone", ending().notUndone());
        var draft = new StepDraft(root.get(), run.at);
        draft.startedAt = run.at;
        course.leave(draft, StepStatus.SUCCEEDED, Ports.OUT, output, null);
    }

    private void limitClosing() {
        if (run.timer(CLOSING_TIMER) == null) {
            run.set(
                    new Timer(
                            CLOSING_TIMER,
                            Timer.Purpose.CLOSING_DEADLINE,
                            null,
                            run.later(settings.closingLimit())));
        }
    }

    void closed() {
        complete();
    }

    private void complete() {
        var ending = ending();
        for (var key : graph.keys()) {
            if (graph.level(key).equals(StepId.RUN) && !run.has(key)) {
                skip(key);
            }
        }
        for (int left : List.copyOf(run.undoable.keySet())) {
            var kept = Objects.requireNonNull(run.undoable.find(left)).step().id();
            if (ending.phase() == Phase.UNDOING && ending.status() != RunStatus.SUCCEEDED) {
                ending =
                        ending.notUndone("Step '" + kept + "' was not undone: the run was killed.");
            }
        }
        run.clearTimers();
        course.forgetWhatFollows();
        var report = new Report(graph, run);
        var summary = ending.summary();
        var said =
                new RunResult(
                        summary == null ? report.summary() : summary,
                        report.notes(),
                        ending.output(),
                        run.failures,
                        ending.undone(),
                        ending.notUndone(),
                        ending.resumable()
                                && ending.status() == RunStatus.FAILED
                                && graph.closing().isEmpty());
        run.result = said;
        if (!said.resumable()) {
            run.loops = Tree.empty();
        }
        run.end = ending.status();
        if (ending.status() == RunStatus.FAILED) {
            run.commands.add(new Command.Notify(Command.Notice.RUN_FAILED, null, said.summary()));
            if (settings.errorWorkflow() != null) {
                run.commands.add(new Command.StartErrorWorkflow(settings.errorWorkflow(), said));
            }
        }
        run.commands.add(new Command.CompleteRun(ending.status(), said));
    }

    // ---- going on

    /** Takes a failed run up where it failed; what succeeded stays. */
    void resume(String by) {
        run.ending = null;
        run.result = null;
        var redone = new TreeSet<String>();
        for (var frame : List.copyOf(run.frames().keySet())) {
            var asItWas = Objects.requireNonNull(run.frame(frame));
            for (var step : asItWas.steps().values()) {
                takeUp(asItWas, step, by, redone);
            }
        }
        run.failures =
                run.failures.stream().filter(letter -> !redone.contains(letter.step())).toList();
        var deadline = settings.deadline();
        if (deadline != null) {
            run.set(
                    new Timer(
                            DEADLINE_TIMER, Timer.Purpose.RUN_DEADLINE, null, run.later(deadline)));
        }
        for (var frame : run.frames().values()) {
            for (var step : frame.steps().values()) {
                if (step.status().isFinal()) {
                    course.lookBehind(step.id());
                }
            }
        }
    }

    private void takeUp(Frame asItWas, StepState step, String by, TreeSet<String> redone) {
        boolean counts = !graph.isUndo(step.key());
        if (graph.isClosing(step.key()) || (step.status() == StepStatus.SKIPPED && step.cutOff())) {
            run.remove(step, counts);
            return;
        }
        if (!isUnfinished(step)) {
            return;
        }
        redone.add(step.id());
        var draft = new StepDraft(step);
        draft.cutOff = false;
        draft.endedAt = null;
        draft.output = Map.of();
        var fallback = graph.fallbackOf(draft.key);
        var standIn = fallback == null ? null : asItWas.steps().get(fallback);
        if (standIn != null && isUnfinished(standIn)) {
            draft.port = null;
            draft.status = StepStatus.WAITING;
            draft.epoch++;
            course.put(draft);
            return;
        }
        draft.port = null;
        draft.note = "Taken up again by " + by + ".";
        if (graph.isLoop(draft.key)) {
            goRound(draft);
        } else if (graph.is(draft.key, Behaviour.ATTEMPT)
                && step.mayHaveHappened()
                && !course.type(draft.key).idempotency().safeToRepeat()) {
            draft.attempt = 1;
            course.doubt(draft, "It may have happened before the run was taken up again.");
        } else {
            if (graph.is(draft.key, Behaviour.CHILD)) {
                draft.child = null;
            }
            course.begin(draft);
        }
    }

    /** Failed with nobody to take it up, or cut off by the end of the run. */
    private static boolean isUnfinished(StepState step) {
        return (step.status() == StepStatus.CANCELLED && step.cutOff())
                || (step.status() == StepStatus.FAILED && step.port() == null);
    }

    /** The rounds that were going on are taken up by their own steps. */
    private void goRound(StepDraft draft) {
        var loop = run.loops.find(draft.id);
        if (loop == null) {
            course.begin(draft);
        } else if (graph.is(draft.key, Behaviour.EACH) || loop.open() > 0) {
            draft.startedAt = null;
            course.turn(draft);
            course.lookInto(draft.id);
        } else {
            course.recheck(draft, loop);
        }
    }

    private Ending ending() {
        return Objects.requireNonNull(run.ending);
    }
}
