package io.cybershield.flow;

/**
 * What a run's expressions see of the run itself.
 *
 * @param run its id
 * @param tenant id of its tenant
 * @param seed of its retry jitter
 */
public record RunIdentity(String run, long number, String workflow, String tenant, long seed) {
    static RunIdentity simulated(Drawing drawing) {
        return new RunIdentity("simulated", 1, drawing.name(), "simulated", 1);
    }
}
