package io.cybershield.engine;

import java.util.List;

/**
 * How a run ended, in words.
 *
 * @param summary one sentence
 * @param notes what a reader should know besides: branches that led nowhere, failures passed over,
 *     attempts whose effect is not known
 */
public record RunResult(String summary, List<String> notes) {
    public RunResult {
        notes = List.copyOf(notes);
    }
}
