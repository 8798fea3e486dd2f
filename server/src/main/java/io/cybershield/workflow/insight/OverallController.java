package io.cybershield.workflow.insight;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.engine.NodeType.Behaviour;
import io.cybershield.flow.Descriptions;
import io.cybershield.flow.Drawing;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.Workflows;
import io.cybershield.workflow.insight.InsightController.FactView;
import io.cybershield.workflow.insight.InsightController.PercentilesView;
import io.cybershield.workflow.insight.InsightController.QueueFigures;
import io.cybershield.workflow.insight.InsightController.RunFigures;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** How all workflows of a company did. */
@RestController
@RunsIn(Role.WEB)
class OverallController {
    private static final int MOST_WORKFLOWS = 50;

    /** Drawings that are looked at for advice: those with most runs. */
    private static final int MOST_ADVISED = 20;

    private static final int MOST_LINES = 10;
    private final OverallStore store;
    private final InsightStore ofOne;
    private final Workflows workflows;
    private final Descriptions kinds;
    private final Transactions transactions;
    private final Access access;
    private final Clock clock;

    OverallController(
            OverallStore store,
            InsightStore ofOne,
            Workflows workflows,
            Descriptions kinds,
            Transactions transactions,
            Access access,
            Clock clock) {
        this.store = store;
        this.ofOne = ofOne;
        this.workflows = workflows;
        this.kinds = kinds;
        this.transactions = transactions;
        this.access = access;
        this.clock = clock;
    }

    /** One workflow's line. */
    record WorkflowFigures(
            UUID id, String name, int runs, int failed, int live, PercentilesView durations) {}

    /**
     * @param retried that took more than one attempt
     * @param helped of these, those that succeeded in the end
     */
    record StepFigures(int steps, int retried, int helped) {}

    /**
     * @param over that have ended, and their durations in {@code waits}
     * @param open that go on
     * @param oldest since when the oldest of these waits
     */
    record WaitFigures(int over, PercentilesView waits, int open, @Nullable Instant oldest) {
        static WaitFigures of(OverallStore.Waits w) {
            return new WaitFigures(w.over(), PercentilesView.of(w.waits()), w.open(), w.oldest());
        }
    }

    record SlowNode(
            UUID workflowId,
            String workflowName,
            String key,
            String name,
            String type,
            int steps,
            PercentilesView durations) {}

    /**
     * @param run the newest in which it was
     */
    record TopFailure(
            UUID workflowId,
            String workflowName,
            String key,
            String name,
            String reason,
            int count,
            UUID run,
            long number) {}

    record OverallAdvice(
            UUID workflowId,
            String workflowName,
            String code,
            List<String> nodes,
            String text,
            String mend,
            List<FactView> evidence,
            List<UUID> runs) {}

    record OverallInsights(
            Instant since,
            int days,
            RunFigures runs,
            StepFigures steps,
            List<WorkflowFigures> workflows,
            WaitFigures approvals,
            WaitFigures tasks,
            WaitFigures waits,
            QueueFigures queue,
            List<SlowNode> slowest,
            List<TopFailure> failures,
            List<OverallAdvice> advice) {}

    /**
     * Figures of the runs that began in the last days, over all workflows, and what follows from
     * them.
     *
     * @param days 1 to 90; 30 when absent
     */
    @GetMapping("/api/v1/workflow-insights")
    OverallInsights insights(@RequestParam(required = false) @Nullable Integer days) {
        access.require("workflow:read");
        int span = days == null ? 30 : Math.clamp(days, 1, InsightController.MOST_DAYS);
        Instant now = clock.instant();
        Instant since = now.minus(Duration.ofDays(span));
        return transactions.call(() -> {
            var runs = store.runs(since);
            var steps = store.steps(since);
            var queue = store.queue(now);
            var lines = store.workflows(since, MOST_WORKFLOWS);
            return new OverallInsights(
                    since,
                    span,
                    new RunFigures(
                            runs.total(),
                            runs.counted(),
                            runs.succeeded(),
                            runs.failed(),
                            runs.cancelled(),
                            runs.live(),
                            PercentilesView.of(runs.durations())),
                    new StepFigures(steps.steps(), steps.retried(), steps.helped()),
                    lines.stream()
                            .map(w ->
                                    new WorkflowFigures(
                                            w.id(),
                                            w.name(),
                                            w.runs(),
                                            w.failed(),
                                            w.live(),
                                            PercentilesView.of(w.durations())))
                            .toList(),
                    WaitFigures.of(store.approvals(since)),
                    WaitFigures.of(store.tasks(since)),
                    WaitFigures.of(store.machines(since)),
                    new QueueFigures(
                            queue.queuedRuns(),
                            PercentilesView.of(queue.runAges()),
                            queue.dueSteps(),
                            PercentilesView.of(queue.stepAges())),
                    store.slowest(since, acting(), MOST_LINES).stream()
                            .map(s ->
                                    new SlowNode(
                                            s.workflow(),
                                            s.workflowName(),
                                            s.key(),
                                            s.name(),
                                            s.type(),
                                            s.steps(),
                                            PercentilesView.of(s.durations())))
                            .toList(),
                    store.failures(since, MOST_LINES).stream()
                            .map(f ->
                                    new TopFailure(
                                            f.workflow(),
                                            f.workflowName(),
                                            f.key(),
                                            f.name(),
                                            f.reason(),
                                            f.count(),
                                            f.run(),
                                            f.number()))
                            .toList(),
                    advice(lines, since, now));
        });
    }

    /** Types whose steps act or compute; those that wait, ask or go round take time by design. */
    private List<String> acting() {
        return kinds.list().stream()
                .filter(kind ->
                        kind.type().behaviour() == Behaviour.ATTEMPT
                                || kind.type().behaviour() == Behaviour.EVALUATE)
                .map(kind -> kind.type().key())
                .toList();
    }

    private List<OverallAdvice> advice(
            List<OverallStore.OfWorkflow> lines, Instant since, Instant now) {
        var found = new ArrayList<OverallAdvice>();
        for (var line : lines.subList(0, Math.min(MOST_ADVISED, lines.size()))) {
            var workflow = workflows.get(line.id());
            Drawing drawing =
                    workflow.published() == null ? workflow.draft() : workflow.published();
            var figures =
                    new Figures(
                            ofOne.runs(line.id(), since),
                            ofOne.nodes(line.id(), since),
                            ofOne.approvals(line.id(), since),
                            ofOne.queue(line.id(), now));
            for (Advice a : Advisor.advise(drawing, kinds, figures)) {
                found.add(
                        new OverallAdvice(
                                line.id(),
                                workflow.name(),
                                a.code(),
                                a.nodes(),
                                a.text(),
                                a.mend(),
                                a.evidence().stream()
                                        .map(f -> new FactView(f.what(), f.value()))
                                        .toList(),
                                a.runs()));
            }
        }
        return found;
    }
}
