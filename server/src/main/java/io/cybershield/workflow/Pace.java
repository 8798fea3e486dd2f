package io.cybershield.workflow;

import io.cybershield.connector.Connector;
import io.cybershield.engine.Outcome;
import io.cybershield.workflow.DispatchStore.Pointer;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts steps off that must not go now. */
interface Pace {
    /**
     * Whether the step must wait because its connection takes nothing now; its pointer then is put
     * off.
     *
     * @param config rendered, without secrets
     */
    boolean hold(
            RunTurn turn,
            Pointer by,
            Connector connector,
            Map<String, @Nullable Object> config,
            Instant now);

    /** What came of a call; outside any transaction. */
    void told(Connector connector, Connector.Call call, Outcome outcome);
}
