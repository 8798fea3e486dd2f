package io.cybershield.engine;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended, in words.
 *
 * @param summary one sentence
 * @param notes what a reader should know besides: branches that led nowhere, failures passed over,
 *     attempts whose effect is not known
 * @param output what an end node gave as the result; empty without one
 * @param failed steps that failed for good, 1,000 at most
 * @param undone ids of steps that were undone, in that order
 * @param notUndone sentences about those that could not be undone
 * @param resumable whether {@link Event.RunResumed} may take it up again
 */
public record RunResult(
        String summary,
        List<String> notes,
        Map<String, @Nullable Object> output,
        List<DeadLetter> failed,
        List<String> undone,
        List<String> notUndone,
        boolean resumable) {
    public RunResult {
        notes = List.copyOf(notes);
        output = Values.frozen(output);
        failed = List.copyOf(failed);
        undone = List.copyOf(undone);
        notUndone = List.copyOf(notUndone);
    }

    /** Of a run in which nothing failed and nothing was undone. */
    public RunResult(String summary, List<String> notes) {
        this(summary, notes, Map.of(), List.of(), List.of(), List.of(), false);
    }
}
