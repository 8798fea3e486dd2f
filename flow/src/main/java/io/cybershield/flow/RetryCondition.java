package io.cybershield.flow;

import io.cybershield.engine.Node;
import io.cybershield.engine.Outcome;
import java.util.LinkedHashMap;
import java.util.Map;

/** Asks a node's own condition whether a failed attempt is worth another one. */
final class RetryCondition {
    /** What the condition sees besides the run's data. */
    static final String FAILURE = "failure";

    private RetryCondition() {}

    /**
     * The outcome as the node's condition has it. A failure certainly had no effect, so a repeat
     * does no harm whatever the connector thinks of it. Where the condition cannot be computed, the
     * connector's word stands and the failure says so.
     *
     * @param attempt number of the one that failed, from 1
     */
    static Outcome judged(
            Node node, Outcome outcome, RunContext context, int attempt, Expressions expressions) {
        String condition = node.retry().retryOn();
        if (condition == null || !(outcome instanceof Outcome.Failed failed)) {
            return outcome;
        }
        var values = new LinkedHashMap<>(context.values());
        values.put(
                FAILURE,
                Map.of(
                        "reason", failed.reason(),
                        "retryable", failed.retryable(),
                        "attempt", (long) attempt));
        try {
            return new Outcome.Failed(
                    failed.reason(), expressions.test(condition, values), failed.notBefore());
        } catch (Expressions.BadExpression e) {
            return new Outcome.Failed(
                    failed.reason()
                            + " (whether to try again is not known: "
                            + e.getMessage()
                            + ")",
                    failed.retryable(),
                    failed.notBefore());
        }
    }
}
