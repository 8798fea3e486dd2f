package io.cybershield.engine;

import io.cybershield.engine.Decision.Ignored;
import io.cybershield.engine.NodeType.Behaviour;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
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

    private static final String DEADLINE_TIMER = "run/deadline";

    private final Graph graph;
    private final WorkflowDefinition definition;
    private final RunState before;
    private final Instant at;

    private final TreeMap<String, StepState> steps;
    private final TreeMap<String, Timer> timers;
    private final List<RunState.Signal> signals;
    private final List<Command> commands = new ArrayList<>();
    private final ArrayDeque<String> settled = new ArrayDeque<>();

    private String run;
    private String workflowHash;
    private long seed;
    private Map<String, @Nullable Object> input;
    private @Nullable Instant startedAt;
    private @Nullable RunStatus end;
    private @Nullable RunResult result;

    Turn(Graph graph, WorkflowDefinition definition, RunState before, Instant at) {
        this.graph = graph;
        this.definition = definition;
        this.before = before;
        this.at = at;
        this.steps = new TreeMap<>(before.steps());
        this.timers = new TreeMap<>(before.timers());
        this.signals = new ArrayList<>(before.signals());
        this.run = before.run();
        this.workflowHash = before.workflowHash();
        this.seed = before.seed();
        this.input = before.input();
        this.startedAt = before.startedAt();
    }

    Decision take(Event event) {
        var ignored =
                switch (event) {
                    case Event.RunStarted started -> start(started);
                    case Event.CancelRequested cancel -> cancel(cancel);
                    case Event.TimerFired fired -> fire(fired.timer());
                    case Event.SignalArrived signal -> receive(signal);
                    case Event.OfStep ofStep -> takeOfStep(ofStep);
                };
        if (ignored == Ignored.EARLY_TIMER) {
            return new Decision(before, commands, ignored);
        }
        if (ignored != null) {
            return new Decision(before, List.of(), ignored);
        }
        spread();
        return new Decision(freeze(), commands, null);
    }

    private @Nullable Ignored takeOfStep(Event.OfStep event) {
        var step = steps.get(event.step());
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
        };
    }

    private @Nullable Ignored start(Event.RunStarted event) {
        run = event.run();
        workflowHash = event.workflowHash();
        seed = event.seed();
        input = event.input();
        startedAt = at;
        if (!graph.is(event.trigger(), Behaviour.START)) {
            endRun(
                    RunStatus.FAILED,
                    "The run was started at '"
                            + event.trigger()
                            + "', which is no trigger of this workflow.");
            return null;
        }
        for (var trigger : graph.triggers()) {
            var draft = new StepDraft(trigger, at);
            if (trigger.equals(event.trigger())) {
                draft.startedAt = at;
                leave(draft, StepStatus.SUCCEEDED, type(trigger).defaultPort(), input, null);
            } else {
                skip(draft, "Another trigger started the run.");
            }
        }
        var deadline = definition.settings().deadline();
        if (deadline != null) {
            set(new Timer(DEADLINE_TIMER, Timer.Purpose.RUN_DEADLINE, null, later(at, deadline)));
        }
        return null;
    }

    private @Nullable Ignored cancel(Event.CancelRequested event) {
        endRun(RunStatus.CANCELLED, "Cancelled by " + event.by() + ": " + event.reason());
        return null;
    }

    /** Settles what follows from the steps that have just come to their end. */
    private void spread() {
        while (end == null && !settled.isEmpty()) {
            for (var key : graph.after(settled.remove())) {
                if (!steps.containsKey(key)
                        && graph.into(key).stream().allMatch(edge -> isFinal(edge.from()))) {
                    if (graph.into(key).stream().anyMatch(this::wasTaken)) {
                        begin(new StepDraft(key, at));
                    } else {
                        skip(new StepDraft(key, at), "No branch that was taken leads here.");
                    }
                }
            }
        }
        if (end == null && steps.values().stream().allMatch(step -> step.status().isFinal())) {
            endRun(RunStatus.SUCCEEDED, null);
        }
    }

    private void begin(StepDraft draft) {
        draft.epoch = 1;
        switch (type(draft.key).behaviour()) {
            case START -> skip(draft, "Another trigger started the run.");
            case EVALUATE, WAIT -> queue(draft);
            case ATTEMPT -> {
                draft.attempt = 1;
                queue(draft);
            }
            case ASK -> {
                draft.status = StepStatus.WAITING;
                draft.startedAt = at;
                var limit = node(draft.key).timeout();
                var deadline = limit == null ? null : later(at, limit);
                if (deadline != null) {
                    set(draft, Timer.Purpose.APPROVAL_TIMEOUT, deadline);
                }
                put(draft);
                commands.add(new Command.OpenApproval(draft.key, draft.epoch, deadline));
            }
        }
    }

    private void endRun(RunStatus status, @Nullable String summary) {
        end = status;
        for (var step : List.copyOf(steps.values())) {
            if (!step.status().isFinal()) {
                var draft = new StepDraft(step);
                if (step.status() == StepStatus.RUNNING) {
                    draft.mayHaveHappened = true;
                    commands.add(
                            new Command.StopAttempt(step.key(), step.epoch(), "The run ended."));
                }
                if (isAsking(step)) {
                    commands.add(
                            new Command.WithdrawQuestion(
                                    step.key(), step.epoch(), "The run ended."));
                }
                draft.status = StepStatus.CANCELLED;
                draft.worker = null;
                draft.probing = false;
                draft.endedAt = at;
                draft.note = "The run ended before it.";
                put(draft);
            }
        }
        for (var key : graph.keys()) {
            if (!steps.containsKey(key)) {
                var draft = new StepDraft(key, at);
                draft.status = StepStatus.SKIPPED;
                draft.endedAt = at;
                draft.note = "The run ended before it.";
                put(draft);
            }
        }
        for (var timer : timers.keySet()) {
            commands.add(new Command.ClearTimer(timer));
        }
        timers.clear();
        settled.clear();
        var report = new Report(graph, steps);
        var said = new RunResult(summary == null ? report.summary() : summary, report.notes());
        result = said;
        if (status == RunStatus.FAILED) {
            commands.add(new Command.Notify(Command.Notice.RUN_FAILED, null, said.summary()));
        }
        commands.add(new Command.CompleteRun(status, said));
    }

    private @Nullable Ignored evaluated(StepState step, Event.StepEvaluated event) {
        if (step.status() != StepStatus.QUEUED || !graph.is(step.key(), Behaviour.EVALUATE)) {
            return Ignored.NOT_EXPECTED;
        }
        var draft = new StepDraft(step);
        draft.startedAt = at;
        succeed(draft, event.port(), event.output());
        return null;
    }

    private @Nullable Ignored evaluationFailed(StepState step, String reason) {
        boolean asking = isAsking(step) && step.status() == StepStatus.WAITING;
        if (step.status() != StepStatus.QUEUED && !asking) {
            return Ignored.NOT_EXPECTED;
        }
        if (asking) {
            clear(step, Timer.Purpose.APPROVAL_TIMEOUT);
            commands.add(new Command.WithdrawQuestion(step.key(), step.epoch(), reason));
        }
        fail(new StepDraft(step), reason);
        return null;
    }

    private @Nullable Ignored planned(StepState step, Event.WaitPlanned event) {
        if (step.status() != StepStatus.QUEUED || !graph.is(step.key(), Behaviour.WAIT)) {
            return Ignored.NOT_EXPECTED;
        }
        var draft = new StepDraft(step);
        draft.startedAt = at;
        draft.signal = event.signal();
        var limit = node(step.key()).timeout();
        var due = event.until();
        if (limit != null && (due == null || later(at, limit).isBefore(due))) {
            due = later(at, limit);
        }
        if (due == null && event.signal() == null) {
            fail(draft, "It would wait for ever: give a duration, a time or a signal.");
            return null;
        }
        if (due != null && due.isAfter(later(at, LONGEST_WAIT))) {
            fail(draft, "It would wait until " + due + ", which is more than ten years away.");
            return null;
        }
        if (event.signal() != null) {
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
            set(draft, Timer.Purpose.WAIT, due);
        }
        put(draft);
        return null;
    }

    private @Nullable Ignored receive(Event.SignalArrived event) {
        if (signals.stream().anyMatch(signal -> signal.id().equals(event.id()))) {
            return Ignored.REPEATED_SIGNAL;
        }
        if (signals.size() >= MAX_SIGNALS) {
            return Ignored.TOO_MANY_SIGNALS;
        }
        signals.add(
                new RunState.Signal(event.id(), event.signal(), event.payload(), event.at(), null));
        steps.values().stream()
                .filter(step -> step.status() == StepStatus.WAITING)
                .filter(step -> event.signal().equals(step.signal()))
                .findFirst()
                .ifPresent(step -> {
                    clear(step, Timer.Purpose.WAIT);
                    takeSignal(new StepDraft(step), signals.size() - 1);
                });
        return null;
    }

    private void takeSignal(StepDraft draft, int index) {
        var signal = signals.get(index);
        signals.set(
                index,
                new RunState.Signal(
                        signal.id(), signal.name(), signal.payload(), signal.at(), draft.key));
        succeed(draft, null, signal.payload());
    }

    private void waited(StepDraft draft) {
        if (draft.signal == null) {
            succeed(draft, null, Map.of());
        } else if (type(draft.key).hasPort(Ports.TIMEOUT)) {
            succeed(draft, Ports.TIMEOUT, Map.of());
        } else {
            fail(draft, "The signal '" + draft.signal + "' did not come in time.");
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
        var limit = node(step.key()).timeout();
        if (limit != null) {
            set(draft, Timer.Purpose.ATTEMPT_TIMEOUT, later(at, limit));
        }
        put(draft);
        return null;
    }

    private @Nullable Ignored outcomeArrived(StepState step, Outcome outcome) {
        if (step.status() != StepStatus.RUNNING) {
            return Ignored.NOT_EXPECTED;
        }
        clear(step, Timer.Purpose.ATTEMPT_TIMEOUT);
        var draft = new StepDraft(step);
        switch (outcome) {
            case Outcome.Succeeded(var port, var output) -> succeed(draft, port, output);
            case Outcome.Failed(var reason, var retryable, var notBefore) -> {
                if (retryable) {
                    retry(draft, reason, notBefore);
                } else {
                    fail(draft, reason);
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
            commands.add(doubted(run, step));
            return null;
        }
        if (step.status() != StepStatus.RUNNING) {
            return Ignored.NOT_EXPECTED;
        }
        clear(step, Timer.Purpose.ATTEMPT_TIMEOUT);
        var reason = "The worker was lost between intent and outcome.";
        draft.losses++;
        draft.mayHaveHappened = true;
        if (!type(step.key()).idempotency().safeToRepeat()) {
            doubt(draft, reason);
        } else {
            again(draft, reason);
        }
        return null;
    }

    private void timedOut(StepState step) {
        commands.add(new Command.StopAttempt(step.key(), step.epoch(), "It ran out of time."));
        unsure(
                new StepDraft(step),
                "No outcome within " + node(step.key()).timeout() + ", the timeout of the step.");
    }

    /** An attempt ended and nobody knows whether it took effect. */
    private void unsure(StepDraft draft, String reason) {
        draft.mayHaveHappened = true;
        if (type(draft.key).idempotency().safeToRepeat()) {
            retry(draft, reason, null);
        } else {
            draft.losses++;
            doubt(draft, reason);
        }
    }

    private void retry(StepDraft draft, String reason, @Nullable Instant notBefore) {
        var policy = node(draft.key).retry();
        if (draft.attempt >= policy.maxAttempts()) {
            fail(
                    draft,
                    policy.maxAttempts() == 1
                            ? reason
                            : reason + " (the last of " + policy.maxAttempts() + " attempts)");
            return;
        }
        var due = later(at, policy.delayBefore(draft.attempt + 1, seed, draft.key));
        var latest = later(at, LONGEST_RETRY_AFTER);
        if (notBefore != null && notBefore.isAfter(due)) {
            due = notBefore.isAfter(latest) ? latest : notBefore;
        }
        var first = draft.startedAt;
        var within = policy.within();
        if (within != null && first != null && due.isAfter(later(first, within))) {
            fail(draft, reason + " (no time for another attempt within " + within + ")");
            return;
        }
        draft.status = StepStatus.RETRY_AT;
        draft.epoch++;
        draft.worker = null;
        draft.note = reason;
        set(draft, Timer.Purpose.RETRY, due);
        put(draft);
    }

    /** Back to the queue at once, without using up an attempt. */
    private void again(StepDraft draft, String reason) {
        int limit = definition.settings().maxWorkerLosses();
        if (draft.losses > limit) {
            fail(draft, reason + " That was once more than the " + limit + " times allowed.");
            return;
        }
        draft.epoch++;
        draft.note = reason;
        queue(draft);
    }

    private void doubt(StepDraft draft, String reason) {
        draft.status = StepStatus.IN_DOUBT;
        draft.epoch++;
        draft.worker = null;
        draft.probing = type(draft.key).idempotency().hasProbe();
        draft.note = reason;
        put(draft);
        if (!draft.probing) {
            commands.add(new Command.Notify(Command.Notice.STEP_IN_DOUBT, draft.key, reason));
        }
        commands.add(doubted(run, draft.freeze()));
    }

    private @Nullable Ignored doubtSettled(StepState step, Event.DoubtSettled event) {
        if (step.status() != StepStatus.IN_DOUBT) {
            return Ignored.NOT_EXPECTED;
        }
        var draft = new StepDraft(step);
        draft.probing = false;
        switch (event.settlement()) {
            case HAPPENED -> succeed(draft, null, event.output());
            case DID_NOT_HAPPEN -> {
                // A probe speaks for its moment only: a worker taken for dead may act after it.
                draft.mayHaveHappened = step.probing();
                again(draft, "According to " + event.by() + ", the attempt took no effect.");
            }
            case GIVEN_UP -> fail(draft, "Given up by " + event.by() + ": " + step.note());
            case UNKNOWN -> {
                if (!step.probing()) {
                    return Ignored.NOT_EXPECTED;
                }
                // A second probe must not answer in the place of the person now asked.
                draft.epoch++;
                put(draft);
                var note = Objects.requireNonNullElse(step.note(), "");
                commands.add(new Command.Notify(Command.Notice.STEP_IN_DOUBT, step.key(), note));
                commands.add(doubted(run, draft.freeze()));
            }
        }
        return null;
    }

    private @Nullable Ignored approvalDecided(StepState step, Event.ApprovalDecided event) {
        if (step.status() != StepStatus.WAITING || !graph.is(step.key(), Behaviour.ASK)) {
            return Ignored.NOT_EXPECTED;
        }
        clear(step, Timer.Purpose.APPROVAL_TIMEOUT);
        var output = new LinkedHashMap<String, @Nullable Object>();
        output.put("approved", event.approved());
        output.put("by", event.by());
        output.put("reason", event.reason());
        output.put("decidedAt", at.toString());
        output.put("fields", event.fields());
        succeed(new StepDraft(step), event.approved() ? Ports.APPROVED : Ports.DENIED, output);
        return null;
    }

    private void approvalTimedOut(StepState step) {
        var text = "Nobody decided within " + node(step.key()).timeout() + ".";
        commands.add(new Command.WithdrawQuestion(step.key(), step.epoch(), text));
        commands.add(new Command.Notify(Command.Notice.APPROVAL_TIMED_OUT, step.key(), text));
        var output = new LinkedHashMap<String, @Nullable Object>();
        output.put("approved", false);
        output.put("by", null);
        output.put("reason", text);
        output.put("decidedAt", at.toString());
        output.put("fields", Map.of());
        boolean branch =
                type(step.key()).hasPort(Ports.TIMEOUT) && graph.isDrawn(step.key(), Ports.TIMEOUT);
        succeed(new StepDraft(step), branch ? Ports.TIMEOUT : Ports.DENIED, output);
    }

    private @Nullable Ignored fire(String key) {
        var timer = timers.get(key);
        if (timer == null) {
            return Ignored.UNKNOWN_TIMER;
        }
        if (at.isBefore(timer.due())) {
            // The caller has spent its timer; without a new one the step would be stuck.
            commands.add(new Command.SetTimer(key, timer.due()));
            return Ignored.EARLY_TIMER;
        }
        timers.remove(key);
        if (timer.step() == null) {
            endRun(
                    RunStatus.FAILED,
                    "The run did not end within " + definition.settings().deadline() + ".");
            return null;
        }
        var step = steps.get(timer.step());
        if (step == null) {
            return null;
        }
        switch (timer.purpose()) {
            case RETRY -> {
                var draft = new StepDraft(step);
                draft.attempt++;
                queue(draft);
            }
            case ATTEMPT_TIMEOUT -> timedOut(step);
            case APPROVAL_TIMEOUT -> approvalTimedOut(step);
            case WAIT -> waited(new StepDraft(step));
            case RUN_DEADLINE -> {}
        }
        return null;
    }

    private void set(StepDraft draft, Timer.Purpose purpose, Instant due) {
        set(new Timer(timerKey(draft.key, draft.epoch, purpose), purpose, draft.key, due));
    }

    private void set(Timer timer) {
        timers.put(timer.key(), timer);
        commands.add(new Command.SetTimer(timer.key(), timer.due()));
    }

    private void clear(StepState step, Timer.Purpose purpose) {
        var key = timerKey(step.key(), step.epoch(), purpose);
        if (timers.remove(key) != null) {
            commands.add(new Command.ClearTimer(key));
        }
    }

    static String timerKey(String step, long epoch, Timer.Purpose purpose) {
        return step + "/" + epoch + "/" + purpose.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private void succeed(
            StepDraft draft, @Nullable String port, Map<String, @Nullable Object> output) {
        var type = type(draft.key);
        var by = port == null ? type.defaultPort() : port;
        if (type.ports().stream().noneMatch(known -> known.name().equals(by))) {
            fail(draft, "It left by '" + by + "', a port that '" + type.key() + "' does not have.");
            return;
        }
        draft.mayHaveHappened = false;
        leave(draft, StepStatus.SUCCEEDED, by, output, null);
    }

    private void fail(StepDraft draft, String reason) {
        var output = new LinkedHashMap<String, @Nullable Object>();
        output.put("error", reason);
        output.put("mayHaveHappened", draft.mayHaveHappened);
        var onward =
                node(draft.key).onError() == Node.OnError.CONTINUE
                        ? type(draft.key).onlyPort()
                        : Optional.<String>empty();
        if (graph.isDrawn(draft.key, Ports.ERROR)) {
            leave(draft, StepStatus.FAILED, Ports.ERROR, output, reason);
        } else if (onward.isPresent()) {
            leave(draft, StepStatus.FAILED, onward.get(), output, reason);
            commands.add(new Command.Notify(Command.Notice.STEP_FAILED, draft.key, reason));
        } else {
            leave(draft, StepStatus.FAILED, null, output, reason);
            endRun(RunStatus.FAILED, "Step '" + draft.key + "' failed: " + reason);
        }
    }

    private void skip(StepDraft draft, String note) {
        leave(draft, StepStatus.SKIPPED, null, Map.of(), note);
    }

    private void leave(
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
        draft.endedAt = at;
        put(draft);
        settled.add(draft.key);
    }

    private void queue(StepDraft draft) {
        draft.status = StepStatus.QUEUED;
        draft.worker = null;
        put(draft);
        commands.add(queued(graph, run, draft.freeze()));
    }

    static Command queued(Graph graph, String run, StepState step) {
        return graph.is(step.key(), Behaviour.ATTEMPT)
                ? new Command.StartAttempt(
                        step.key(), step.epoch(), idempotencyKey(run, step.key()), step.attempt())
                : new Command.Evaluate(step.key(), step.epoch());
    }

    static Command doubted(String run, StepState step) {
        return step.probing()
                ? new Command.Probe(step.key(), step.epoch(), idempotencyKey(run, step.key()))
                : new Command.OpenHumanDecision(
                        step.key(), step.epoch(), Objects.requireNonNullElse(step.note(), ""));
    }

    /** One key for the whole life of a step, so that the other side can tell a repeat. */
    private static String idempotencyKey(String run, String step) {
        return run + "/" + step;
    }

    private boolean isAsking(StepState step) {
        return (step.status() == StepStatus.WAITING && graph.is(step.key(), Behaviour.ASK))
                || (step.status() == StepStatus.IN_DOUBT && !step.probing());
    }

    private boolean isFinal(String key) {
        var step = steps.get(key);
        return step != null && step.status().isFinal();
    }

    private boolean wasTaken(Edge edge) {
        var source = steps.get(edge.from());
        return source != null && edge.port().equals(source.port());
    }

    private void put(StepDraft draft) {
        steps.put(draft.key, draft.freeze());
    }

    private Node node(String key) {
        return Objects.requireNonNull(graph.node(key));
    }

    private NodeType type(String key) {
        return Objects.requireNonNull(graph.type(key));
    }

    private static Instant later(Instant from, Duration by) {
        try {
            return from.plus(by.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : by);
        } catch (DateTimeException | ArithmeticException e) {
            return Instant.MAX;
        }
    }

    private RunState freeze() {
        var ended = end;
        var status =
                ended != null
                        ? ended
                        : steps.values().stream()
                                        .anyMatch(step ->
                                                step.status() == StepStatus.QUEUED
                                                        || step.status() == StepStatus.RUNNING)
                                ? RunStatus.RUNNING
                                : RunStatus.WAITING;
        return new RunState(
                run,
                workflowHash,
                before.version() + 1,
                status,
                seed,
                input,
                startedAt,
                ended == null ? null : at,
                steps,
                timers,
                signals,
                result);
    }
}
