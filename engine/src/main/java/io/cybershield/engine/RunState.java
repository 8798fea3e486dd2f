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
 * All there is to know about a run: immutable, and rebuilt at any time by folding its events.
 *
 * @param version how many events changed it; for compare-and-set on storing
 * @param steps those reached so far, by node key
 * @param timers set and not yet fired, by timer key
 * @param signals all that came, oldest first
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
        SortedMap<String, StepState> steps,
        SortedMap<String, Timer> timers,
        List<Signal> signals,
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
                    Collections.emptySortedMap(),
                    Collections.emptySortedMap(),
                    List.of(),
                    null);

    public RunState {
        input = Values.frozen(input);
        steps = Collections.unmodifiableSortedMap(new TreeMap<>(steps));
        timers = Collections.unmodifiableSortedMap(new TreeMap<>(timers));
        signals = List.copyOf(signals);
    }

    /** Empty while the step has not been reached. */
    public Optional<StepState> step(String key) {
        return Optional.ofNullable(steps.get(key));
    }

    /**
     * A signal the run was sent.
     *
     * @param takenBy the step that went on because of it; null while none has
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
