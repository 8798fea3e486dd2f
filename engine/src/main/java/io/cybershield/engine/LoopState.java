package io.cybershield.engine;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far a loop has come. Rounds that are over are kept as their result only.
 *
 * @param step id of the loop's own step
 * @param items of a for-each; empty in a while
 * @param next number of the next round to begin
 * @param open rounds going on
 * @param results output of each round that ended well, by its number; a while keeps the last only
 * @param errors why rounds failed, by their number
 */
public record LoopState(
        String step,
        List<@Nullable Object> items,
        int next,
        int open,
        Map<Integer, Map<String, @Nullable Object>> results,
        Map<Integer, String> errors) {

    public LoopState {
        results = Tree.of(results);
        errors = Tree.of(errors);
    }

    static LoopState over(String step, List<@Nullable Object> items) {
        return new LoopState(step, items, 0, 0, Tree.empty(), Tree.empty());
    }

    boolean hasMore() {
        return next < items.size();
    }

    LoopState begun() {
        return new LoopState(step, items, next + 1, open + 1, results, errors);
    }

    LoopState succeeded(int round, Map<String, @Nullable Object> output) {
        return new LoopState(
                step, items, next, open - 1, Tree.of(results).with(round, output), errors);
    }

    /** As {@link #succeeded}, forgetting the rounds before. */
    LoopState succeededLast(int round, Map<String, @Nullable Object> output) {
        return new LoopState(
                step,
                items,
                next,
                open - 1,
                Tree.<Integer, Map<String, @Nullable Object>>empty().with(round, output),
                errors);
    }

    LoopState failed(int round, String reason) {
        return new LoopState(
                step, items, next, open - 1, results, Tree.of(errors).with(round, reason));
    }
}
