package io.cybershield.flow;

import io.cybershield.engine.Event;
import io.cybershield.engine.Node;
import io.cybershield.engine.Outcome;
import io.cybershield.engine.RunStatus;
import io.cybershield.engine.StepState;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a run finds outside. */
interface World {
    /** What an attempt comes to; empty when no answer ever comes. */
    Optional<Answer> act(Attempt attempt);

    /** What a person or a probe says about an attempt in doubt; empty when nobody does. */
    Optional<Event.Settlement> settle(String step);

    /** What people decide; empty when nobody does. */
    Optional<Verdict> decide(String step, Map<String, @Nullable Object> question);

    /** What a child run comes to. */
    ChildAnswer child(String step);

    /** What is taken for a step's result instead of computing or doing it. */
    default Optional<Pin> pinned(String step) {
        return Optional.empty();
    }

    /** Whether the run is to stop before this step is computed, done or asked for. */
    default boolean stopsBefore(String step) {
        return false;
    }

    /** Whether the run is to stop now that this step has changed. */
    default boolean stopsAfter(StepState step) {
        return false;
    }

    /**
     * A step's result that was fixed beforehand.
     *
     * @param port null for the node's first
     */
    record Pin(@Nullable String port, Map<String, @Nullable Object> output) {}

    record ChildAnswer(
            RunStatus status,
            String summary,
            Map<String, @Nullable Object> output,
            Duration after) {}

    /** What somebody tells the run, that long after its start. */
    record Signal(String signal, Duration after, Map<String, @Nullable Object> payload) {}

    /**
     * @param config as it may be shown
     * @param forCall with secrets, as a worker would send it
     */
    record Attempt(
            String step,
            Node node,
            Description kind,
            Map<String, @Nullable Object> config,
            RunContext.ForCall forCall,
            int attempt) {}

    record Answer(Outcome outcome, Duration after) {}

    /**
     * @param fields what the form of a task took; empty for an approval
     */
    record Verdict(
            boolean approved,
            String by,
            String reason,
            Map<String, @Nullable Object> fields,
            Duration after) {
        Verdict(boolean approved, String by, String reason, Duration after) {
            this(approved, by, reason, Map.of(), after);
        }
    }
}
