package io.cybershield.engine;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where steps live: the run itself, or one round of a loop while it lasts.
 *
 * @param id see {@link StepId}; {@code ""} is the run
 * @param index number of the round from zero; -1 for the run
 * @param item what a for-each is at; null for the run and in a while
 * @param steps those reached so far, by node key
 * @param settled how many of them have ended, steps that undo not among them
 */
public record Frame(
        String id, int index, @Nullable Object item, Map<String, StepState> steps, int settled) {

    public Frame {
        steps = Tree.of(steps);
    }

    static Frame round(String loopStep, int index, @Nullable Object item) {
        return new Frame(StepId.round(loopStep, index), index, item, Tree.empty(), 0);
    }

    public Optional<StepState> step(String key) {
        return Optional.ofNullable(steps.get(key));
    }

    Frame with(StepState step, int settledMore) {
        return new Frame(
                id, index, item, Tree.of(steps).with(step.key(), step), settled + settledMore);
    }

    Frame without(String key, int settledMore) {
        return new Frame(id, index, item, Tree.of(steps).without(key), settled + settledMore);
    }
}
