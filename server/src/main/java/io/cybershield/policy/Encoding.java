package io.cybershield.policy;

import com.microsoft.z3.ArithExpr;
import com.microsoft.z3.BoolExpr;
import com.microsoft.z3.BoolSort;
import com.microsoft.z3.Context;
import com.microsoft.z3.Expr;
import com.microsoft.z3.FuncDecl;
import com.microsoft.z3.IntNum;
import com.microsoft.z3.IntSort;
import com.microsoft.z3.Sort;
import io.cybershield.policy.Rules.Clause;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Policies as formulas over one request of which nothing is known: who asks, what for, on what and
 * how.
 *
 * <p>Texts and ids are numbers, equal if and only if the texts are; what no policy names may be any
 * other number. Whether such a text is {@code like} a pattern is left open, so that more seems to
 * be allowed than is, never less. A person has one role.
 */
final class Encoding {
    private static final String USER = "User";
    private static final String ROLE = "Role";
    private static final String RESOURCE = "Resource";
    private static final String ACTION = "Action";
    private static final Set<String> CIRCUMSTANCES =
            Set.of(
                    "mfaAge",
                    "time",
                    "hour",
                    "weekday",
                    "network",
                    "grant",
                    "grantFrom",
                    "grantTo",
                    "grantLive");

    private final Context z;
    private final Map<String, Integer> numbers = new LinkedHashMap<>();
    private final Map<String, FuncDecl<BoolSort>> open = new HashMap<>();

    final Expr<IntSort> principal;
    final Expr<IntSort> role;
    final Expr<IntSort> tenant;
    final Expr<IntSort> clearance;
    final BoolExpr roleEnded;
    final Expr<IntSort> action;
    final Expr<IntSort> resource;
    final Expr<IntSort> resourceTenant;
    final BoolExpr hasClassification;
    final Expr<IntSort> classification;
    final BoolExpr hasCriticality;
    final Expr<IntSort> criticality;
    final BoolExpr hasRequestedBy;
    final Expr<IntSort> requestedBy;
    final Expr<IntSort> mfaAge;
    final Expr<IntSort> time;
    final Expr<IntSort> hour;
    final Expr<IntSort> weekday;
    final Expr<IntSort> network;
    final Expr<IntSort> grant;
    final Expr<IntSort> grantFrom;
    final Expr<IntSort> grantTo;
    final BoolExpr grantLive;

    /** When each policy holds, by id. */
    final Map<String, BoolExpr> holds = new LinkedHashMap<>();

    final Set<String> forbids = new HashSet<>();

    final BoolExpr allowed;

    /** What an expression of a policy is. */
    private sealed interface Sym {
        record Truth(BoolExpr is) implements Sym {}

        record Whole(Expr<IntSort> is) implements Sym {}

        record Text(Expr<IntSort> is) implements Sym {}

        /**
         * @param role of a person whose role is known; null for all else
         */
        record Entity(String type, Expr<IntSort> id, @Nullable Expr<IntSort> role) implements Sym {}

        record Many(List<Sym> of) implements Sym {}

        record Surroundings() implements Sym {}
    }

    /**
     * @param known further texts that a request may hold
     * @throws ProofFailed if a policy says what cannot be put into formulas
     */
    Encoding(Context z, List<Clause> clauses, Iterable<String> known) {
        this.z = z;
        this.principal = z.mkIntConst("principal");
        this.role = z.mkIntConst("principal.role");
        this.tenant = z.mkIntConst("principal.tenant");
        this.clearance = z.mkIntConst("principal.clearance");
        this.roleEnded = z.mkBoolConst("principal.roleEnded");
        this.action = z.mkIntConst("action");
        this.resource = z.mkIntConst("resource");
        this.resourceTenant = z.mkIntConst("resource.tenant");
        this.hasClassification = z.mkBoolConst("has classification");
        this.classification = z.mkIntConst("resource.classification");
        this.hasCriticality = z.mkBoolConst("has criticality");
        this.criticality = z.mkIntConst("resource.criticality");
        this.hasRequestedBy = z.mkBoolConst("has requestedBy");
        this.requestedBy = z.mkIntConst("resource.requestedBy");
        this.mfaAge = z.mkIntConst("context.mfaAge");
        this.time = z.mkIntConst("context.time");
        this.hour = z.mkIntConst("context.hour");
        this.weekday = z.mkIntConst("context.weekday");
        this.network = z.mkIntConst("context.network");
        this.grant = z.mkIntConst("context.grant");
        this.grantFrom = z.mkIntConst("context.grantFrom");
        this.grantTo = z.mkIntConst("context.grantTo");
        this.grantLive = z.mkBoolConst("context.grantLive");
        known.forEach(this::number);
        clauses.forEach(clause -> collect(clause.json()));
        var permits = new ArrayList<BoolExpr>();
        var bars = new ArrayList<BoolExpr>();
        for (Clause clause : clauses) {
            BoolExpr it = clause(clause);
            holds.put(clause.id(), it);
            if (clause.permits()) {
                permits.add(it);
            } else {
                bars.add(it);
                forbids.add(clause.id());
            }
        }
        this.allowed =
                z.mkAnd(
                        z.mkOr(permits.toArray(new BoolExpr[0])),
                        z.mkNot(z.mkOr(bars.toArray(new BoolExpr[0]))));
    }

    /** Every text in the policies has its number before the first formula is made. */
    private void collect(JsonNode node) {
        if (node.isString()) {
            number(node.asString());
        }
        node.forEach(this::collect);
    }

    private int number(String text) {
        return numbers.computeIfAbsent(text, _ -> numbers.size());
    }

    Expr<IntSort> constant(String text) {
        return z.mkInt(number(text));
    }

    /** The text that a number stands for; null for one that no policy names. */
    @Nullable String text(Expr<?> number) {
        return numbers.entrySet().stream()
                .filter(e ->
                        number instanceof IntNum n && n.getBigInteger().longValue() == e.getValue())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    private BoolExpr clause(Clause clause) {
        JsonNode json = clause.json();
        var all = new ArrayList<BoolExpr>();
        all.add(scope(json.get("principal"), principal()));
        all.add(scope(json.get("action"), new Sym.Entity(ACTION, action, null)));
        all.add(scope(json.get("resource"), new Sym.Entity(RESOURCE, resource, null)));
        json.get("conditions")
                .forEach(condition -> {
                    BoolExpr body = truth(condition.get("body"));
                    all.add(condition.get("kind").asString().equals("when") ? body : z.mkNot(body));
                });
        return z.mkAnd(all.toArray(new BoolExpr[0]));
    }

    private Sym.Entity principal() {
        return new Sym.Entity(USER, principal, role);
    }

    private BoolExpr scope(JsonNode scope, Sym.Entity of) {
        return switch (scope.get("op").asString()) {
            case "All" -> z.mkTrue();
            case "==" -> same(of, entity(scope.get("entity")));
            case "in" ->
                    scope.has("entity")
                            ? in(of, entity(scope.get("entity")))
                            : anyIn(
                                    of,
                                    scope.get("entities")
                                            .valueStream()
                                            .<Sym>map(this::entity)
                                            .toList());
            case "is" -> {
                BoolExpr type = z.mkBool(scope.get("entity_type").asString().equals(of.type()));
                yield scope.has("in")
                        ? z.mkAnd(type, in(of, entity(scope.get("in").get("entity"))))
                        : type;
            }
            default -> throw beyond(scope.get("op").asString());
        };
    }

    private Sym.Entity entity(JsonNode json) {
        return new Sym.Entity(
                json.get("type").asString(), constant(json.get("id").asString()), null);
    }

    private static ProofFailed beyond(String what) {
        return new ProofFailed("'" + what + "' cannot be proven; say it in another way", null);
    }

    private BoolExpr truth(JsonNode json) {
        return encode(json) instanceof Sym.Truth(var is) ? is : fail("not true or false");
    }

    private Expr<IntSort> whole(JsonNode json) {
        return encode(json) instanceof Sym.Whole(var is) ? is : fail("not a number");
    }

    private static <T> T fail(String what) {
        throw beyond(what);
    }

    private Sym encode(JsonNode json) {
        var part = json.properties().iterator().next();
        JsonNode of = part.getValue();
        return switch (part.getKey()) {
            case "Value" -> value(of);
            case "Var" ->
                    switch (of.asString()) {
                        case "principal" -> principal();
                        case "action" -> new Sym.Entity(ACTION, action, null);
                        case "resource" -> new Sym.Entity(RESOURCE, resource, null);
                        default -> new Sym.Surroundings();
                    };
            case "Set" -> new Sym.Many(of.valueStream().map(this::encode).toList());
            case "." -> attribute(of);
            case "has" -> new Sym.Truth(has(of));
            case "!" -> new Sym.Truth(z.mkNot(truth(of.get("arg"))));
            case "&&" -> new Sym.Truth(z.mkAnd(truth(of.get("left")), truth(of.get("right"))));
            case "||" -> new Sym.Truth(z.mkOr(truth(of.get("left")), truth(of.get("right"))));
            case "==" -> new Sym.Truth(same(left(of), right(of)));
            case "!=" -> new Sym.Truth(z.mkNot(same(left(of), right(of))));
            case "<" -> new Sym.Truth(z.mkLt(number(of, "left"), number(of, "right")));
            case "<=" -> new Sym.Truth(z.mkLe(number(of, "left"), number(of, "right")));
            case ">" -> new Sym.Truth(z.mkGt(number(of, "left"), number(of, "right")));
            case ">=" -> new Sym.Truth(z.mkGe(number(of, "left"), number(of, "right")));
            case "in" -> {
                Sym right = right(of);
                yield new Sym.Truth(
                        right instanceof Sym.Many(var these)
                                ? anyIn(left(of), these)
                                : in(left(of), right));
            }
            case "is" -> {
                if (!(left(of) instanceof Sym.Entity entity)) {
                    throw beyond("is");
                }
                BoolExpr type = z.mkBool(of.get("entity_type").asString().equals(entity.type()));
                yield new Sym.Truth(
                        of.has("in") ? z.mkAnd(type, in(entity, encode(of.get("in")))) : type);
            }
            case "like" -> new Sym.Truth(like(left(of), of.get("pattern")));
            case "contains" -> new Sym.Truth(contains(many(left(of)), right(of)));
            case "containsAll" -> {
                var all = many(left(of));
                yield new Sym.Truth(
                        z.mkAnd(
                                many(right(of)).stream()
                                        .map(one -> contains(all, one))
                                        .toArray(BoolExpr[]::new)));
            }
            case "containsAny" -> {
                var all = many(left(of));
                yield new Sym.Truth(
                        z.mkOr(
                                many(right(of)).stream()
                                        .map(one -> contains(all, one))
                                        .toArray(BoolExpr[]::new)));
            }
            case "if-then-else" ->
                    choice(truth(of.get("if")), encode(of.get("then")), encode(of.get("else")));
            default -> throw beyond(part.getKey());
        };
    }

    private Sym left(JsonNode of) {
        return encode(of.get("left"));
    }

    private Sym right(JsonNode of) {
        return encode(of.get("right"));
    }

    @SuppressWarnings("unchecked") // every whole number is arithmetic
    private ArithExpr<IntSort> number(JsonNode of, String side) {
        return (ArithExpr<IntSort>) whole(of.get(side));
    }

    private Sym value(JsonNode of) {
        if (of.isBoolean()) {
            return new Sym.Truth(z.mkBool(of.asBoolean()));
        }
        if (of.isIntegralNumber()) {
            return new Sym.Whole(z.mkInt(of.asLong()));
        }
        if (of.isString()) {
            return new Sym.Text(constant(of.asString()));
        }
        if (of.has("__entity")) {
            return entity(of.get("__entity"));
        }
        throw beyond(of.toString());
    }

    private Sym attribute(JsonNode of) {
        Sym left = left(of);
        String name = of.get("attr").asString();
        return switch (left) {
            case Sym.Entity entity when isPrincipal(entity) ->
                    switch (name) {
                        case "tenant" -> new Sym.Text(tenant);
                        case "clearance" -> new Sym.Whole(clearance);
                        case "roleEnded" -> new Sym.Truth(roleEnded);
                        default -> throw beyond(name);
                    };
            case Sym.Entity entity when isResource(entity) ->
                    switch (name) {
                        case "tenant" -> new Sym.Text(resourceTenant);
                        case "classification" -> new Sym.Whole(classification);
                        case "criticality" -> new Sym.Whole(criticality);
                        case "requestedBy" -> new Sym.Entity(USER, requestedBy, null);
                        default -> throw beyond(name);
                    };
            case Sym.Surroundings _ ->
                    switch (name) {
                        case "mfaAge" -> new Sym.Whole(mfaAge);
                        case "time" -> new Sym.Whole(time);
                        case "hour" -> new Sym.Whole(hour);
                        case "weekday" -> new Sym.Whole(weekday);
                        case "network" -> new Sym.Text(network);
                        case "grant" -> new Sym.Text(grant);
                        case "grantFrom" -> new Sym.Text(grantFrom);
                        case "grantTo" -> new Sym.Text(grantTo);
                        case "grantLive" -> new Sym.Truth(grantLive);
                        default -> throw beyond(name);
                    };
            default -> throw beyond(name);
        };
    }

    private boolean isPrincipal(Sym.Entity entity) {
        return entity.id().equals(principal) && entity.type().equals(USER);
    }

    private boolean isResource(Sym.Entity entity) {
        return entity.id().equals(resource) && entity.type().equals(RESOURCE);
    }

    private BoolExpr has(JsonNode of) {
        String name = of.get("attr").asString();
        return switch (left(of)) {
            case Sym.Entity entity when isResource(entity) ->
                    switch (name) {
                        case "tenant" -> z.mkTrue();
                        case "classification" -> hasClassification;
                        case "criticality" -> hasCriticality;
                        case "requestedBy" -> hasRequestedBy;
                        default -> z.mkFalse();
                    };
            case Sym.Entity entity when isPrincipal(entity) ->
                    z.mkBool(List.of("tenant", "clearance", "roleEnded").contains(name));
            case Sym.Surroundings _ -> z.mkBool(CIRCUMSTANCES.contains(name));
            default -> throw beyond("has " + name);
        };
    }

    private BoolExpr same(Sym a, Sym b) {
        return switch (a) {
            case Sym.Truth(var x) when b instanceof Sym.Truth(var y) -> z.mkEq(x, y);
            case Sym.Whole(var x) when b instanceof Sym.Whole(var y) -> z.mkEq(x, y);
            case Sym.Text(var x) when b instanceof Sym.Text(var y) -> z.mkEq(x, y);
            case Sym.Entity x when b instanceof Sym.Entity y ->
                    x.type().equals(y.type()) ? z.mkEq(x.id(), y.id()) : z.mkFalse();
            case Sym.Many(var x) when b instanceof Sym.Many(var y) ->
                    z.mkAnd(
                            z.mkAnd(
                                    x.stream()
                                            .map(one -> contains(y, one))
                                            .toArray(BoolExpr[]::new)),
                            z.mkAnd(
                                    y.stream()
                                            .map(one -> contains(x, one))
                                            .toArray(BoolExpr[]::new)));
            default -> throw beyond("==");
        };
    }

    private static List<Sym> many(Sym sym) {
        return sym instanceof Sym.Many(var of) ? of : fail("a set that is not written out");
    }

    private BoolExpr contains(List<Sym> all, Sym one) {
        return z.mkOr(all.stream().map(other -> same(other, one)).toArray(BoolExpr[]::new));
    }

    private BoolExpr anyIn(Sym one, List<Sym> these) {
        return z.mkOr(these.stream().map(that -> in(one, that)).toArray(BoolExpr[]::new));
    }

    /** Itself, or a person in their role; nothing else has parents. */
    private BoolExpr in(Sym one, Sym that) {
        if (!(one instanceof Sym.Entity a && that instanceof Sym.Entity b)) {
            throw beyond("in");
        }
        if (a.type().equals(b.type())) {
            return z.mkEq(a.id(), b.id());
        }
        if (a.type().equals(USER) && b.type().equals(ROLE)) {
            if (a.role() == null) {
                throw beyond("the role of somebody else");
            }
            return z.mkEq(a.role(), b.id());
        }
        return z.mkFalse();
    }

    private Sym choice(BoolExpr condition, Sym a, Sym b) {
        return switch (a) {
            case Sym.Truth(var x) when b instanceof Sym.Truth(var y) ->
                    new Sym.Truth(z.mkOr(z.mkAnd(condition, x), z.mkAnd(z.mkNot(condition), y)));
            case Sym.Whole(var x) when b instanceof Sym.Whole(var y) ->
                    new Sym.Whole(z.mkITE(condition, x, y));
            case Sym.Text(var x) when b instanceof Sym.Text(var y) ->
                    new Sym.Text(z.mkITE(condition, x, y));
            default -> throw beyond("if");
        };
    }

    /** As it is for every text that is known, open for all others. */
    private BoolExpr like(Sym left, JsonNode pattern) {
        if (!(left instanceof Sym.Text(var text))) {
            throw beyond("like");
        }
        var regex = new StringBuilder();
        pattern.forEach(part ->
                regex.append(
                        part.isString()
                                ? "(?s:.*)"
                                : Pattern.quote(part.get("Literal").asString())));
        var compiled = Pattern.compile(regex.toString());
        var matches = new ArrayList<BoolExpr>();
        var unknown = new ArrayList<BoolExpr>();
        numbers.forEach((known, number) -> {
            BoolExpr is = z.mkEq(text, z.mkInt(number));
            unknown.add(z.mkNot(is));
            if (compiled.matcher(known).matches()) {
                matches.add(is);
            }
        });
        FuncDecl<BoolSort> free =
                open.computeIfAbsent(
                        regex.toString(),
                        name ->
                                z.mkFuncDecl(
                                        "like " + name,
                                        new Sort[] {z.getIntSort()},
                                        z.getBoolSort()));
        unknown.add((BoolExpr) free.apply(text));
        matches.add(z.mkAnd(unknown.toArray(new BoolExpr[0])));
        return z.mkOr(matches.toArray(new BoolExpr[0]));
    }
}
