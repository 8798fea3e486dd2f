package io.cybershield.workflow.insight;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a workflow's runs of some days came to. All durations in milliseconds. */
record Figures(Runs runs, List<OfNode> nodes, List<OfApproval> approvals, Queue queue) {
    /** Of a set of durations; null of none. */
    record Percentiles(@Nullable Long p50, @Nullable Long p95, @Nullable Long p99) {
        static final Percentiles NONE = new Percentiles(null, null, null);
    }

    /**
     * @param counted how many of the newest were looked at; others are left out
     */
    record Runs(
            int total,
            int counted,
            int succeeded,
            int failed,
            int cancelled,
            int live,
            Percentiles durations) {}

    /**
     * @param steps that were begun, each round of a loop by itself
     * @param retried steps that took more than one attempt
     * @param helped of these, how many succeeded in the end
     * @param retries attempts beyond the first, over all steps
     * @param durations from the first attempt to the end, waits between attempts included
     * @param failedRuns the newest in which it failed
     */
    record OfNode(
            String key,
            int steps,
            int succeeded,
            int failed,
            int skipped,
            int inDoubt,
            int retried,
            int helped,
            int retries,
            Percentiles durations,
            List<UUID> failedRuns) {}

    /**
     * @param waits from question to decision
     */
    record OfApproval(
            String key, int asked, int granted, int declined, int timedOut, Percentiles waits) {}

    /**
     * @param queuedRuns that the limits hold back now
     * @param dueSteps that no worker has taken yet
     */
    record Queue(int queuedRuns, Percentiles runAges, int dueSteps, Percentiles stepAges) {}
}
