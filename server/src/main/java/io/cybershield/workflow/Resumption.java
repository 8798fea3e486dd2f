package io.cybershield.workflow;

import io.cybershield.engine.RunState;
import io.cybershield.engine.RunStatus;
import io.cybershield.engine.StepStatus;
import io.cybershield.flow.Drawing;
import java.util.List;
import java.util.Optional;

/** Whether a run that failed may go on where it failed, and if not, why. */
final class Resumption {
    private Resumption() {}

    /**
     * A sentence; empty when it may.
     *
     * @param awaited whether another run's step started it and was told that it failed
     */
    static Optional<String> objection(RunState state, Drawing drawing, boolean awaited) {
        var result = state.result();
        if (!state.status().isFinal() || result == null) {
            return Optional.of("It has not ended.");
        }
        if (state.status() == RunStatus.SUCCEEDED) {
            return Optional.of("It ended well; there is nothing to take up.");
        }
        if (state.status() == RunStatus.CANCELLED) {
            return Optional.of("Somebody stopped it, and what is stopped stays stopped.");
        }
        if (awaited) {
            return Optional.of(
                    "Another run started it, and was told that it failed. Take that run up: it"
                            + " starts this workflow again.");
        }
        if (result.resumable()) {
            return Optional.empty();
        }
        if (!result.undone().isEmpty() || !result.notUndone().isEmpty()) {
            return Optional.of(
                    "What it had done was taken back, so there is nothing left to go on from.");
        }
        if (drawing.nodes().stream().anyMatch(box -> box.type().equals(NodeKinds.FINALLY))) {
            return Optional.of(
                    "Its closing steps, those after 'Finally', have run, and they run once.");
        }
        return Optional.of("It ended as drawn, at an End node or before its first step.");
    }

    /** Ids of the steps that would be tried again. */
    static List<String> again(RunState state) {
        return state.steps().values().stream()
                .filter(step ->
                        step.status() == StepStatus.FAILED && step.port() == null
                                || step.status() == StepStatus.CANCELLED && step.cutOff())
                .map(step -> step.id())
                .toList();
    }
}
