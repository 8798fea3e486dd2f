package io.cybershield.engine;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a decision binds to: the exact actions, as they would be done. The same actions have the
 * same hash, whatever order their settings were written or stored in.
 */
public final class ActionHash {
    private static final String FORM = "cybershield-action-1\n";

    private ActionHash() {}

    /**
     * @param run and the step and epoch that ask: a decision is good for this one question
     * @param workflowHash of the version that the run is pinned to
     * @param actions rendered settings, by id of the step that will act
     */
    public static String of(
            String run,
            String step,
            long epoch,
            String workflowHash,
            Map<String, ? extends Map<String, @Nullable Object>> actions) {
        return CanonicalText.sha256(
                FORM
                        + CanonicalText.of(
                                Map.of(
                                        "run",
                                        run,
                                        "step",
                                        step,
                                        "epoch",
                                        epoch,
                                        "workflow",
                                        workflowHash,
                                        "actions",
                                        actions)));
    }

    /** Whether two actions are the same in every setting. */
    public static boolean same(
            Map<String, @Nullable Object> one, Map<String, @Nullable Object> other) {
        return CanonicalText.of(one).equals(CanonicalText.of(other));
    }
}
