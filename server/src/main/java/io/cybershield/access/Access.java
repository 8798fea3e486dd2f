package io.cybershield.access;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;

/** What other contexts ask about the person behind the current request. */
@Component
public final class Access {
    private final Policy policy;
    private final AuditTrail audit;

    Access(Policy policy, AuditTrail audit) {
        this.policy = policy;
        this.audit = audit;
    }

    /** The person, if the request has a session with both factors. */
    public Optional<SignedIn> current() {
        var authentication = SecurityContextHolder.getContext().getAuthentication();
        return authentication != null && authentication.getPrincipal() instanceof SignedIn person
                ? Optional.of(person)
                : Optional.empty();
    }

    /** Names of the roles that have a permission. */
    public Set<String> rolesWith(String permission) {
        return Set.copyOf(policy.rolesThatGrant(permission));
    }

    /**
     * The person, if permitted; a denial is audited.
     *
     * @param permission such as {@code incident:write}
     * @throws io.cybershield.platform.ProblemException {@code not-signed-in} or {@code denied}
     */
    public SignedIn require(String permission) {
        SignedIn person =
                current()
                        .orElseThrow(() ->
                                AccessProblems.NOT_SIGNED_IN.because(
                                        "Sign in with both factors first."));
        boolean inScope = person.key() == null || person.permissions().contains(permission);
        if (inScope && policy.permits(person, permission, person.tenant())) {
            return person;
        }
        audit.appendSeparately(
                "access.denied",
                "permission:" + permission,
                Outcome.DENIED,
                Map.of("role", person.role()));
        if (!inScope) {
            throw AccessProblems.DENIED.because(
                    "This needs the permission '"
                            + permission
                            + "', which is not among what this key may do. Make a key with it.",
                    Map.of(
                            "permission",
                            permission,
                            "grantedBy",
                            policy.rolesThatGrant(permission)));
        }
        throw AccessProblems.DENIED.because(
                "This needs the permission '"
                        + permission
                        + "', which your role '"
                        + person.role()
                        + "' does not have. Ask an administrator of your company.",
                Map.of("permission", permission, "grantedBy", policy.rolesThatGrant(permission)));
    }
}
