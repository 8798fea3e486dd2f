package io.cybershield.workflow.debug;

import io.cybershield.flow.Descriptions;
import io.cybershield.flow.Drawing;
import io.cybershield.flow.WorkflowFile.BadFile;
import io.cybershield.flow.WorkflowTests;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.Problems;
import io.cybershield.workflow.PublishGate;
import io.cybershield.workflow.Workflows;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Runs the tests of workflows, and lets a draft be published only while they pass, where it says
 * so.
 */
@Component
final class TestGate implements PublishGate {
    private final BenchStore store;
    private final Descriptions kinds;
    private final Desk desk;

    TestGate(BenchStore store, Descriptions kinds, Desk desk) {
        this.store = store;
        this.kinds = kinds;
        this.desk = desk;
    }

    static WorkflowTests read(String text) {
        try {
            return WorkflowTests.read(text);
        } catch (BadFile e) {
            throw Problems.INVALID.because(
                    "The tests cannot be read.",
                    List.of(new Place("#/text", String.valueOf(e.getMessage()))));
        }
    }

    WorkflowTests.Summary test(String text, Drawing drawing) {
        var tests = read(text.isBlank() ? "cases: []" : text);
        return desk.at(watch -> tests.run(drawing, kinds, Desk.MOST_EVENTS, watch));
    }

    @Override
    public void check(Workflows.Held draft) {
        var bench = store.get(draft.id());
        if (!bench.gate()) {
            return;
        }
        var summary = test(bench.tests(), draft.draft());
        var places = new ArrayList<Place>();
        for (var result : summary.results()) {
            result.failures()
                    .forEach(f ->
                            places.add(
                                    new Place("line " + result.line(), result.name() + ": " + f)));
        }
        summary.shortfall().forEach(s -> places.add(new Place("coverage", s)));
        if (summary.results().isEmpty()) {
            places.add(new Place("cases", "There are none. Add a case, or open the gate."));
        }
        if (!places.isEmpty()) {
            throw DebugProblems.TESTS_FAILED.because(
                    "This workflow is published only while its tests pass.", places);
        }
    }
}
