package io.cybershield.workflow;

import java.time.Instant;
import org.springframework.stereotype.Component;

/** Timers of a run that are for the people it waits for, not for its engine. */
@Component
final class Alarms {
    private final ApprovalAlarms approvals;
    private final Tasks tasks;

    Alarms(ApprovalAlarms approvals, Tasks tasks) {
        this.approvals = approvals;
        this.tasks = tasks;
    }

    /** True if the timer is one of those; what it is for is done then. */
    boolean rings(String timer, Instant now) {
        return approvals.rings(timer, now) || tasks.rings(timer, now);
    }
}
