package io.cybershield.workflow;

import java.time.Instant;

/**
 * That somebody moved a run to a newer version of its workflow.
 *
 * @param from version that it was of
 * @param to version that it is of from then on
 */
public record RunMove(int from, int to, Instant at, String by, String reason) {}
