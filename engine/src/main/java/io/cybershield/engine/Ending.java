package io.cybershield.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a run is about to end: decided, but steps are still being undone, or closing steps run.
 *
 * @param summary one sentence; null when there is nothing to say but the counts
 * @param output the run's result, from an end node
 * @param undoing id of the step that undoes just now
 * @param undone ids of steps that were undone, in that order
 * @param notUndone sentences about those that could not be
 * @param resumable whether the run may go on later from where it failed
 * @param hurried whether the closing steps have a limit
 */
public record Ending(
        RunStatus status,
        @Nullable String summary,
        Map<String, @Nullable Object> output,
        Phase phase,
        @Nullable String undoing,
        List<String> undone,
        List<String> notUndone,
        boolean resumable,
        boolean hurried) {

    public Ending {
        output = Values.frozen(output);
        undone = List.copyOf(undone);
        notUndone = List.copyOf(notUndone);
    }

    /** What is being done before the end. */
    public enum Phase {
        UNDOING,
        CLOSING
    }

    static Ending of(RunStatus status, @Nullable String summary) {
        return new Ending(
                status, summary, Map.of(), Phase.UNDOING, null, List.of(), List.of(), false, false);
    }

    Ending withOutput(Map<String, @Nullable Object> result) {
        return new Ending(
                status, summary, result, phase, undoing, undone, notUndone, resumable, hurried);
    }

    Ending as(RunStatus other, @Nullable String said) {
        return new Ending(other, said, output, phase, undoing, undone, notUndone, false, hurried);
    }

    Ending thatCanResume(boolean can) {
        return new Ending(status, summary, output, phase, undoing, undone, notUndone, can, hurried);
    }

    Ending inHurry() {
        return new Ending(
                status, summary, output, phase, undoing, undone, notUndone, resumable, true);
    }

    Ending at(Phase now, @Nullable String step) {
        return new Ending(
                status, summary, output, now, step, undone, notUndone, resumable, hurried);
    }

    Ending undone(String step) {
        var more = new ArrayList<>(undone);
        more.add(step);
        return new Ending(status, summary, output, phase, null, more, notUndone, false, hurried);
    }

    Ending notUndone(String sentence) {
        var more = new ArrayList<>(notUndone);
        more.add(sentence);
        return new Ending(status, summary, output, phase, null, undone, more, false, hurried);
    }
}
