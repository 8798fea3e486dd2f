package io.cybershield.policy;

import io.cybershield.platform.TenantId;
import java.util.UUID;

/**
 * Who asks.
 *
 * @param clearance up to which classification, 0 to 3
 * @param roleEnded the time for which the role was given is over
 */
public record Subject(
        UUID account, TenantId tenant, String role, long clearance, boolean roleEnded) {}
