package io.cybershield.access;

import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.policy.Answer;
import io.cybershield.policy.Thing;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;

/** What other contexts ask about the person behind the current request. */
@Component
public final class Access {
    private final Policy policy;
    private final DecisionLog decisions;
    private final Clock clock;

    Access(Policy policy, DecisionLog decisions, Clock clock) {
        this.policy = policy;
        this.decisions = decisions;
        this.clock = clock;
    }

    /** The person, if the request has a session with both factors. */
    public Optional<SignedIn> current() {
        var authentication = SecurityContextHolder.getContext().getAuthentication();
        return authentication != null && authentication.getPrincipal() instanceof SignedIn person
                ? Optional.of(person)
                : Optional.empty();
    }

    /** Names of the current tenant's roles that have a permission. */
    public Set<String> rolesWith(String permission) {
        return Set.copyOf(policy.rolesThatGrant(Scope.currentTenant(), permission));
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
        if (person.key() != null && !person.permissions().contains(permission)) {
            decisions.denied(person, permission, Answer.NO, policy.versionOf(person.tenant()));
            throw AccessProblems.DENIED.because(
                    "This needs the permission '"
                            + permission
                            + (person.key().token()
                                    ? "', which is not among what this token may do. Ask for a"
                                            + " token with this scope; who it acts for must have"
                                            + " the permission too."
                                    : "', which is not among what this key may do. Make a key with"
                                            + " it."),
                    Map.of(
                            "permission",
                            permission,
                            "grantedBy",
                            policy.rolesThatGrant(person.tenant(), permission)));
        }
        Answer answer = policy.decide(person, permission, Thing.companyOf(person.tenant()));
        int version = policy.versionOf(person.tenant());
        if (answer.permitted()) {
            decisions.permitted(person, permission, answer, version);
            return person;
        }
        decisions.denied(person, permission, answer, version);
        throw denied(person, permission, answer);
    }

    /** Whether somebody whom the company as a whole permits it may do it to one thing. */
    public boolean permits(SignedIn person, String permission, Function<TenantId, Thing> thing) {
        return policy.decide(person, permission, thing.apply(person.tenant())).permitted();
    }

    /**
     * Refuses what a policy forbids for this one thing; the company as a whole was asked about
     * before. A denial is audited.
     */
    public void requireFor(SignedIn person, String permission, Function<TenantId, Thing> thing) {
        Answer answer = policy.decide(person, permission, thing.apply(person.tenant()));
        if (!answer.permitted()) {
            decisions.denied(person, permission, answer, policy.versionOf(person.tenant()));
            throw denied(person, permission, answer);
        }
    }

    private ProblemException denied(SignedIn person, String permission, Answer answer) {
        Instant until = person.standing().roleUntil();
        String why;
        if (until != null && person.standing().roleEnded(clock.instant())) {
            why =
                    "Your role '"
                            + person.role()
                            + "' was given until "
                            + until
                            + " and permits nothing since.";
        } else if (answer.policies().isEmpty()) {
            why =
                    "This needs the permission '"
                            + permission
                            + "', which your role '"
                            + person.role()
                            + "' does not have.";
        } else {
            why =
                    "This needs the permission '"
                            + permission
                            + "', which a policy forbids here: "
                            + String.join(", ", new TreeSet<>(answer.policies()))
                            + ".";
        }
        return AccessProblems.DENIED.because(
                why + " Ask an administrator of your company.",
                Map.of(
                        "permission",
                        permission,
                        "grantedBy",
                        policy.rolesThatGrant(person.tenant(), permission)));
    }
}
