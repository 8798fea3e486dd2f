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

    WorkflowLive(Live live) {
        this.live = live;
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
