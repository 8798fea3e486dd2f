package io.cybershield.access;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What decisions depend on besides a person's role.
 *
 * @param roleUntil when the role ends; null if it does not
 * @param clearance up to which classification, 0 to 3
 * @param factorsAt when both factors were given; null if that is not known
 * @param network address that is asked from; empty if not known
 */
public record Standing(
        @Nullable Instant roleUntil, int clearance, @Nullable Instant factorsAt, String network) {
    /** The least that can be. */
    static final Standing UNKNOWN = new Standing(null, 0, null, "");

    boolean roleEnded(Instant now) {
        return roleUntil != null && !now.isBefore(roleUntil);
    }
}
