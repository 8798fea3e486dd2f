package io.cybershield.engine;

import java.util.ArrayList;
import java.util.List;

/** Says in words how a run ended. */
final class Report {
    private final Graph graph;
    private final RunDraft run;

    Report(Graph graph, RunDraft run) {
        this.graph = graph;
        this.run = run;
    }

    String summary() {
        var tally = run.tally();
        if (tally.acted() == 0 && run.frames().values().stream().anyMatch(this::hasDeadEnd)) {
            return "No branch matched, so nothing was done.";
        }
        return tally.succeeded()
                + (tally.succeeded() == 1 ? " step succeeded, " : " steps succeeded, ")
                + tally.failed()
                + " failed, "
                + tally.skipped()
                + " skipped.";
    }

    List<String> notes() {
        var notes = new ArrayList<String>();
        for (var frame : run.frames().values()) {
            notes.addAll(deadEnds(frame));
        }
        notes.addAll(run.remarks());
        for (var frame : run.frames().values()) {
            notes.addAll(remarksOf(frame));
        }
        return notes;
    }

    /** What must be told of a round though its steps are forgotten. */
    List<String> remarksOf(Frame frame) {
        var notes = new ArrayList<String>();
        for (var step : frame.steps().values()) {
            var port = step.port();
            if (step.status() == StepStatus.FAILED && port != null && !port.equals(Ports.ERROR)) {
                notes.add("Step '" + step.id() + "' failed and was passed over: " + step.note());
            }
            if (step.mayHaveHappened()) {
                notes.add("Whether step '" + step.id() + "' took effect is not known.");
            }
        }
        return notes;
    }

    private boolean hasDeadEnd(Frame frame) {
        return !deadEnds(frame).isEmpty();
    }

    private List<String> deadEnds(Frame frame) {
        var found = new ArrayList<String>();
        for (var step : frame.steps().values()) {
            var port = step.port();
            var key = step.key();
            boolean leads =
                    graph.outOf(key).stream()
                            .anyMatch(edge -> !Graph.isAside(edge) && !graph.entersBody(edge));
            if (port != null && leads && !graph.isDrawn(key, port)) {
                found.add(
                        "Step '"
                                + step.id()
                                + "' left by '"
                                + port
                                + "', where nothing is connected.");
            }
        }
        return found;
    }
}
