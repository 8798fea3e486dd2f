package io.cybershield.workflow.insight;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.flow.Descriptions;
import io.cybershield.flow.Drawing;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.Workflows;
import io.cybershield.workflow.insight.Figures.OfApproval;
import io.cybershield.workflow.insight.Figures.OfNode;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** How a workflow does. */
@RestController
@RunsIn(Role.WEB)
class InsightController {
    static final int MOST_DAYS = 90;
    private final InsightStore store;
    private final Workflows workflows;
    private final Descriptions kinds;
    private final Transactions transactions;
    private final Access access;
    private final Clock clock;

    InsightController(
            InsightStore store,
            Workflows workflows,
            Descriptions kinds,
            Transactions transactions,
            Access access,
            Clock clock) {
        this.store = store;
        this.workflows = workflows;
        this.kinds = kinds;
        this.transactions = transactions;
        this.access = access;
        this.clock = clock;
    }

    /** In milliseconds; null of nothing. */
    @Schema(name = "Percentiles")
    record PercentilesView(@Nullable Long p50, @Nullable Long p95, @Nullable Long p99) {
        static PercentilesView of(Figures.Percentiles p) {
            return new PercentilesView(p.p50(), p.p95(), p.p99());
        }
    }

    /**
     * @param counted how many of the newest the figures are of
     */
    record RunFigures(
            int total,
            int counted,
            int succeeded,
            int failed,
            int cancelled,
            int live,
            PercentilesView durations) {}

    /**
     * @param name null when the version in use has it no more
     * @param helped of the retried steps, those that succeeded in the end
     * @param retries attempts beyond the first
     */
    record NodeFigures(
            String key,
            @Nullable String name,
            @Nullable String type,
            int steps,
            int succeeded,
            int failed,
            int skipped,
            int inDoubt,
            int retried,
            int helped,
            int retries,
            PercentilesView durations) {}

    record ApprovalFigures(
            String key,
            @Nullable String name,
            int asked,
            int granted,
            int declined,
            int timedOut,
            PercentilesView waits) {}

    /** As it is now. */
    record QueueFigures(
            int queuedRuns, PercentilesView runAges, int dueSteps, PercentilesView stepAges) {}

    record FactView(String what, String value) {}

    /**
     * @param nodes keys of those that it is about
     * @param runs some in which it was to be seen
     */
    record AdviceView(
            String code,
            List<String> nodes,
            String text,
            String mend,
            List<FactView> evidence,
            List<UUID> runs) {}

    /**
     * @param version in use, whose drawing the advice is about; null for the draft of a workflow
     *     that is not published
     */
    record WorkflowInsights(
            Instant since,
            int days,
            @Nullable Integer version,
            RunFigures runs,
            List<NodeFigures> nodes,
            List<ApprovalFigures> approvals,
            QueueFigures queue,
            List<AdviceView> advice) {}

    /**
     * Figures of the runs that began in the last days, and what follows from them.
     *
     * @param days 1 to 90; 30 when absent
     */
    @GetMapping("/api/v1/workflows/{id}/insights")
    WorkflowInsights insights(
            @PathVariable UUID id, @RequestParam(required = false) @Nullable Integer days) {
        access.require("workflow:read");
        int span = days == null ? 30 : Math.clamp(days, 1, MOST_DAYS);
        Instant now = clock.instant();
        Instant since = now.minus(Duration.ofDays(span));
        return transactions.call(() -> {
            var workflow = workflows.get(id);
            Drawing drawing =
                    workflow.published() == null ? workflow.draft() : workflow.published();
            var figures =
                    new Figures(
                            store.runs(id, since),
                            store.nodes(id, since),
                            store.approvals(id, since),
                            store.queue(id, now));
            return new WorkflowInsights(
                    since,
                    span,
                    workflow.version(),
                    new RunFigures(
                            figures.runs().total(),
                            figures.runs().counted(),
                            figures.runs().succeeded(),
                            figures.runs().failed(),
                            figures.runs().cancelled(),
                            figures.runs().live(),
                            PercentilesView.of(figures.runs().durations())),
                    figures.nodes().stream().map(n -> view(n, drawing)).toList(),
                    figures.approvals().stream().map(a -> view(a, drawing)).toList(),
                    new QueueFigures(
                            figures.queue().queuedRuns(),
                            PercentilesView.of(figures.queue().runAges()),
                            figures.queue().dueSteps(),
                            PercentilesView.of(figures.queue().stepAges())),
                    Advisor.advise(drawing, kinds, figures).stream()
                            .map(a ->
                                    new AdviceView(
                                            a.code(),
                                            a.nodes(),
                                            a.text(),
                                            a.mend(),
                                            a.evidence().stream()
                                                    .map(f -> new FactView(f.what(), f.value()))
                                                    .toList(),
                                            a.runs()))
                            .toList());
        });
    }

    private static NodeFigures view(OfNode n, Drawing drawing) {
        var box = drawing.nodes().stream().filter(b -> b.key().equals(n.key())).findFirst();
        return new NodeFigures(
                n.key(),
                box.map(Drawing.Box::name).orElse(null),
                box.map(Drawing.Box::type).orElse(null),
                n.steps(),
                n.succeeded(),
                n.failed(),
                n.skipped(),
                n.inDoubt(),
                n.retried(),
                n.helped(),
                n.retries(),
                PercentilesView.of(n.durations()));
    }

    private static ApprovalFigures view(OfApproval a, Drawing drawing) {
        return new ApprovalFigures(
                a.key(),
                drawing.nodes().stream()
                        .filter(b -> b.key().equals(a.key()))
                        .map(Drawing.Box::name)
                        .findFirst()
                        .orElse(null),
                a.asked(),
                a.granted(),
                a.declined(),
                a.timedOut(),
                PercentilesView.of(a.waits()));
    }
}
