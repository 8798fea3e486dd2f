package io.cybershield.access;

import io.cybershield.platform.Principal;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A person's account as the sign-in needs it; never leaves this package.
 *
 * @param totpSecret sealed; null until the second factor is set up
 * @param totpPending sealed; shown but not yet confirmed
 * @param totpStep last time step used
 * @param mfaAt since when there is a second factor, whichever
 * @param credentials counts up whenever sessions opened before must end
 * @param sessionBounds what the tenant says of the lives of sessions; null if nothing
 * @param roleUntil when the role ends; null if it does not
 * @param clearance up to which classification, 0 to 3
 * @param suspended why the company is suspended, where that alone keeps the account out; null if it
 *     is not
 * @param policyEpoch counts the changes of the tenant's roles and policies
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; arrays are never changed
record Account(
        UUID id,
        TenantId tenant,
        String tenantName,
        String email,
        String name,
        String role,
        boolean active,
        String passwordHash,
        byte @Nullable [] totpSecret,
        byte @Nullable [] totpPending,
        long totpStep,
        @Nullable Instant mfaAt,
        int credentials,
        Instant passwordAt,
        boolean hasPasskey,
        @Nullable SessionBounds sessionBounds,
        @Nullable Instant roleUntil,
        int clearance,
        long policyEpoch,
        @Nullable Suspension suspended) {
    /** Of the account's company, in the operator's words. */
    record Suspension(String reason, Instant since) {
        ProblemException refusal() {
            return AccessProblems.COMPANY_SUSPENDED.because(
                    "Suspended since " + since.truncatedTo(ChronoUnit.SECONDS) + ": " + reason);
        }
    }

    boolean hasSecondFactor() {
        return mfaAt != null;
    }

    Scope scope() {
        return Scope.tenant(tenant, new Principal(Principal.Kind.USER, id.toString(), name));
    }

    String totpPurpose() {
        return "totp|" + id;
    }

    @Override
    public String toString() {
        return "Account[" + id + "]";
    }
}
