package io.cybershield.policy;

import com.microsoft.z3.BoolExpr;
import com.microsoft.z3.Context;
import com.microsoft.z3.Expr;
import com.microsoft.z3.IntSort;
import com.microsoft.z3.Model;
import com.microsoft.z3.Solver;
import com.microsoft.z3.Status;
import com.microsoft.z3.Z3Exception;
import io.cybershield.policy.Counterexample.Claim;
import io.cybershield.policy.PolicyText.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Proves of a set of policies what must hold for each, or finds the case that breaks it, with the
 * solver Z3. Its native library is loaded by the first proof.
 */
public final class Proof {
    private static final String AUDITOR = "auditor";
    private static final int PATIENCE_MILLIS = 1500;
    private final Supplier<Context> solvers;

    public Proof() {
        this(Context::new);
    }

    /**
     * @param solvers one for each proof
     */
    Proof(Supplier<Context> solvers) {
        this.solvers = solvers;
    }

    /**
     * Breaks every claim that can be broken.
     *
     * @param actions that there are
     * @param roles whoever breaks a claim has one of these, if at all possible
     * @return nothing if all claims are proven
     * @throws ProofFailed if that could not be found out
     */
    public List<Counterexample> refute(
            List<Statement> policies, Set<String> actions, Collection<String> roles) {
        List<Rules.Clause> clauses = Rules.clauses(policies);
        try (Context z = solvers.get()) {
            var known = new ArrayList<>(new TreeSet<>(actions));
            known.addAll(roles);
            known.add(AUDITOR);
            known.addAll(ProviderRoles.names());
            var policy = new Encoding(z, clauses, known);
            var found = new ArrayList<Counterexample>();
            for (Claim claim : Claim.values()) {
                var broken = breaking(z, policy, claim, actions, roles);
                if (broken != null) {
                    found.add(broken);
                }
            }
            return List.copyOf(found);
        } catch (LinkageError e) {
            throw new ProofFailed("The solver could not be loaded", e);
        } catch (Z3Exception e) {
            throw new ProofFailed("The solver failed", e);
        }
    }

    @SuppressWarnings("unchecked") // the solver takes its formulas as varargs
    private static @Nullable Counterexample breaking(
            Context z,
            Encoding policy,
            Claim claim,
            Set<String> actions,
            Collection<String> roles) {
        Solver solver = z.mkSolver();
        var bounds = z.mkParams();
        bounds.add("timeout", PATIENCE_MILLIS);
        solver.setParameters(bounds);
        solver.add(request(z, policy, actions));
        solver.add(policy.allowed);
        solver.add(breach(z, policy, claim, actions));
        BoolExpr usual =
                z.mkOr(
                        roles.stream()
                                .map(role -> z.mkEq(policy.role, policy.constant(role)))
                                .toArray(BoolExpr[]::new));
        // Rather by a role that people have; but whatever role it is, it must not be.
        Status status = solver.check(usual);
        if (status == Status.UNSATISFIABLE) {
            status = solver.check();
        }
        return switch (status) {
            case UNSATISFIABLE -> null;
            case SATISFIABLE -> words(policy, claim, solver.getModel());
            case UNKNOWN ->
                    throw new ProofFailed("The solver gave up: " + solver.getReasonUnknown(), null);
        };
    }

    /** What can be asked at all. */
    private static BoolExpr request(Context z, Encoding policy, Set<String> actions) {
        return z.mkAnd(
                z.mkOr(
                        actions.stream()
                                .map(action -> z.mkEq(policy.action, policy.constant(action)))
                                .toArray(BoolExpr[]::new)),
                between(z, policy.mfaAge, 0, Long.MAX_VALUE),
                between(z, policy.time, 0, Long.MAX_VALUE),
                between(z, policy.hour, 0, 23),
                between(z, policy.weekday, 1, 7),
                between(z, policy.clearance, 0, 3),
                between(z, policy.classification, 0, 3),
                between(z, policy.criticality, 1, 5));
    }

    private static BoolExpr between(Context z, Expr<IntSort> of, long least, long most) {
        return z.mkAnd(z.mkLe(z.mkInt(least), of), z.mkLe(of, z.mkInt(most)));
    }

    private static BoolExpr breach(Context z, Encoding policy, Claim claim, Set<String> actions) {
        return switch (claim) {
            case TENANTS_APART -> z.mkAnd(abroad(z, policy), z.mkNot(delegated(z, policy)));
            case PROVIDERS_BOUNDED ->
                    z.mkAnd(
                            abroad(z, policy),
                            z.mkNot(
                                    z.mkOr(
                                            ProviderRoles.names().stream()
                                                    .flatMap(role ->
                                                            ProviderRoles.permissionsOf(role)
                                                                    .stream()
                                                                    .map(action ->
                                                                            does(
                                                                                    z, policy,
                                                                                    role, action)))
                                                    .toArray(BoolExpr[]::new))));
            case PROVIDERS_ABROAD ->
                    z.mkAnd(
                            z.mkEq(policy.tenant, policy.resourceTenant),
                            z.mkOr(
                                    ProviderRoles.names().stream()
                                            .map(role -> z.mkEq(policy.role, policy.constant(role)))
                                            .toArray(BoolExpr[]::new)));
            case NO_SELF_APPROVAL ->
                    z.mkAnd(
                            z.mkEq(policy.action, policy.constant("approval:decide")),
                            policy.hasRequestedBy,
                            z.mkEq(policy.requestedBy, policy.principal));
            case AUDITORS_READ ->
                    z.mkAnd(
                            z.mkEq(policy.role, policy.constant(AUDITOR)),
                            z.mkOr(
                                    actions.stream()
                                            .filter(action -> !action.endsWith(":read"))
                                            .map(action ->
                                                    z.mkEq(policy.action, policy.constant(action)))
                                            .toArray(BoolExpr[]::new)));
            case ENDED_ROLES -> policy.roleEnded;
            case CLEARED ->
                    z.mkAnd(
                            policy.hasClassification,
                            z.mkNot(z.mkLe(policy.classification, policy.clearance)));
        };
    }

    private static BoolExpr abroad(Context z, Encoding policy) {
        return z.mkNot(z.mkEq(policy.tenant, policy.resourceTenant));
    }

    /** A grant that holds, between exactly these two companies. */
    private static BoolExpr delegated(Context z, Encoding policy) {
        return z.mkAnd(
                policy.grantLive,
                z.mkEq(policy.grantFrom, policy.tenant),
                z.mkEq(policy.grantTo, policy.resourceTenant));
    }

    private static BoolExpr does(Context z, Encoding policy, String role, String action) {
        return z.mkAnd(
                z.mkEq(policy.role, policy.constant(role)),
                z.mkEq(policy.action, policy.constant(action)));
    }

    private static Counterexample words(Encoding policy, Claim claim, Model model) {
        String role = named(policy.text(model.eval(policy.role, true)));
        String action = named(policy.text(model.eval(policy.action, true)));
        String by =
                policy.holds.entrySet().stream()
                        .filter(e -> !policy.forbids.contains(e.getKey()))
                        .filter(e -> model.eval(e.getValue(), true).isTrue())
                        .map(Map.Entry::getKey)
                        .sorted((a, b) -> Boolean.compare(isOwn(b), isOwn(a)))
                        .findFirst()
                        .orElse("");
        String on =
                switch (claim) {
                    case TENANTS_APART -> "something of another company without a live grant of it";
                    case PROVIDERS_BOUNDED -> "something of another company";
                    case PROVIDERS_ABROAD -> "something of their own company";
                    case NO_SELF_APPROVAL -> "what they asked for themselves";
                    case AUDITORS_READ -> "something of the company";
                    case ENDED_ROLES -> "something of the company after their role has ended";
                    case CLEARED -> "something that is classified above their clearance";
                };
        return new Counterexample(
                claim,
                by,
                role,
                action,
                "Somebody with the role '"
                        + role
                        + "' could do '"
                        + action
                        + "' on "
                        + on
                        + ", because the policy '"
                        + by
                        + "' permits it. "
                        + claim.words());
    }

    /** The company's own are what it can mend. */
    private static boolean isOwn(String policy) {
        return policy.contains(":");
    }

    private static String named(@Nullable String text) {
        return text == null ? "any other" : text;
    }
}
