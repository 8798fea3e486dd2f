package io.cybershield.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an event came to: commit state and event together, then do the commands.
 *
 * @param steps each step that it changed, as it is now, those whose round is over included; in the
 *     order in which they were first touched
 * @param ignored why the event changed nothing; null when it counted. An ignored event needs no
 *     journal entry, but should be counted.
 */
public record Decision(
        RunState state, List<Command> commands, List<StepState> steps, @Nullable Ignored ignored) {
    public Decision {
        steps = List.copyOf(steps);
        commands = List.copyOf(commands);
    }

    /** Why an event changed nothing. */
    public enum Ignored {
        /** The run has ended; what ended stays ended. */
        RUN_ENDED,
        /** The run did not fail, or cannot go on from where it failed. */
        NOT_RESUMABLE,
        /** The run cannot go on in that version; {@link Move#plan} says why. */
        NOT_MOVABLE,
        NOT_STARTED,
        ALREADY_STARTED,
        /** The event or the state belongs to another version of the workflow. */
        OTHER_WORKFLOW,
        /** The run has not reached that step, or the workflow has none such. */
        UNKNOWN_STEP,
        /** It comes from a worker or a question that has been replaced. */
        STALE_EPOCH,
        /** The step is past that, or never was there. */
        NOT_EXPECTED,
        /** The timer was cleared, has fired, or never was set. */
        UNKNOWN_TIMER,
        /** The timer fired before its time and was set again. */
        EARLY_TIMER,
        REPEATED_SIGNAL,
        /** The run holds as many signals as it may. */
        TOO_MANY_SIGNALS
    }
}
