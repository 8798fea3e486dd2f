package io.cybershield.workflow;

import io.cybershield.connector.Connector.Call;
import io.cybershield.engine.Outcome;
import io.cybershield.flow.Description;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An action on our own database: done in the very transaction that records its outcome, so it
 * happens exactly once.
 */
interface LocalAction {
    Description description();

    /** In the tenant's scope and an open transaction; a throw rolls back and is tried again. */
    Outcome act(Call call, Facts run);

    /**
     * @param incident the run's incident; null when it has none
     */
    record Facts(RunId run, String step, String workflowName, @Nullable UUID incident) {}
}
