package io.cybershield.engine;

import io.cybershield.engine.Decision.Ignored;
import io.cybershield.engine.NodeType.Behaviour;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One decision in the making: copies of what may change, and the commands gathered so far. Lives
 * for one event.
 */
final class Turn {
    /** Honouring a longer Retry-After would let the other side park a run for good. */
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofDays(1);

    /** Later than this is a mistake, and no store's calendar need hold it. */
    static final Duration LONGEST_WAIT = Duration.ofDays(3653);

    /** A run that is sent more is being abused, and its state would grow without end. */
    private static final int MAX_SIGNALS = 1000;

    private final Graph graph;
    private final WorkflowDefinition.Settings settings;
    private final RunState before;
    private final Instant at;
    private final RunDraft run;
    private final Course course;
    private final Endings endings;

    Turn(Graph graph, WorkflowDefinition.Settings settings, RunState before, Instant at) {
        this.graph = graph;
        this.settings = settings;
        this.before = before;
        this.at = at;
        this.run = new RunDraft(before, at);
        this.course = new Course(graph, settings, run);
        this.endings = course.endings();
    }

    Decision take(Event event) {
        var ignored =
                switch (event) {
                    case Event.RunStarted started -> start(started);
                    case Event.RunResumed resumed -> {
                        endings.resume(resumed.by());
                        yield null;
                    }
                    case Event.RunMoved _ -> Ignored.OTHER_WORKFLOW;
                    case Event.CancelRequested cancel -> cancel(cancel);
                    case Event.TimerFired fired -> fire(fired.timer());
                    case Event.SignalArrived signal -> receive(signal);
                    case Event.OfStep ofStep -> takeOfStep(ofStep);
                };
        if (ignored == Ignored.EARLY_TIMER) {
            return new Decision(before, run.commands, List.of(), ignored);
        }
        if (ignored != null) {
            return new Decision(before, List.of(), List.of(), ignored);
        }
        course.spread();
        return new Decision(run.freeze(), run.commands, run.touched(), null);
    }

    private @Nullable Ignored takeOfStep(Event.OfStep event) {
        var step = run.step(event.step());
        if (step == null) {
            return Ignored.UNKNOWN_STEP;
        }
        if (step.epoch() != event.epoch()) {
            return Ignored.STALE_EPOCH;
        }
        return switch (event) {
            case Event.StepEvaluated evaluated -> evaluated(step, evaluated);
            case Event.EvaluationFailed failed -> evaluationFailed(step, failed.reason());
            case Event.WaitPlanned planned -> planned(step, planned);
            case Event.AttemptStarted started -> attemptStarted(step, started.worker());
            case Event.OutcomeArrived arrived -> outcomeArrived(step, arrived.outcome());
            case Event.WorkerLost _ -> workerLost(step);
            case Event.DoubtSettled answer -> doubtSettled(step, answer);
            case Event.ApprovalDecided decided -> approvalDecided(step, decided);
            case Event.ItemsListed listed -> listed(step, listed.items());
            case Event.ChildStarted started -> childStarted(step, started.child());
            case Event.ChildEnded ended -> childEnded(step, ended);
        };
    }

    private @Nullable Ignored start(Event.RunStarted event) {
        run.run = event.run();
        run.workflowHash = event.workflowHash();
        run.seed = event.seed();
        run.input = event.input();
        run.startedAt = at;
        if (!graph.is(event.trigger(), Behaviour.START)) {
            endings.impossible(
                    "The run was started at '"
                            + event.trigger()
                            + "', which is no trigger of this workflow.");
            return null;
        }
        for (var trigger : graph.triggers()) {
            if (trigger.equals(event.trigger())) {
                var draft = new StepDraft(trigger, at);
                draft.startedAt = at;
                course.leave(
                        draft,
                        StepStatus.SUCCEEDED,
                        course.type(trigger).defaultPort(),
                        run.input,
                        null);
            } else {
                course.skip(trigger, "Another trigger started the run.");
            }
        }
        var deadline = settings.deadline();
        if (deadline != null) {
            run.set(
                    new Timer(
                            Endings.DEADLINE_TIMER,
                            Timer.Purpose.RUN_DEADLINE,
                            null,
                            run.later(deadline)));
        }
        return null;
    }

    private @Nullable Ignored cancel(Event.CancelRequested event) {
        var mode = event.mode() == null ? Event.Stop.CANCEL : event.mode();
        var word = mode == Event.Stop.KILL ? "Killed by " : "Cancelled by ";
        return endings.stop(mode, word + event.by() + ": " + event.reason())
                ? null
                : Ignored.NOT_EXPECTED;
    }

    private @Nullable Ignored evaluated(StepState step, Event.StepEvaluated event) {
        if (step.status() != StepStatus.QUEUED) {
            return Ignored.NOT_EXPECTED;
        }
        var draft = new StepDraft(step);
        switch (course.type(step.key()).behaviour()) {
            case EVALUATE -> {
                draft.startedAt = at;
                course.succeed(draft, event.port(), event.output());
            }
            case WHILE -> course.check(draft, event.port());
            case END -> {
                draft.startedAt = at;
                course.leave(draft, StepStatus.SUCCEEDED, null, event.output(), null);
                endings.endedEarly(
                        (Control.End) Objects.requireNonNull(graph.control(step.key())),
                        step.id(),
                        event.output());
            }
            case START, FINALLY, ATTEMPT, ASK, WAIT, EACH, JOIN, CHILD -> {
                return Ignored.NOT_EXPECTED;
            }
        }
        return null;
    }

    private @Nullable Ignored listed(StepState step, List<@Nullable Object> items) {
        if (step.status() != StepStatus.QUEUED || !graph.is(step.key(), Behaviour.EACH)) {
            return Ignored.NOT_EXPECTED;
        }
        course.list(new StepDraft(step), items);
        return null;
    }

    private @Nullable Ignored childStarted(StepState step, String child) {
        if (step.status() != StepStatus.QUEUED
                || !(graph.control(step.key()) instanceof Control.Child control)) {
            return Ignored.NOT_EXPECTED;
        }
        var draft = new StepDraft(step);
        draft.child = child;
        if (draft.startedAt == null) {
            draft.startedAt = at;
        }
        if (control.waits()) {
            draft.status = StepStatus.WAITING;
            course.put(draft);
        } else {
            run.clear(step, Timer.Purpose.STEP_TIMEOUT);
            course.succeed(draft, null, Map.of("run", child));
        }
        return null;
    }

    private @Nullable Ignored childEnded(StepState step, Event.ChildEnded event) {
        if (step.status() != StepStatus.WAITING || !event.child().equals(step.child())) {
            return Ignored.NOT_EXPECTED;
        }
        run.clear(step, Timer.Purpose.STEP_TIMEOUT);
        var draft = new StepDraft(step);
        if (event.status() == RunStatus.SUCCEEDED) {
            var output = new LinkedHashMap<String, @Nullable Object>();
            output.put("run", event.child());
            output.put("result", event.output());
            course.succeed(draft, null, output);
        } else {
            course.fail(
                    draft,
                    "The child run "
                            + event.status().name().toLowerCase(Locale.ROOT)
                            + ": "
                            + event.summary());
        }
        return null;
    }

    private @Nullable Ignored evaluationFailed(StepState step, String reason) {
        boolean asking = course.isAsking(step) && step.status() == StepStatus.WAITING;
        if (step.status() != StepStatus.QUEUED && !asking) {
            return Ignored.NOT_EXPECTED;
        }
        if (asking) {
            run.clear(step, Timer.Purpose.APPROVAL_TIMEOUT);
            run.commands.add(new Command.WithdrawQuestion(step.id(), step.epoch(), reason));
        }
        if (graph.isLoop(step.key())) {
            course.failLoop(step.id(), reason);
        } else {
            run.clear(step, Timer.Purpose.STEP_TIMEOUT);
            course.fail(new StepDraft(step), reason);
        }
        return null;
    }

    private @Nullable Ignored planned(StepState step, Event.WaitPlanned event) {
        if (step.status() != StepStatus.QUEUED || !graph.is(step.key(), Behaviour.WAIT)) {
            return Ignored.NOT_EXPECTED;
        }
        var draft = new StepDraft(step);
        draft.startedAt = at;
        draft.signal = event.signal();
        var limit = course.node(step.key()).timeout();
        var due = event.until();
        if (limit != null && (due == null || later(at, limit).isBefore(due))) {
            due = later(at, limit);
        }
        if (due == null && event.signal() == null) {
            course.fail(draft, "It would wait for ever: give a duration, a time or a signal.");
            return null;
        }
        if (due != null && due.isAfter(later(at, LONGEST_WAIT))) {
            course.fail(
                    draft, "It would wait until " + due + ", which is more than ten years away.");
            return null;
        }
        if (event.signal() != null) {
            var signals = run.signals();
            for (int i = 0; i < signals.size(); i++) {
                if (signals.get(i).takenBy() == null
                        && signals.get(i).name().equals(event.signal())) {
                    takeSignal(draft, i);
                    return null;
                }
            }
        }
        if (due != null && !due.isAfter(at)) {
            waited(draft);
            return null;
        }
        draft.status = StepStatus.WAITING;
        if (due != null) {
            run.set(draft, Timer.Purpose.WAIT, due);
        }
        course.put(draft);
        return null;
    }

    private @Nullable Ignored receive(Event.SignalArrived event) {
        var signals = run.signals();
        if (signals.stream().anyMatch(signal -> signal.id().equals(event.id()))) {
            return Ignored.REPEATED_SIGNAL;
        }
        if (signals.size() >= MAX_SIGNALS) {
            return Ignored.TOO_MANY_SIGNALS;
        }
        run.add(new RunState.Signal(event.id(), event.signal(), event.payload(), event.at(), null));
        run.frames().values().stream()
                .flatMap(frame -> frame.steps().values().stream())
                .filter(step -> step.status() == StepStatus.WAITING)
                .filter(step -> event.signal().equals(step.signal()))
                .findFirst()
                .ifPresent(step -> {
                    run.clear(step, Timer.Purpose.WAIT);
                    takeSignal(new StepDraft(step), run.signals().size() - 1);
                });
        return null;
    }

    private void takeSignal(StepDraft draft, int index) {
        var signal = run.take(index, draft.id);
        course.succeed(draft, null, signal.payload());
    }

    private void waited(StepDraft draft) {
        if (draft.signal == null) {
            course.succeed(draft, null, Map.of());
        } else if (course.type(draft.key).hasPort(course.node(draft.key), Ports.TIMEOUT)
                && graph.isDrawn(draft.key, Ports.TIMEOUT)) {
            course.succeed(draft, Ports.TIMEOUT, Map.of());
        } else {
            course.fail(draft, "The signal '" + draft.signal + "' did not come in time.");
        }
    }

    private @Nullable Ignored attemptStarted(StepState step, String worker) {
        if (step.status() != StepStatus.QUEUED || !graph.is(step.key(), Behaviour.ATTEMPT)) {
            return Ignored.NOT_EXPECTED;
        }
        var draft = new StepDraft(step);
        draft.status = StepStatus.RUNNING;
        draft.worker = worker;
        draft.note = null;
        if (draft.startedAt == null) {
            draft.startedAt = at;
        }
        var limit = course.node(step.key()).timeout();
        if (limit != null) {
            run.set(draft, Timer.Purpose.ATTEMPT_TIMEOUT, later(at, limit));
        }
        course.put(draft);
        return null;
    }

    private @Nullable Ignored outcomeArrived(StepState step, Outcome outcome) {
        if (step.status() != StepStatus.RUNNING || step.worker() == null) {
            return Ignored.NOT_EXPECTED;
        }
        run.clear(step, Timer.Purpose.ATTEMPT_TIMEOUT);
        var draft = new StepDraft(step);
        switch (outcome) {
            case Outcome.Succeeded(var port, var output) -> course.succeed(draft, port, output);
            case Outcome.Failed(var reason, var retryable, var notBefore) -> {
                if (retryable) {
                    retry(draft, reason, notBefore);
                } else {
                    course.fail(draft, reason);
                }
            }
            case Outcome.InDoubt(var reason) -> unsure(draft, reason);
        }
        return null;
    }

    private @Nullable Ignored workerLost(StepState step) {
        var draft = new StepDraft(step);
        if (step.status() == StepStatus.IN_DOUBT && step.probing()) {
            // Only the probe's worker died; looking again does no harm.
            run.commands.add(Course.doubted(run.run, step));
            return null;
        }
        if (step.status() != StepStatus.RUNNING || step.worker() == null) {
            return Ignored.NOT_EXPECTED;
        }
        run.clear(step, Timer.Purpose.ATTEMPT_TIMEOUT);
        var reason = "The worker was lost between intent and outcome.";
        draft.losses++;
        draft.mayHaveHappened = true;
        if (!course.type(step.key()).idempotency().safeToRepeat()) {
            course.doubt(draft, reason);
        } else {
            again(draft, reason);
        }
        return null;
    }

    private void timedOut(StepState step) {
        run.commands.add(new Command.StopAttempt(step.id(), step.epoch(), "It ran out of time."));
        unsure(
                new StepDraft(step),
                "No outcome within "
                        + course.node(step.key()).timeout()
                        + ", the timeout of the step.");
    }

    /** An attempt ended and nobody knows whether it took effect. */
    private void unsure(StepDraft draft, String reason) {
        draft.mayHaveHappened = true;
        if (course.type(draft.key).idempotency().safeToRepeat()) {
            retry(draft, reason, null);
        } else {
            draft.losses++;
            course.doubt(draft, reason);
        }
    }

    private void retry(StepDraft draft, String reason, @Nullable Instant notBefore) {
        var policy = course.node(draft.key).retry();
        if (draft.attempt >= policy.maxAttempts()) {
            course.fail(
                    draft,
                    policy.maxAttempts() == 1
                            ? reason
                            : reason + " (the last of " + policy.maxAttempts() + " attempts)");
            return;
        }
        var due = later(at, policy.delayBefore(draft.attempt + 1, run.seed, draft.id));
        var latest = later(at, LONGEST_RETRY_AFTER);
        if (notBefore != null && notBefore.isAfter(due)) {
            due = notBefore.isAfter(latest) ? latest : notBefore;
        }
        var first = draft.startedAt;
        var within = policy.within();
        if (within != null && first != null && due.isAfter(later(first, within))) {
            course.fail(draft, reason + " (no time for another attempt within " + within + ")");
            return;
        }
        draft.status = StepStatus.RETRY_AT;
        draft.epoch++;
        draft.worker = null;
        draft.note = reason;
        run.set(draft, Timer.Purpose.RETRY, due);
        course.put(draft);
    }

    /** Back to the queue at once, without using up an attempt. */
    private void again(StepDraft draft, String reason) {
        int limit = settings.maxWorkerLosses();
        if (draft.losses > limit) {
            course.fail(
                    draft, reason + " That was once more than the " + limit + " times allowed.");
            return;
        }
        draft.epoch++;
        draft.note = reason;
        course.queue(draft);
    }

    private @Nullable Ignored doubtSettled(StepState step, Event.DoubtSettled event) {
        if (step.status() != StepStatus.IN_DOUBT) {
            return Ignored.NOT_EXPECTED;
        }
        var draft = new StepDraft(step);
        draft.probing = false;
        switch (event.settlement()) {
            case HAPPENED -> course.succeed(draft, null, event.output());
            case DID_NOT_HAPPEN -> {
                // A probe speaks for its moment only: a worker taken for dead may act after it.
                draft.mayHaveHappened = step.probing();
                again(draft, "According to " + event.by() + ", the attempt took no effect.");
            }
            case GIVEN_UP -> course.fail(draft, "Given up by " + event.by() + ": " + step.note());
            case UNKNOWN -> {
                if (!step.probing()) {
                    return Ignored.NOT_EXPECTED;
                }
                // A second probe must not answer in the place of the person now asked.
                draft.epoch++;
                course.put(draft);
                var note = Objects.requireNonNullElse(step.note(), "");
                run.commands.add(new Command.Notify(Command.Notice.STEP_IN_DOUBT, step.id(), note));
                run.commands.add(Course.doubted(run.run, draft.freeze()));
            }
        }
        return null;
    }

    private @Nullable Ignored approvalDecided(StepState step, Event.ApprovalDecided event) {
        if (step.status() != StepStatus.WAITING || !graph.is(step.key(), Behaviour.ASK)) {
            return Ignored.NOT_EXPECTED;
        }
        run.clear(step, Timer.Purpose.APPROVAL_TIMEOUT);
        var output = new LinkedHashMap<String, @Nullable Object>();
        boolean task = course.type(step.key()).isTask();
        output.put(task ? "done" : "approved", event.approved());
        output.put("by", event.by());
        output.put("reason", event.reason());
        output.put("decidedAt", at.toString());
        output.put("fields", event.fields());
        if (task && step.startedAt() != null) {
            output.put("tookSeconds", Duration.between(step.startedAt(), at).toSeconds());
        }
        var port = event.approved() ? task ? Ports.DONE : Ports.APPROVED : Ports.DENIED;
        course.succeed(new StepDraft(step), port, output);
        return null;
    }

    private void approvalTimedOut(StepState step) {
        var text = "Nobody decided within " + course.node(step.key()).timeout() + ".";
        run.commands.add(new Command.WithdrawQuestion(step.id(), step.epoch(), text));
        run.commands.add(new Command.Notify(Command.Notice.APPROVAL_TIMED_OUT, step.id(), text));
        boolean task = course.type(step.key()).isTask();
        var then = task ? null : ApprovalPlan.onTimeout(course.node(step.key()).config());
        boolean drawn =
                course.type(step.key()).hasPort(course.node(step.key()), Ports.TIMEOUT)
                        && graph.isDrawn(step.key(), Ports.TIMEOUT);
        var port =
                switch (then) {
                    case APPROVE -> Ports.APPROVED;
                    case DENY -> Ports.DENIED;
                    case BRANCH -> Ports.TIMEOUT;
                    case null -> drawn ? Ports.TIMEOUT : Ports.DENIED;
                };
        var output = new LinkedHashMap<String, @Nullable Object>();
        output.put(task ? "done" : "approved", port.equals(Ports.APPROVED));
        output.put("by", null);
        output.put("reason", text);
        output.put("decidedAt", at.toString());
        output.put("fields", Map.of());
        course.succeed(new StepDraft(step), port, output);
    }

    private @Nullable Ignored fire(String key) {
        var timer = run.timer(key);
        if (timer == null) {
            return Ignored.UNKNOWN_TIMER;
        }
        if (at.isBefore(timer.due())) {
            // The caller has spent its timer; without a new one the step would be stuck.
            run.commands.add(new Command.SetTimer(key, timer.due()));
            return Ignored.EARLY_TIMER;
        }
        run.spent(key);
        if (timer.step() == null) {
            if (timer.purpose() == Timer.Purpose.CLOSING_DEADLINE) {
                endings.closingTimedOut();
            } else {
                endings.deadline();
            }
            return null;
        }
        var step = run.get(timer.step());
        switch (timer.purpose()) {
            case RETRY -> {
                var draft = new StepDraft(step);
                draft.attempt++;
                course.queue(draft);
            }
            case ATTEMPT_TIMEOUT -> timedOut(step);
            case APPROVAL_TIMEOUT -> approvalTimedOut(step);
            case WAIT -> waited(new StepDraft(step));
            case STEP_TIMEOUT -> outOfTime(step);
            case RUN_DEADLINE, CLOSING_DEADLINE -> {}
        }
        return null;
    }

    /** A loop, or a child run. */
    private void outOfTime(StepState step) {
        var reason = "It did not end within " + course.node(step.key()).timeout() + ".";
        if (graph.isLoop(step.key())) {
            course.failLoop(step.id(), reason);
            return;
        }
        run.commands.add(
                new Command.StopChild(
                        step.id(),
                        Course.childKey(run.run, step),
                        step.child(),
                        reason,
                        Event.Stop.CANCEL));
        course.fail(new StepDraft(step), reason);
    }

    /** Capped, so that whatever is added it stays a time. */
    static Instant later(Instant from, Duration by) {
        try {
            return from.plus(by.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : by);
        } catch (DateTimeException | ArithmeticException e) {
            return Instant.MAX;
        }
    }
}
