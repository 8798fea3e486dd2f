package io.cybershield.workflow;

import io.cybershield.flow.RunContext;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The people a run asks; in the transaction of the turn that asks them. */
interface Asks {
    void open(
            RunView run,
            Versions.Ready version,
            String step,
            long epoch,
            @Nullable Instant due,
            RunContext context,
            Instant at);

    void withdraw(RunId run, String step, long epoch, boolean timedOut);

    /**
     * Why a destructive step must not act with this configuration; empty when somebody allowed just
     * that.
     */
    Optional<String> objection(RunId run, String node, Map<String, @Nullable Object> config);
}
