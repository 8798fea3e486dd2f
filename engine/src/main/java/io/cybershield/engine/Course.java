package io.cybershield.engine;

import io.cybershield.engine.NodeType.Behaviour;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What follows from steps that end: which are next, which are skipped, when a join goes on, a round
 * or a loop is over, and who takes up a failure.
 */
final class Course {
    private static final String UNREACHED = "No branch that was taken leads here.";

    private final Graph graph;
    private final RunDraft run;
    private final Endings endings;
    private final ArrayDeque<String> settled = new ArrayDeque<>();
    private final ArrayDeque<String> refills = new ArrayDeque<>();

    Course(Graph graph, WorkflowDefinition.Settings settings, RunDraft run) {
        this.graph = graph;
        this.run = run;
        this.endings = new Endings(graph, settings, run, this);
    }

    Endings endings() {
        return endings;
    }

    /** Settles what follows from the steps that have just come to their end. */
    void spread() {
        while (!run.isOver()) {
            if (!settled.isEmpty()) {
                follow(settled.remove());
            } else if (!refills.isEmpty()) {
                refill(refills.remove());
            } else {
                return;
            }
        }
    }

    void forgetWhatFollows() {
        settled.clear();
        refills.clear();
    }

    /** Has a step's followers looked at again. */
    void lookBehind(String id) {
        settled.add(id);
    }

    void lookInto(String loop) {
        refills.add(loop);
    }

    private void follow(String id) {
        var step = run.step(id);
        if (step == null || !step.status().isFinal()) {
            return;
        }
        var frame = StepId.frame(id);
        var key = step.key();
        if (graph.isUndo(key)) {
            endings.undoEnded(step);
            return;
        }
        var replaced = graph.replacedBy(key);
        if (replaced != null) {
            standIn(StepId.in(frame, replaced), step);
        }
        for (var next : graph.followers(key)) {
            reach(frame, next);
        }
        var fallback = graph.fallbackOf(key);
        if (fallback != null && !run.has(StepId.in(frame, fallback))) {
            skip(StepId.in(frame, fallback), "Nothing had to stand in for '" + key + "'.");
        }
        overIfSettled(frame);
    }

    private void standIn(String failed, StepState fallback) {
        var step = run.step(failed);
        if (step == null || step.status().isFinal() || fallback.status() != StepStatus.SUCCEEDED) {
            return;
        }
        var draft = new StepDraft(step);
        leave(
                draft,
                StepStatus.SUCCEEDED,
                type(draft.key).defaultPort(),
                fallback.output(),
                "'" + fallback.key() + "' stood in: " + step.note());
    }

    private void reach(String frame, String key) {
        var id = StepId.in(frame, key);
        if (run.has(id)) {
            return;
        }
        if (graph.is(key, Behaviour.JOIN)) {
            join(frame, key);
            return;
        }
        boolean taken = false;
        for (var edge : graph.inputs(key)) {
            if (graph.entersBody(edge)) {
                taken = true;
                continue;
            }
            var source = run.step(StepId.in(frame, edge.from()));
            if (source == null || !source.status().isFinal()) {
                return;
            }
            taken |= edge.port().equals(source.port());
        }
        if (taken) {
            begin(new StepDraft(id, run.at));
        } else {
            skip(id, UNREACHED);
        }
    }

    void begin(StepDraft draft) {
        draft.epoch++;
        switch (type(draft.key).behaviour()) {
            case START, FINALLY, JOIN ->
                    throw new IllegalStateException("Never begun: " + draft.id);
            case EVALUATE, WAIT, EACH, END -> queue(draft);
            case WHILE -> {
                draft.output = rounds(LoopState.over(draft.id, List.of()));
                queue(draft);
            }
            case ATTEMPT -> {
                draft.attempt = 1;
                run.acts();
                queue(draft);
            }
            case CHILD -> {
                draft.attempt++;
                run.acts();
                var limit = node(draft.key).timeout();
                if (limit != null) {
                    run.set(draft, Timer.Purpose.STEP_TIMEOUT, run.later(limit));
                }
                queue(draft);
            }
            case ASK -> {
                draft.status = StepStatus.WAITING;
                draft.startedAt = run.at;
                var limit = node(draft.key).timeout();
                var deadline = limit == null ? null : run.later(limit);
                if (deadline != null) {
                    run.set(draft, Timer.Purpose.APPROVAL_TIMEOUT, deadline);
                }
                put(draft);
                run.commands.add(new Command.OpenApproval(draft.id, draft.epoch, deadline));
            }
        }
    }

    private void overIfSettled(String id) {
        var frame = run.frame(id);
        if (frame == null || run.isOver()) {
            return;
        }
        if (!id.equals(StepId.RUN)) {
            if (frame.settled() == graph.members(StepId.key(StepId.loop(id))).size()) {
                roundOver(id, null);
            }
        } else if (run.ending == null) {
            if (frame.settled() == graph.stepsBeforeClosing()) {
                endings.finished();
            }
        } else if (run.ending.phase() == Ending.Phase.CLOSING
                && frame.settled() == graph.members(StepId.RUN).size()) {
            endings.closed();
        }
    }

    // ---- joins

    private void join(String frame, String key) {
        var inputs = graph.inputs(key);
        var arrived = new ArrayList<String>();
        var missing = new ArrayList<String>();
        for (var edge : inputs) {
            var source = run.step(StepId.in(frame, edge.from()));
            if (graph.entersBody(edge)
                    || (source != null
                            && source.status().isFinal()
                            && edge.port().equals(source.port()))) {
                arrived.add(edge.from());
            } else if (source != null && source.status().isFinal()) {
                missing.add(edge.from());
            }
        }
        var join = (Control.Join) Objects.requireNonNull(graph.control(key));
        int open = inputs.size() - arrived.size() - missing.size();
        int needed = join.needed(inputs.size());
        var id = StepId.in(frame, key);
        if (arrived.size() >= needed) {
            joined(id, Ports.OUT, arrived, join);
        } else if (arrived.size() + open < needed) {
            if (!arrived.isEmpty()) {
                joined(id, Ports.UNMET, arrived, join);
            } else if (open == 0) {
                skip(id, UNREACHED);
            }
        }
    }

    private void joined(String id, String port, List<String> arrived, Control.Join join) {
        var draft = new StepDraft(id, run.at);
        draft.startedAt = run.at;
        leave(
                draft,
                StepStatus.SUCCEEDED,
                port,
                Map.of("arrived", arrived, "branches", graph.inputs(draft.key).size()),
                null);
        if (!join.cancelsLate()) {
            return;
        }
        var note = "The join '" + draft.key + "' did not wait for it.";
        for (var key : graph.late(draft.key)) {
            var late = StepId.in(draft.frame(), key);
            var step = run.step(late);
            if (step == null) {
                skip(late, note);
            } else if (!step.status().isFinal()) {
                cancel(step, note, false, Event.Stop.CANCEL);
                settled.add(late);
            }
        }
    }

    // ---- loops

    /** The items of a for-each are known: its rounds begin. */
    void list(StepDraft draft, List<@Nullable Object> items) {
        if (items.size() > Control.MOST_ITEMS) {
            fail(draft, "It has " + items.size() + " items; " + Control.MOST_ITEMS + " at most.");
            return;
        }
        turn(draft);
        run.loops = run.loops.with(draft.id, LoopState.over(draft.id, items));
        refills.add(draft.id);
    }

    /** The condition of a while was computed. */
    void check(StepDraft draft, String port) {
        var loop = run.loops.find(draft.id);
        var rounds = loop == null ? LoopState.over(draft.id, List.of()) : loop;
        if (port.equals(Ports.EACH)) {
            turn(draft);
            run.loops = run.loops.with(draft.id, rounds);
            open(rounds, null);
        } else if (port.equals(Ports.DONE)) {
            whileDone(draft, rounds);
        } else {
            failLoop(
                    draft.id,
                    "It left by '" + port + "', but a loop knows 'each' and 'done' only.");
        }
    }

    void turn(StepDraft draft) {
        if (draft.startedAt == null) {
            draft.startedAt = run.at;
            var limit = node(draft.key).timeout();
            if (limit != null) {
                run.set(timerOf(draft.id, run.later(limit)));
            }
        }
        draft.status = StepStatus.RUNNING;
        draft.note = null;
        put(draft);
    }

    /** A while has a new epoch for each check, and one limit for them all. */
    private static Timer timerOf(String loop, java.time.Instant due) {
        return new Timer(
                RunDraft.timerKey(loop, 0, Timer.Purpose.STEP_TIMEOUT),
                Timer.Purpose.STEP_TIMEOUT,
                loop,
                due);
    }

    private void refill(String id) {
        while (true) {
            var loop = run.loops.find(id);
            var step = run.step(id);
            if (loop == null || step == null || step.status() != StepStatus.RUNNING) {
                return;
            }
            if (!(graph.control(step.key()) instanceof Control.ForEach control)) {
                return;
            }
            if (loop.open() < control.parallelism() && loop.hasMore()) {
                open(loop, loop.items().get(loop.next()));
            } else {
                if (loop.open() == 0) {
                    eachDone(new StepDraft(step), loop);
                }
                return;
            }
        }
    }

    private void open(LoopState loop, @Nullable Object item) {
        int index = loop.next();
        run.loops = run.loops.with(loop.step(), loop.begun());
        var frame = Frame.round(loop.step(), index, item);
        run.open(frame);
        for (var entry : graph.entries(StepId.key(loop.step()))) {
            if (graph.level(entry).equals(StepId.key(loop.step()))) {
                reach(frame.id(), entry);
            }
        }
        overIfSettled(frame.id());
    }

    private void eachDone(StepDraft draft, LoopState loop) {
        var results = new ArrayList<@Nullable Object>(loop.items().size());
        for (int i = 0; i < loop.items().size(); i++) {
            results.add(Tree.of(loop.results()).find(i));
        }
        var output = new LinkedHashMap<String, @Nullable Object>();
        output.put("results", results);
        output.put("errors", errors(loop));
        output.put("count", loop.items().size());
        output.put("succeeded", loop.results().size());
        output.put("failed", loop.errors().size());
        loopDone(draft, output);
    }

    private void whileDone(StepDraft draft, LoopState loop) {
        loopDone(draft, rounds(loop));
    }

    /** Has the condition of a while looked at again. */
    void recheck(StepDraft draft, LoopState loop) {
        draft.output = rounds(loop);
        draft.epoch++;
        queue(draft);
    }

    private static Map<String, @Nullable Object> rounds(LoopState loop) {
        var output = new LinkedHashMap<String, @Nullable Object>();
        output.put("rounds", loop.next());
        output.put("last", Tree.of(loop.results()).find(loop.next() - 1));
        return output;
    }

    private void loopDone(StepDraft draft, Map<String, @Nullable Object> output) {
        run.loops = run.loops.without(draft.id);
        run.clear(RunDraft.timerKey(draft.id, 0, Timer.Purpose.STEP_TIMEOUT));
        if (draft.startedAt == null) {
            draft.startedAt = run.at;
        }
        succeed(draft, Ports.DONE, output);
    }

    private static List<@Nullable Object> errors(LoopState loop) {
        var errors = new ArrayList<@Nullable Object>();
        loop.errors()
                .forEach((index, reason) -> errors.add(Map.of("index", index, "error", reason)));
        return errors;
    }

    /**
     * @param error why the round failed; null when it ended well
     */
    private void roundOver(String frame, @Nullable String error) {
        var round = Objects.requireNonNull(run.frame(frame));
        var id = StepId.loop(frame);
        var key = StepId.key(id);
        var output = error == null ? resultOf(round, key) : Map.<String, @Nullable Object>of();
        forget(frame);
        var loop = run.loops.find(id);
        if (loop == null) {
            return;
        }
        switch (Objects.requireNonNull(graph.control(key))) {
            case Control.ForEach control -> {
                if (error == null) {
                    run.loops = run.loops.with(id, loop.succeeded(round.index(), output));
                    refills.add(id);
                    return;
                }
                var failed = loop.failed(round.index(), error);
                run.loops = run.loops.with(id, failed);
                if (control.isTooMany(failed.errors().size(), failed.items().size())) {
                    failLoop(id, broken(control, loop, round.index(), error));
                } else {
                    refills.add(id);
                }
            }
            case Control.While control -> {
                if (error != null) {
                    run.loops = run.loops.with(id, loop.failed(round.index(), error));
                    failLoop(id, broken(control, loop, round.index(), error));
                    return;
                }
                var more = loop.succeededLast(round.index(), output);
                run.loops = run.loops.with(id, more);
                recheck(id, more, control);
            }
            case Control.Join _, Control.Child _, Control.End _ ->
                    throw new IllegalStateException("No loop: " + id);
        }
    }

    private void recheck(String id, LoopState loop, Control.While control) {
        var draft = new StepDraft(run.get(id));
        if (loop.next() >= control.maxRounds()) {
            if (control.failsAtBound()) {
                failLoop(
                        id,
                        "Its condition still held after "
                                + control.maxRounds()
                                + " rounds, its bound.");
            } else {
                whileDone(draft, loop);
            }
            return;
        }
        recheck(draft, loop);
    }

    /** The output of what led back last, else of what succeeded last. */
    private Map<String, @Nullable Object> resultOf(Frame round, String loop) {
        StepState best = null;
        boolean bestBack = false;
        for (var step : round.steps().values()) {
            if (step.status() != StepStatus.SUCCEEDED && step.port() == null) {
                continue;
            }
            boolean back =
                    graph.outOf(step.key()).stream()
                            .anyMatch(edge ->
                                    edge.to().equals(loop) && edge.port().equals(step.port()));
            if (!back && step.status() != StepStatus.SUCCEEDED) {
                continue;
            }
            if (best == null || (back != bestBack ? back : isLater(step, best))) {
                best = step;
                bestBack = back;
            }
        }
        return best == null ? Map.of() : best.output();
    }

    private boolean isLater(StepState step, StepState than) {
        int order =
                Objects.requireNonNull(step.endedAt())
                        .compareTo(Objects.requireNonNull(than.endedAt()));
        return order != 0 ? order > 0 : graph.rank(step.key()) > graph.rank(than.key());
    }

    /** What a loop says of the failure of a round that breaks it. */
    private static String broken(Control control, LoopState loop, int round, String error) {
        if (!(control instanceof Control.ForEach each)) {
            return "Round " + round + ": " + error;
        }
        return each.onItemError() == Control.OnItemError.STOP
                ? "Item " + round + ": " + error
                : (loop.errors().size() + 1)
                        + " of "
                        + loop.items().size()
                        + " items failed, which is too many; the last: "
                        + error;
    }

    /** A loop fails as a whole: its other rounds are stopped. */
    void failLoop(String id, String reason) {
        if (!isTakenUp(StepId.key(id)) && endsTheRun(StepId.frame(id))) {
            breakLoop(id, reason);
            return;
        }
        for (var frame : roundsOf(id)) {
            cancelAll(
                    frame,
                    "The loop '" + StepId.key(id) + "' has failed.",
                    false,
                    Event.Stop.CANCEL);
            forget(frame);
        }
        run.clear(RunDraft.timerKey(id, 0, Timer.Purpose.STEP_TIMEOUT));
        fail(new StepDraft(run.get(id)), reason);
        run.loops = run.loops.without(id);
    }

    /**
     * A loop fails and the run with it: its rounds stay as they are, so that the run can be taken
     * up where it failed and nothing is done twice.
     */
    private void breakLoop(String id, String reason) {
        var draft = new StepDraft(run.get(id));
        run.clear(RunDraft.timerKey(id, 0, Timer.Purpose.STEP_TIMEOUT));
        run.failedForGood(new DeadLetter(id, 0, reason, false, null));
        leave(draft, StepStatus.FAILED, null, Map.of("error", reason), reason);
        var frame = draft.frame();
        if (frame.equals(StepId.RUN)) {
            endings.failed(id, reason);
        } else {
            breakRound(frame, "step '" + draft.key + "' failed: " + reason);
        }
    }

    private void breakRound(String frame, String error) {
        var id = StepId.loop(frame);
        var control = Objects.requireNonNull(graph.control(StepId.key(id)));
        var loop = Objects.requireNonNull(run.loops.find(id));
        breakLoop(id, broken(control, loop, StepId.index(frame), error));
    }

    /** Whether a failure that nobody in a frame takes up ends the run. */
    private boolean endsTheRun(String frame) {
        if (run.ending != null) {
            return false;
        }
        if (frame.equals(StepId.RUN)) {
            return true;
        }
        var id = StepId.loop(frame);
        var loop = run.loops.find(id);
        boolean breaks =
                loop != null
                        && (!(graph.control(StepId.key(id)) instanceof Control.ForEach each)
                                || each.isTooMany(loop.errors().size() + 1, loop.items().size()));
        return breaks && !isTakenUp(StepId.key(id)) && endsTheRun(StepId.frame(id));
    }

    private boolean isTakenUp(String key) {
        return graph.isDrawn(key, Ports.ERROR)
                || (node(key).onError() == Node.OnError.CONTINUE
                        && type(key).onlyPort().isPresent());
    }

    /** Ends a round whose steps have all ended; what must be told of it is kept. */
    private void forget(String frame) {
        var round = run.frame(frame);
        if (round != null) {
            new Report(graph, run).remarksOf(round).forEach(run::remark);
            run.close(frame);
        }
    }

    /** Frames of the rounds of a loop that go on. */
    List<String> roundsOf(String loop) {
        var rounds = new ArrayList<String>();
        var start = loop + "[";
        for (var entry : run.frames().from(start)) {
            var frame = entry.getKey();
            if (!frame.startsWith(start)) {
                break;
            }
            if (StepId.loop(frame).equals(loop)) {
                rounds.add(frame);
            }
        }
        return rounds;
    }

    // ---- ends of steps

    void succeed(StepDraft draft, @Nullable String port, Map<String, @Nullable Object> output) {
        var type = type(draft.key);
        var by = port == null ? type.defaultPort() : port;
        if (type.portsOf(node(draft.key)).stream().noneMatch(known -> known.name().equals(by))) {
            fail(draft, "It left by '" + by + "', a port that '" + type.key() + "' does not have.");
            return;
        }
        draft.mayHaveHappened = false;
        leave(draft, StepStatus.SUCCEEDED, by, output, null);
        if (graph.undoOf(draft.key) != null && run.ending == null) {
            var last = run.undoable.last();
            var frame = Objects.requireNonNull(run.frame(draft.frame()));
            run.undoable =
                    run.undoable.with(
                            last == null ? 0 : last + 1,
                            new RunState.Undoable(draft.freeze(), frame.index(), frame.item()));
        }
    }

    void fail(StepDraft draft, String reason) {
        var fallback = graph.fallbackOf(draft.key);
        if (fallback != null && !run.has(StepId.in(draft.frame(), fallback))) {
            draft.status = StepStatus.WAITING;
            draft.epoch++;
            draft.worker = null;
            draft.probing = false;
            draft.note = reason;
            draft.output = Map.of("error", reason, "mayHaveHappened", draft.mayHaveHappened);
            put(draft);
            begin(new StepDraft(StepId.in(draft.frame(), fallback), run.at));
            return;
        }
        var output = new LinkedHashMap<String, @Nullable Object>();
        output.put("error", reason);
        output.put("mayHaveHappened", draft.mayHaveHappened);
        var loop = run.loops.find(draft.id);
        if (loop != null) {
            output.put("errors", errors(loop));
        }
        Optional<String> onward =
                graph.isDrawn(draft.key, Ports.ERROR)
                        ? Optional.of(Ports.ERROR)
                        : node(draft.key).onError() == Node.OnError.CONTINUE
                                        && graph.replacedBy(draft.key) == null
                                ? type(draft.key).onlyPort()
                                : Optional.empty();
        run.failedForGood(
                new DeadLetter(
                        draft.id,
                        draft.attempt,
                        reason,
                        draft.mayHaveHappened,
                        onward.orElse(null)));
        leave(draft, StepStatus.FAILED, onward.orElse(null), output, reason);
        if (onward.isEmpty()) {
            nobodyTakesUp(draft, reason);
        } else if (!onward.get().equals(Ports.ERROR)) {
            run.commands.add(new Command.Notify(Command.Notice.STEP_FAILED, draft.id, reason));
        }
    }

    private void nobodyTakesUp(StepDraft draft, String reason) {
        if (graph.isUndo(draft.key)) {
            return;
        }
        var replaced = graph.replacedBy(draft.key);
        if (replaced != null) {
            var step = run.step(StepId.in(draft.frame(), replaced));
            if (step != null && !step.status().isFinal()) {
                fail(
                        new StepDraft(step),
                        step.note() + " Its stand-in '" + draft.key + "' failed too: " + reason);
            }
            return;
        }
        if (draft.frame().equals(StepId.RUN)) {
            endings.failed(draft.id, reason);
            return;
        }
        var frame = draft.frame();
        var error = "step '" + draft.key + "' failed: " + reason;
        if (endsTheRun(frame)) {
            breakRound(frame, error);
        } else {
            cancelAll(frame, "Another step of the round failed.", false, Event.Stop.CANCEL);
            roundOver(frame, error);
        }
    }

    void skip(String id, String note) {
        leave(new StepDraft(id, run.at), StepStatus.SKIPPED, null, Map.of(), note);
    }

    void leave(
            StepDraft draft,
            StepStatus status,
            @Nullable String port,
            Map<String, @Nullable Object> output,
            @Nullable String note) {
        draft.status = status;
        draft.port = port;
        draft.output = output;
        draft.note = note;
        draft.worker = null;
        draft.probing = false;
        draft.signal = null;
        draft.endedAt = run.at;
        put(draft);
        settled.add(draft.id);
    }

    /**
     * Ends a step that has not ended, and all within it.
     *
     * @param cutOff because the run ends: rounds stay as they are, so that the run can be resumed
     */
    void cancel(StepState step, String note, boolean cutOff, Event.Stop mode) {
        if (graph.isLoop(step.key())) {
            run.clear(RunDraft.timerKey(step.id(), 0, Timer.Purpose.STEP_TIMEOUT));
            for (var frame : roundsOf(step.id())) {
                cancelAll(frame, note, cutOff, mode);
                if (!cutOff) {
                    forget(frame);
                }
            }
            if (!cutOff) {
                run.loops = run.loops.without(step.id());
            }
        }
        var fallback = graph.fallbackOf(step.key());
        if (fallback != null) {
            var standIn = run.step(StepId.in(StepId.frame(step.id()), fallback));
            if (standIn != null && !standIn.status().isFinal()) {
                cancel(standIn, note, cutOff, mode);
            }
        }
        var draft = new StepDraft(step);
        var why = cutOff ? "The run ended." : note;
        if (step.status() == StepStatus.RUNNING && step.worker() != null) {
            draft.mayHaveHappened = true;
            run.commands.add(new Command.StopAttempt(step.id(), step.epoch(), why));
        }
        if (isAsking(step)) {
            run.commands.add(new Command.WithdrawQuestion(step.id(), step.epoch(), why));
        }
        if (graph.is(step.key(), Behaviour.CHILD)) {
            run.commands.add(
                    new Command.StopChild(
                            step.id(), childKey(run.run, step), step.child(), why, mode));
        }
        for (var purpose : Timer.Purpose.values()) {
            run.clear(step, purpose);
        }
        draft.status = StepStatus.CANCELLED;
        draft.worker = null;
        draft.probing = false;
        draft.signal = null;
        draft.cutOff = cutOff;
        draft.endedAt = run.at;
        draft.note = note;
        put(draft);
    }

    void cancelAll(String frame, String note, boolean cutOff, Event.Stop mode) {
        var round = run.frame(frame);
        if (round == null) {
            return;
        }
        for (var key : round.steps().keySet()) {
            var step = run.step(StepId.in(frame, key));
            if (step != null && !step.status().isFinal()) {
                cancel(step, note, cutOff, mode);
            }
        }
    }

    // ---- small things

    void queue(StepDraft draft) {
        draft.status = StepStatus.QUEUED;
        draft.worker = null;
        put(draft);
        run.commands.add(queued(graph, run.run, draft.freeze()));
    }

    static Command queued(Graph graph, String run, StepState step) {
        if (graph.is(step.key(), Behaviour.ATTEMPT)) {
            return new Command.StartAttempt(
                    step.id(), step.epoch(), idempotencyKey(run, step.id()), step.attempt());
        }
        if (graph.control(step.key()) instanceof Control.Child child) {
            return new Command.StartChild(
                    step.id(),
                    step.epoch(),
                    childKey(run, step),
                    child.workflow(),
                    child.version(),
                    child.waits());
        }
        return new Command.Evaluate(step.id(), step.epoch());
    }

    static Command doubted(String run, StepState step) {
        return step.probing()
                ? new Command.Probe(step.id(), step.epoch(), idempotencyKey(run, step.id()))
                : new Command.OpenHumanDecision(
                        step.id(), step.epoch(), Objects.requireNonNullElse(step.note(), ""));
    }

    /** One key for the whole life of a step, so that the other side can tell a repeat. */
    static String idempotencyKey(String run, String step) {
        return run + "/" + step;
    }

    /** A child that was stopped cannot go on, so a resumed step starts another. */
    static String childKey(String run, StepState step) {
        var key = idempotencyKey(run, step.id());
        return step.attempt() <= 1 ? key : key + "#" + step.attempt();
    }

    boolean isAsking(StepState step) {
        return (step.status() == StepStatus.WAITING && graph.is(step.key(), Behaviour.ASK))
                || (step.status() == StepStatus.IN_DOUBT && !step.probing());
    }

    void put(StepDraft draft) {
        run.put(draft, !graph.isUndo(draft.key));
    }

    Node node(String key) {
        return Objects.requireNonNull(graph.node(key));
    }

    NodeType type(String key) {
        return Objects.requireNonNull(graph.type(key));
    }

    /** Nobody knows whether it happened: the probe, or else a person, must say. */
    void doubt(StepDraft draft, String reason) {
        draft.status = StepStatus.IN_DOUBT;
        draft.epoch++;
        draft.worker = null;
        draft.probing = type(draft.key).idempotency().hasProbe();
        draft.note = reason;
        put(draft);
        if (!draft.probing) {
            run.commands.add(new Command.Notify(Command.Notice.STEP_IN_DOUBT, draft.id, reason));
        }
        run.commands.add(doubted(run.run, draft.freeze()));
    }
}
