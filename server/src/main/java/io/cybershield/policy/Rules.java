package io.cybershield.policy;

import com.cedarpolicy.AuthorizationEngine;
import com.cedarpolicy.BasicAuthorizationEngine;
import com.cedarpolicy.model.AuthorizationRequest;
import com.cedarpolicy.model.entity.Entity;
import com.cedarpolicy.model.exception.AuthException;
import com.cedarpolicy.model.exception.CacheException;
import com.cedarpolicy.model.policy.Policy;
import com.cedarpolicy.model.policy.PolicySet;
import com.cedarpolicy.value.EntityTypeName;
import com.cedarpolicy.value.EntityUID;
import com.cedarpolicy.value.PrimBool;
import com.cedarpolicy.value.PrimLong;
import com.cedarpolicy.value.PrimString;
import com.cedarpolicy.value.Value;
import io.cybershield.policy.PolicyText.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Policies made ready to decide by; safe for use by many threads. Everything is denied that none
 * permits, and a forbid beats every permit.
 */
public final class Rules {
    /** More sets than are ever kept at once; one that the library forgot could not decide. */
    private static final int KEPT_BY_THE_LIBRARY = 8192;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final AuthorizationEngine engine = new BasicAuthorizationEngine();
    private final PolicySet policies;
    private final List<Clause> clauses;
    private final EntityTypeName user = type("User");
    private final EntityTypeName role = type("Role");
    private final EntityTypeName resource = type("Resource");
    private final EntityTypeName action = type("Action");

    static {
        PolicySet.setCacheMaxPolicySets(KEPT_BY_THE_LIBRARY);
    }

    /**
     * A policy taken apart.
     *
     * @param json as the language writes it
     */
    record Clause(String id, boolean permits, JsonNode json) {}

    private Rules(PolicySet policies, List<Clause> clauses) {
        this.policies = policies;
        this.clauses = clauses;
    }

    /**
     * @throws IllegalArgumentException if one of them is no policy
     */
    public static Rules of(List<Statement> statements) {
        try {
            var policies =
                    new PolicySet(
                            statements.stream()
                                    .map(s -> new Policy(s.source(), s.id()))
                                    .collect(Collectors.toSet()));
            var clauses = clauses(statements);
            policies.cache();
            return new Rules(policies, clauses);
        } catch (CacheException e) {
            throw new IllegalArgumentException("Policies cannot be read", e);
        }
    }

    /** The policies of a file in the jar, each by its own name; they all fit the schema. */
    public static List<Statement> builtIn(String resource) {
        var read = PolicyText.read(PolicyText.resource(resource), "");
        if (!read.findings().isEmpty() || read.statements().isEmpty()) {
            throw new IllegalStateException(
                    "Built-in policies do not fit the schema: " + read.findings());
        }
        return read.statements();
    }

    static List<Clause> clauses(List<Statement> statements) {
        return statements.stream()
                .map(s -> {
                    try {
                        JsonNode json = JSON.readTree(new Policy(s.source(), s.id()).toJson());
                        return new Clause(
                                s.id(), json.get("effect").asString().equals("permit"), json);
                    } catch (AuthException e) {
                        throw new IllegalArgumentException("Not a policy: " + s.id(), e);
                    }
                })
                .toList();
    }

    /** Attributes of the context on which a decision about an action depends. */
    public Set<String> dependsOn(String name) {
        var found = new TreeSet<String>();
        for (Clause clause : clauses) {
            if (mayBeAbout(clause, name)) {
                contextOf(clause.json().get("conditions"), found);
            }
        }
        return found;
    }

    private static boolean mayBeAbout(Clause clause, String name) {
        JsonNode scope = clause.json().get("action");
        return switch (scope.get("op").asString()) {
            case "==" -> isNamed(scope.get("entity"), name);
            case "in" ->
                    scope.has("entity")
                            ? isNamed(scope.get("entity"), name)
                            : scope.get("entities").valueStream().anyMatch(e -> isNamed(e, name));
            default -> true;
        };
    }

    private static boolean isNamed(JsonNode entity, String name) {
        return entity.get("id").asString().equals(name);
    }

    private static void contextOf(JsonNode node, Set<String> found) {
        if (node.has("Var") && node.get("Var").asString().equals("context")) {
            // As a whole: whatever it holds.
            found.addAll(
                    Set.of(
                            "mfaAge", "time", "hour", "weekday",
                            "network")); // the grant goes with who asks
            return;
        }
        JsonNode access = node.get(".");
        if (access != null && access.path("left").path("Var").asString("").equals("context")) {
            found.add(access.get("attr").asString());
            return;
        }
        node.forEach(child -> contextOf(child, found));
    }

    /**
     * Decides; denies if a policy could not be evaluated, since it may have been a forbid.
     *
     * @throws AuthException if there is no decision
     */
    public Answer decide(Subject who, String what, Thing on, Circumstances how)
            throws AuthException {
        EntityUID principal = user.of(who.account().toString());
        EntityUID its = role.of(who.role());
        EntityUID thing = resource.of(on.id());
        var attributes = new HashMap<String, Value>();
        attributes.put("tenant", new PrimString(on.tenant().toString()));
        if (on.classification() != null) {
            attributes.put("classification", new PrimLong(on.classification()));
        }
        if (on.criticality() != null) {
            attributes.put("criticality", new PrimLong(on.criticality()));
        }
        if (on.requestedBy() != null) {
            attributes.put("requestedBy", user.of(on.requestedBy().toString()));
        }
        var entities =
                Set.of(
                        new Entity(
                                principal,
                                Map.of(
                                        "tenant",
                                        new PrimString(who.tenant().toString()),
                                        "clearance",
                                        new PrimLong(who.clearance()),
                                        "roleEnded",
                                        new PrimBool(who.roleEnded())),
                                Set.of(its)),
                        new Entity(its),
                        new Entity(thing, attributes, Set.of()));
        Delegation by = who.delegation();
        var context =
                Map.<String, Value>of(
                        "mfaAge", new PrimLong(how.mfaAge()),
                        "time", new PrimLong(how.time()),
                        "hour", new PrimLong(how.hour()),
                        "weekday", new PrimLong(how.weekday()),
                        "network", new PrimString(how.network()),
                        "grant", new PrimString(by == null ? "" : by.grant().toString()),
                        "grantFrom", new PrimString(by == null ? "" : by.from().toString()),
                        "grantTo", new PrimString(by == null ? "" : by.to().toString()),
                        "grantLive", new PrimBool(by != null && by.live()));
        var answer =
                engine.isAuthorized(
                        new AuthorizationRequest(principal, action.of(what), thing, context),
                        policies,
                        entities);
        return answer.success
                .map(s ->
                        new Answer(
                                s.isAllowed() && s.getErrors().isEmpty(),
                                new HashSet<>(s.getReason())))
                .orElse(Answer.NO);
    }

    private static EntityTypeName type(String name) {
        return EntityTypeName.parse(name).orElseThrow();
    }
}
