package io.cybershield.engine;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a run; the run's journal is a list of these. All are facts: one that
 * comes late, twice or out of order changes nothing it should not.
 */
public sealed interface Event {
    /** When it happened, by the clock of whoever reports it. */
    Instant at();

    /** An event about one step; {@code epoch} must be the step's, else the event is stale. */
    sealed interface OfStep extends Event {
        String step();

        long epoch();
    }

    /**
     * The run starts at a trigger node.
     *
     * @param run unique over all tenants: it is the first part of every idempotency key
     * @param workflowHash {@link WorkflowDefinition#hash()} of the version the run is pinned to
     * @param trigger key of the trigger node that fired
     * @param seed of the run's retry jitter
     */
    record RunStarted(
            Instant at,
            String run,
            String workflowHash,
            String trigger,
            long seed,
            Map<String, @Nullable Object> input)
            implements Event {
        public RunStarted {
            input = Values.frozen(input);
        }
    }

    /**
     * A pure step was computed. A while leaves by {@link Ports#EACH} or {@link Ports#DONE}; an end
     * node's port is not read.
     */
    record StepEvaluated(
            Instant at, String step, long epoch, String port, Map<String, @Nullable Object> output)
            implements OfStep {
        public StepEvaluated {
            output = Values.frozen(output);
        }
    }

    /** The configuration of a pure step, a wait or an approval could not be computed. */
    record EvaluationFailed(Instant at, String step, long epoch, String reason) implements OfStep {}

    /**
     * A wait was computed: it ends at a time, at a signal, or at whichever comes first.
     *
     * @param until null to wait for the signal alone
     * @param signal null to wait for the time alone
     */
    record WaitPlanned(
            Instant at, String step, long epoch, @Nullable Instant until, @Nullable String signal)
            implements OfStep {}

    /**
     * The durable intent: a worker is about to touch the world. It may do so only if deciding this
     * event left the step running with this very {@code worker} on it.
     *
     * @param worker names the claim, not the process: fresh for each claim
     */
    record AttemptStarted(Instant at, String step, long epoch, String worker) implements OfStep {}

    /** An attempt ended. */
    record OutcomeArrived(Instant at, String step, long epoch, Outcome outcome) implements OfStep {}

    /** The worker on this step is dead or unreachable: its lease ran out. */
    record WorkerLost(Instant at, String step, long epoch) implements OfStep {}

    /**
     * A probe or a person said what became of an attempt in doubt.
     *
     * @param by the person, or the probe
     * @param output of the step when it happened
     */
    record DoubtSettled(
            Instant at,
            String step,
            long epoch,
            Settlement settlement,
            String by,
            Map<String, @Nullable Object> output)
            implements OfStep {
        public DoubtSettled {
            output = Values.frozen(output);
        }
    }

    /** The people asked have decided; votes and quorum are counted before this. */
    record ApprovalDecided(
            Instant at,
            String step,
            long epoch,
            boolean approved,
            String by,
            String reason,
            Map<String, @Nullable Object> fields)
            implements OfStep {
        public ApprovalDecided {
            fields = Values.frozen(fields);
        }
    }

    /** A timer that {@link Command.SetTimer} asked for went off. */
    record TimerFired(Instant at, String timer) implements Event {}

    /**
     * Someone outside told the run something. It is kept until a step waits for it.
     *
     * @param id tells a repeated delivery from a second signal
     */
    record SignalArrived(
            Instant at, String id, String signal, Map<String, @Nullable Object> payload)
            implements Event {
        public SignalArrived {
            payload = Values.frozen(payload);
        }
    }

    /** The items of a for-each were computed. */
    record ItemsListed(Instant at, String step, long epoch, List<@Nullable Object> items)
            implements OfStep {
        public ItemsListed {
            items = Values.frozenItems(items);
        }
    }

    /**
     * A child run was started, or had been.
     *
     * @param child id of its run
     */
    record ChildStarted(Instant at, String step, long epoch, String child) implements OfStep {}

    /**
     * A child run has ended.
     *
     * @param output what its end node gave
     */
    record ChildEnded(
            Instant at,
            String step,
            long epoch,
            String child,
            RunStatus status,
            String summary,
            Map<String, @Nullable Object> output)
            implements OfStep {
        public ChildEnded {
            output = Values.frozen(output);
        }
    }

    /**
     * Someone stops the run, whatever its workers do.
     *
     * @param mode {@link Stop#CANCEL} when null, as in journals from before there was a choice
     */
    record CancelRequested(Instant at, String by, String reason, @Nullable Stop mode)
            implements Event {
        public CancelRequested(Instant at, String by, String reason) {
            this(at, by, reason, Stop.CANCEL);
        }
    }

    /** Someone lets a failed run go on from where it failed; what succeeded stays. */
    record RunResumed(Instant at, String by) implements Event {}

    /**
     * Someone moves a run that waits to another version of its workflow; decided by {@link Move}.
     *
     * @param from {@link WorkflowDefinition#hash()} of the version that it was of
     * @param to of the version that it is of from now on
     */
    record RunMoved(Instant at, String by, String reason, String from, String to)
            implements Event {}

    /** How a run is stopped. */
    enum Stop {
        /** At once: neither undone nor closed. */
        KILL,
        /** Its closing steps run, under a limit. */
        CANCEL,
        /** What succeeded is undone first. */
        UNDO
    }

    /** What became of an attempt in doubt. */
    enum Settlement {
        /** It took effect: the step succeeded. */
        HAPPENED,
        /** It did not: the step is tried again. */
        DID_NOT_HAPPEN,
        /** The probe cannot tell: a person must. */
        UNKNOWN,
        /** A person gives the step up: it failed. */
        GIVEN_UP
    }
}
