package io.cybershield.engine;

import java.time.Instant;

/**
 * What one person said in one stage.
 *
 * @param by id of who pressed the button
 * @param inPlaceOf id of whose vote it is: the same, or whoever lent it
 * @param action hash of what was shown; only votes on what would happen now count
 */
public record ApprovalVote(
        int stage, String by, String inPlaceOf, boolean approve, Instant at, String action) {}
