package io.cybershield.workflow;

import io.cybershield.live.Live;
import io.cybershield.live.Live.Message;
import io.cybershield.platform.TenantId;
import java.util.List;
import org.springframework.stereotype.Component;

/** Says what of a run's progress goes to which live topic. */
@Component
final class WorkflowLive {
    private final Live live;
    private final RunEnds ends;

    WorkflowLive(Live live, RunEnds ends) {
        this.live = live;
        this.ends = ends;
        live.on(
                ApprovalChanged.class,
                (_, changed) ->
                        List.of(
                                new Message(
                                        "approvals",
                                        changed.approval().state().equals("waiting")
                                                ? "approval.opened"
                                                : "approval.decided",
                                        changed.approval())));
        live.on(
                TaskChanged.class,
                (_, changed) -> List.of(new Message("tasks", "task.changed", changed.task())));
    }

    /** Whether somebody may be looking at the run itself. */
    boolean isWatched(TenantId tenant, RunId run) {
        return live.reaches(tenant, "run:" + run);
    }

    /** A run ended; whoever waits for it on this node hears of it after the commit. */
    void ended(RunId run) {
        ends.ended(run);
    }

    /** A run went on; goes out after the commit. */
    void progressed(TenantId tenant, RunView run, List<StepView> steps) {
        String own = "run:" + run.id();
        steps.forEach(step -> live.push(tenant, own, "step.changed", step));
        changed(tenant, run);
    }

    /** A run's line is another; goes out after the commit. */
    void changed(TenantId tenant, RunView run) {
        live.push(tenant, "run:" + run.id(), "run.changed", run);
        began(tenant, run);
    }

    /** A run that nobody can be looking at yet; goes out after the commit. */
    void began(TenantId tenant, RunView run) {
        live.push(tenant, "runs", "run.changed", run);
    }
}
