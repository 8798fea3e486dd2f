package io.cybershield.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Says in words how a run ended. */
final class Report {
    private final Graph graph;
    private final Map<String, StepState> steps;

    Report(Graph graph, Map<String, StepState> steps) {
        this.graph = graph;
        this.steps = Map.copyOf(steps);
    }

    String summary() {
        long done = count(StepStatus.SUCCEEDED);
        var acted = steps.keySet().stream().anyMatch(this::acted);
        var deadEnds = deadEnds();
        if (!acted && !deadEnds.isEmpty()) {
            return "No branch matched, so nothing was done.";
        }
        return done
                + (done == 1 ? " step succeeded, " : " steps succeeded, ")
                + count(StepStatus.FAILED)
                + " failed, "
                + count(StepStatus.SKIPPED)
                + " skipped.";
    }

    List<String> notes() {
        var notes = new ArrayList<>(deadEnds());
        for (var key : graph.keys()) {
            var step = steps.get(key);
            if (step == null) {
                continue;
            }
            var port = step.port();
            if (step.status() == StepStatus.FAILED && port != null && !port.equals(Ports.ERROR)) {
                notes.add("Step '" + key + "' failed and was passed over: " + step.note());
            }
            if (step.mayHaveHappened()) {
                notes.add("Whether step '" + key + "' took effect is not known.");
            }
        }
        return notes;
    }

    private List<String> deadEnds() {
        var found = new ArrayList<String>();
        for (var key : graph.keys()) {
            var step = steps.get(key);
            var port = step == null ? null : step.port();
            if (port != null && !graph.outOf(key).isEmpty() && !graph.isDrawn(key, port)) {
                found.add("Step '" + key + "' left by '" + port + "', where nothing is connected.");
            }
        }
        return found;
    }

    private boolean acted(String key) {
        var step = steps.get(key);
        return step != null
                && graph.is(key, NodeType.Behaviour.ATTEMPT)
                && step.status() != StepStatus.SKIPPED;
    }

    private long count(StepStatus status) {
        return steps.values().stream().filter(step -> step.status() == status).count();
    }
}
