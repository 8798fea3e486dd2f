package io.cybershield.workflow;

/**
 * Asked before a draft becomes a version, in the transaction that publishes it and under the
 * workflow's lock.
 */
public interface PublishGate {
    /**
     * @throws io.cybershield.platform.ProblemException if it may not be published as it is, or not
     *     by who acts
     */
    void check(Workflows.Held draft);
}
