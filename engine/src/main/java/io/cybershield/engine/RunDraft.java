package io.cybershield.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A run state that a decision is still changing, with the commands gathered so far. Lives for one
 * event.
 */
final class RunDraft {
    private static final int MOST_FAILURES = 1_000;
    private static final int MOST_REMARKS = 200;

    final Instant at;
    final List<Command> commands = new ArrayList<>();
    private final RunState before;
    private final Map<String, StepState> touched = new LinkedHashMap<>();

    String run;
    String workflowHash;
    long seed;
    Map<String, @Nullable Object> input;
    @Nullable Instant startedAt;
    @Nullable Ending ending;
    @Nullable RunStatus end;
    @Nullable RunResult result;
    Tree<String, LoopState> loops;
    Tree<Integer, RunState.Undoable> undoable;
    List<DeadLetter> failures;
    private Tree<String, Frame> frames;
    private Tree<String, Timer> timers;
    private List<RunState.Signal> signals;
    private List<String> remarks;
    private int busy;
    private int inDoubt;
    private int acted;
    private int succeeded;
    private int failed;
    private int skipped;
    private int cancelled;

    RunDraft(RunState before, Instant at) {
        this.before = before;
        this.at = at;
        run = before.run();
        workflowHash = before.workflowHash();
        seed = before.seed();
        input = before.input();
        startedAt = before.startedAt();
        ending = before.ending();
        loops = Tree.of(before.loops());
        undoable = Tree.of(before.undoable());
        failures = before.failures();
        frames = Tree.of(before.frames());
        timers = Tree.of(before.timers());
        signals = before.signals();
        remarks = before.remarks();
        busy = before.tally().busy();
        inDoubt = before.tally().inDoubt();
        acted = before.tally().acted();
        succeeded = before.tally().succeeded();
        failed = before.tally().failed();
        skipped = before.tally().skipped();
        cancelled = before.tally().cancelled();
    }

    boolean isOver() {
        return end != null;
    }

    @Nullable Frame frame(String id) {
        return frames.find(id);
    }

    Tree<String, Frame> frames() {
        return frames;
    }

    void open(Frame frame) {
        frames = frames.with(frame.id(), frame);
    }

    /** Its steps are forgotten; what they left has been gathered before. */
    void close(String frame) {
        var gone = frames.find(frame);
        if (gone != null) {
            for (var key : gone.steps().keySet()) {
                loops = loops.without(StepId.in(frame, key));
            }
            frames = frames.without(frame);
        }
    }

    @Nullable StepState step(String id) {
        var frame = frames.find(StepId.frame(id));
        return frame == null ? null : Tree.of(frame.steps()).find(StepId.key(id));
    }

    StepState get(String id) {
        return Objects.requireNonNull(step(id));
    }

    boolean has(String id) {
        return step(id) != null;
    }

    /**
     * @param counts whether the frame waits for it; not for steps that undo
     */
    void put(StepDraft draft, boolean counts) {
        var step = draft.freeze();
        var frame = Objects.requireNonNull(frames.find(draft.frame()));
        var old = Tree.of(frame.steps()).find(draft.key);
        count(old, -1);
        count(step, 1);
        int settled = counts ? settled(step) - settled(old) : 0;
        frames = frames.with(frame.id(), frame.with(step, settled));
        touched.put(step.id(), step);
    }

    /** As if it had never been reached. */
    void remove(StepState step, boolean counts) {
        var frame = Objects.requireNonNull(frames.find(StepId.frame(step.id())));
        count(step, -1);
        frames = frames.with(frame.id(), frame.without(step.key(), counts ? -settled(step) : 0));
        touched.remove(step.id());
    }

    private static int settled(@Nullable StepState step) {
        return step != null && step.status().isFinal() ? 1 : 0;
    }

    private void count(@Nullable StepState step, int by) {
        if (step == null) {
            return;
        }
        if (step.isBusy()) {
            busy += by;
        }
        switch (step.status()) {
            case IN_DOUBT -> inDoubt += by;
            case SUCCEEDED -> succeeded += by;
            case FAILED -> failed += by;
            case SKIPPED -> skipped += by;
            case CANCELLED -> cancelled += by;
            case QUEUED, RUNNING, WAITING, RETRY_AT -> {}
        }
    }

    void acts() {
        acted++;
    }

    RunState.Tally tally() {
        return new RunState.Tally(busy, inDoubt, acted, succeeded, failed, skipped, cancelled);
    }

    void failedForGood(DeadLetter letter) {
        if (failures.size() < MOST_FAILURES) {
            var more = new ArrayList<>(failures);
            more.add(letter);
            failures = List.copyOf(more);
        }
    }

    void remark(String text) {
        if (remarks.size() <= MOST_REMARKS) {
            var more = new ArrayList<>(remarks);
            more.add(
                    remarks.size() == MOST_REMARKS
                            ? "There is more to say than is kept here."
                            : text);
            remarks = List.copyOf(more);
        }
    }

    List<String> remarks() {
        return remarks;
    }

    List<RunState.Signal> signals() {
        return signals;
    }

    void add(RunState.Signal signal) {
        var more = new ArrayList<>(signals);
        more.add(signal);
        signals = List.copyOf(more);
    }

    RunState.Signal take(int index, String step) {
        var signal = signals.get(index);
        var more = new ArrayList<>(signals);
        more.set(
                index,
                new RunState.Signal(
                        signal.id(), signal.name(), signal.payload(), signal.at(), step));
        signals = List.copyOf(more);
        return signal;
    }

    @Nullable Timer timer(String key) {
        return timers.find(key);
    }

    void set(StepDraft draft, Timer.Purpose purpose, Instant due) {
        set(new Timer(timerKey(draft.id, draft.epoch, purpose), purpose, draft.id, due));
    }

    void set(Timer timer) {
        timers = timers.with(timer.key(), timer);
        commands.add(new Command.SetTimer(timer.key(), timer.due()));
    }

    void clear(StepState step, Timer.Purpose purpose) {
        clear(timerKey(step.id(), step.epoch(), purpose));
    }

    void clear(String key) {
        if (timers.find(key) != null) {
            timers = timers.without(key);
            commands.add(new Command.ClearTimer(key));
        }
    }

    /** It has fired: the caller has no timer to clear. */
    void spent(String key) {
        timers = timers.without(key);
    }

    void clearTimers() {
        for (var timer : timers.keySet()) {
            commands.add(new Command.ClearTimer(timer));
        }
        timers = Tree.empty();
    }

    static String timerKey(String step, long epoch, Timer.Purpose purpose) {
        return step + "/" + epoch + "/" + purpose.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whatever is added, it stays a time. */
    Instant later(Duration by) {
        return Turn.later(at, by);
    }

    Optional<Ending.Phase> phase() {
        return Optional.ofNullable(ending).map(Ending::phase);
    }

    List<StepState> touched() {
        return List.copyOf(touched.values());
    }

    RunState freeze() {
        var ended = end;
        return new RunState(
                run,
                workflowHash,
                before.version() + 1,
                ended != null ? ended : busy > 0 ? RunStatus.RUNNING : RunStatus.WAITING,
                seed,
                input,
                startedAt,
                ended == null ? null : at,
                frames,
                loops,
                timers,
                signals,
                tally(),
                failures,
                remarks,
                undoable,
                ended == null ? ending : null,
                result);
    }
}
