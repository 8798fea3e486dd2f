package io.cybershield.engine;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All there is to know about a run: immutable, and rebuilt at any time by folding its events. Its
 * maps share what did not change with the state before, so a state that differs in one step costs
 * little; rounds of loops that are over live on in {@link LoopState#results} alone.
 *
 * @param version how many events changed it; for compare-and-set on storing
 * @param frames the run itself under {@code ""}, and each round of a loop that goes on
 * @param loops by the id of the loop's step, while they go on
 * @param timers set and not yet fired, by timer key
 * @param signals all that came, oldest first
 * @param tally counts over all steps, those of finished rounds included
 * @param failures steps that failed for good, 1,000 at most
 * @param remarks what finished rounds left to be told, 200 at most
 * @param undoable what would have to be undone, in the order of its end
 * @param ending set while the run is being undone or closed
 */
public record RunState(
        String run,
        String workflowHash,
        long version,
        RunStatus status,
        long seed,
        Map<String, @Nullable Object> input,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        Map<String, Frame> frames,
        Map<String, LoopState> loops,
        Map<String, Timer> timers,
        List<Signal> signals,
        Tally tally,
        List<DeadLetter> failures,
        List<String> remarks,
        Map<Integer, Undoable> undoable,
        @Nullable Ending ending,
        @Nullable RunResult result) {

    /** The state before any event. */
    public static final RunState NEW =
            new RunState(
                    "",
                    "",
                    0,
                    RunStatus.NEW,
                    0,
                    Map.of(),
                    null,
                    null,
                    Tree.<String, Frame>empty()
                            .with(StepId.RUN, new Frame(StepId.RUN, -1, null, Tree.empty(), 0)),
                    Tree.empty(),
                    Tree.empty(),
                    List.of(),
                    Tally.NONE,
                    List.of(),
                    List.of(),
                    Tree.empty(),
                    null,
                    null);

    public RunState {
        input = Values.frozen(input);
        frames = Tree.of(frames);
        loops = Tree.of(loops);
        timers = Tree.of(timers);
        signals = List.copyOf(signals);
        failures = List.copyOf(failures);
        remarks = List.copyOf(remarks);
        undoable = Tree.of(undoable);
    }

    /** Empty while the step has not been reached, and once its round is over. */
    public Optional<StepState> step(String id) {
        return Optional.ofNullable(frames.get(StepId.frame(id)))
                .flatMap(frame -> frame.step(StepId.key(id)));
    }

    /** All steps of all frames by id; built anew on each call. */
    public SortedMap<String, StepState> steps() {
        var all = new TreeMap<String, StepState>();
        for (var frame : frames.values()) {
            frame.steps().values().forEach(step -> all.put(step.id(), step));
        }
        return Collections.unmodifiableSortedMap(all);
    }

    /**
     * The steps that expressions of a step see, by node key: those of its own round, then those of
     * the rounds and the run around it.
     */
    public SortedMap<String, StepState> seenFrom(String id) {
        var seen = new TreeMap<String, StepState>();
        for (var frame = StepId.frame(id); ; frame = StepId.frame(StepId.loop(frame))) {
            var here = frames.get(frame);
            if (here != null) {
                here.steps().forEach(seen::putIfAbsent);
            }
            if (frame.equals(StepId.RUN)) {
                return Collections.unmodifiableSortedMap(seen);
            }
        }
    }

    /** The round a step is in; empty outside all loops. */
    public Optional<Frame> roundOf(String id) {
        var frame = StepId.frame(id);
        return frame.equals(StepId.RUN) ? Optional.empty() : Optional.ofNullable(frames.get(frame));
    }

    /**
     * Counts over all steps of the run.
     *
     * @param busy queued, or with a worker
     * @param inDoubt waiting for a probe or a person to say what happened
     * @param acted steps for which a worker or a child run was asked
     */
    public record Tally(
            int busy,
            int inDoubt,
            int acted,
            int succeeded,
            int failed,
            int skipped,
            int cancelled) {
        static final Tally NONE = new Tally(0, 0, 0, 0, 0, 0, 0);

        /** Steps that have ended. */
        public int ended() {
            return succeeded + failed + skipped + cancelled;
        }
    }

    /**
     * A step that succeeded and has an {@code undo} edge.
     *
     * @param index number and
     * @param item item of the round it was in; -1 and null outside loops
     */
    public record Undoable(StepState step, int index, @Nullable Object item) {}

    /**
     * A signal the run was sent.
     *
     * @param takenBy id of the step that went on because of it; null while none has
     */
    public record Signal(
            String id,
            String name,
            Map<String, @Nullable Object> payload,
            Instant at,
            @Nullable String takenBy) {
        public Signal {
            payload = Values.frozen(payload);
        }
    }
}
