package io.cybershield.access;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Transactions;
import io.cybershield.policy.PolicyText;
import io.cybershield.policy.ProviderRoles;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The current tenant's own roles. */
@Component
final class Roles {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{1,39}");
    private static final int MOST = 50;
    private final Transactions transactions;
    private final PolicyStore store;
    private final UserStore users;
    private final ApiKeyStore keys;
    private final ScimStore directory;
    private final Policies policies;
    private final AuditTrail audit;
    private final Clock clock;

    Roles(
            Transactions transactions,
            PolicyStore store,
            UserStore users,
            ApiKeyStore keys,
            ScimStore directory,
            Policies policies,
            AuditTrail audit,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.users = users;
        this.keys = keys;
        this.directory = directory;
        this.policies = policies;
        this.audit = audit;
        this.clock = clock;
    }

    List<CustomRole> list() {
        return transactions.call(store::roles);
    }

    /**
     * Defines or changes a role; in force for everybody's next request when this returns.
     *
     * @param revision of the role that is changed; null to define a new one
     */
    CustomRole put(
            SignedIn by,
            String name,
            Set<String> permissions,
            String conditions,
            @Nullable Integer revision) {
        check(by, name, permissions);
        var next =
                new CustomRole(
                        name,
                        permissions,
                        conditions.strip(),
                        revision == null ? 1 : revision + 1,
                        clock.instant());
        readable(next);
        policies.change(
                by,
                own -> {
                    var before =
                            own.roles().stream()
                                    .filter(role -> role.name().equals(name))
                                    .findFirst();
                    if (before.map(CustomRole::revision).orElse(0) != next.revision() - 1) {
                        throw AccessProblems.ROLE_CHANGED.because(
                                before.isEmpty()
                                        ? "The role '" + name + "' is no more."
                                        : "The role '"
                                                + name
                                                + "' is at revision "
                                                + before.get().revision()
                                                + ".");
                    }
                    if (before.isEmpty() && own.roles().size() >= MOST) {
                        throw Problems.INVALID.because(
                                "A company has at most " + MOST + " own roles.");
                    }
                    // Whoever changes a role must hold what it permitted, too.
                    before.ifPresent(role -> holds(by, role.permissions()));
                    store.put(next);
                    audit.append(
                            before.isEmpty() ? "access.role-defined" : "access.role-redefined",
                            "role:" + name,
                            Outcome.PERMITTED,
                            Map.of(
                                    "permissions",
                                    new TreeSet<>(permissions),
                                    "conditions",
                                    next.conditions()));
                });
        return next;
    }

    void delete(SignedIn by, String name) {
        policies.change(
                by,
                own -> {
                    store.takeForDeletion(name);
                    var role = store.find(name).orElseThrow(Roles::missing);
                    holds(by, role.permissions());
                    var holding = users.holding(name);
                    if (!holding.isEmpty()) {
                        throw AccessProblems.ROLE_IN_USE.because(
                                "These have the role '"
                                        + name
                                        + "': "
                                        + holding.stream()
                                                .map(user ->
                                                        user.name().isEmpty()
                                                                ? user.email()
                                                                : user.name())
                                                .limit(20)
                                                .collect(Collectors.joining(", "))
                                        + (holding.size() > 20
                                                ? " and " + (holding.size() - 20) + " more"
                                                : "")
                                        + ".");
                    }
                    var programs = keys.servicesWith(name);
                    if (!programs.isEmpty()) {
                        throw AccessProblems.ROLE_IN_USE.because(
                                "These service accounts have the role '"
                                        + name
                                        + "': "
                                        + String.join(", ", programs)
                                        + ".");
                    }
                    var groups = directory.groupsWith(name);
                    if (!groups.isEmpty()) {
                        throw AccessProblems.ROLE_IN_USE.because(
                                "These groups of your directory bring the role '"
                                        + name
                                        + "': "
                                        + String.join(", ", groups)
                                        + ".");
                    }
                    store.delete(name);
                    audit.append(
                            "access.role-deleted", "role:" + name, Outcome.PERMITTED, Map.of());
                });
    }

    private static ProblemException missing() {
        return Problems.NOT_FOUND.because("Your company has no such role of its own.");
    }

    private static void check(SignedIn by, String name, Set<String> permissions) {
        if (!NAME.matcher(name).matches()
                || new Role(name).isBuiltIn()
                || name.equals(Role.NONE.wire())
                || ProviderRoles.names().contains(name)) {
            throw Problems.INVALID.because(
                    "The role cannot be called so.",
                    List.of(
                            new Place(
                                    "#/name",
                                    "must be 2 to 40 small letters, digits and '-', beginning with"
                                            + " a letter, and neither one of the built-in roles nor"
                                            + " 'none'")));
        }
        var unknown = new TreeSet<>(permissions);
        unknown.removeAll(Policy.ACTIONS);
        if (!unknown.isEmpty() || permissions.isEmpty()) {
            throw Problems.INVALID.because(
                    "A role is made of permissions.",
                    List.of(
                            new Place(
                                    "#/permissions",
                                    unknown.isEmpty()
                                            ? "must name at least one"
                                            : "has no such permission: "
                                                    + String.join(", ", unknown))));
        }
        holds(by, permissions);
    }

    private static void holds(SignedIn by, Set<String> permissions) {
        var missing = new TreeSet<>(permissions);
        missing.removeAll(by.permissions());
        if (!missing.isEmpty()) {
            throw AccessProblems.MORE_THAN_OWN.because(
                    "You may not do yourself: " + String.join(", ", missing) + ".");
        }
    }

    /** The conditions are one expression, and nothing that ends it early. */
    private static void readable(CustomRole role) {
        var read = PolicyText.read(role.text(), CustomRole.PREFIX);
        var places =
                read.findings().stream()
                        .map(found ->
                                new Place(
                                        "#/conditions",
                                        "line "
                                                + Math.max(
                                                        1, found.line() - CustomRole.LINES_BEFORE)
                                                + ", column "
                                                + found.column()
                                                + ": "
                                                + found.message()
                                                + (found.mend().isEmpty()
                                                        ? ""
                                                        : ". " + found.mend())))
                        .toList();
        if (!places.isEmpty()) {
            throw AccessProblems.POLICIES_INVALID.because("The conditions cannot be read.", places);
        }
        if (read.statements().size() != 1) {
            throw AccessProblems.POLICIES_INVALID.because(
                    "The conditions are more than one expression.",
                    List.of(new Place("#/conditions", "must be one expression without ';'")));
        }
    }
}
