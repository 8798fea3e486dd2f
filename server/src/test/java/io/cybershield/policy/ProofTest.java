package io.cybershield.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.z3.Context;
import com.microsoft.z3.Expr;
import io.cybershield.platform.TenantId;
import io.cybershield.policy.Counterexample.Claim;
import io.cybershield.policy.PolicyText.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is proven of policies, and that the formulas say what Cedar says. */
class ProofTest {
    private static final Set<String> ACTIONS =
            Set.of(
                    "event:read",
                    "incident:read",
                    "incident:write",
                    "approval:decide",
                    "user:manage",
                    "workflow:publish");
    private static final List<String> ROLES = List.of("tenant-admin", "analyst", "auditor");
    private static final List<Statement> BUILT_IN = Rules.builtIn("/access/roles.cedar");

    @Test
    void everyClaimHoldsForTheBuiltInPolicies() {
        assertThat(new Proof().refute(BUILT_IN, ACTIONS, ROLES)).isEmpty();
    }

    @Test
    void eachClaimBreaksWithoutThePolicyThatHoldsItUp() {
        assertThat(without("tenant-isolation"))
                .singleElement()
                .satisfies(c -> assertThat(c.claim()).isEqualTo(Claim.TENANTS_APART))
                .satisfies(c -> assertThat(c.words()).contains("another company", c.policy()));
        assertThat(without("no-self-approval"))
                .singleElement()
                .satisfies(c -> assertThat(c.claim()).isEqualTo(Claim.NO_SELF_APPROVAL))
                .satisfies(c -> assertThat(c.action()).isEqualTo("approval:decide"));
        assertThat(without("role-ended"))
                .singleElement()
                .satisfies(c -> assertThat(c.claim()).isEqualTo(Claim.ENDED_ROLES));
        assertThat(without("clearance"))
                .singleElement()
                .satisfies(c -> assertThat(c.claim()).isEqualTo(Claim.CLEARED))
                .satisfies(c -> assertThat(c.words()).contains("above their clearance"));
    }

    @Test
    void whatACompanyAddsCannotLetAuditorsWrite() {
        for (String wide :
                List.of(
                        "permit (principal, action, resource);",
                        "permit (principal, action == Action::\"incident:write\", resource) when {"
                                + " context.hour > 8 };",
                        "permit (principal in Role::\"auditor\", action, resource) unless {"
                                + " context.network like \"10.*\" };",
                        "permit (principal, action, resource) when { principal.clearance >= 3 &&"
                                + " resource has criticality };")) {
            assertThat(with("@id(\"wide\") " + wide))
                    .as(wide)
                    .singleElement()
                    .satisfies(c -> assertThat(c.claim()).isEqualTo(Claim.AUDITORS_READ))
                    .satisfies(c -> assertThat(c.policy()).isEqualTo("own:wide"))
                    .satisfies(c ->
                            assertThat(c.words())
                                    .startsWith("Somebody with the role 'auditor' could do '")
                                    .contains("because the policy 'own:wide' permits it"));
        }
    }

    @Test
    void whatHarmsNothingIsProven() {
        for (String fine :
                List.of(
                        "permit (principal in Role::\"analyst\", action =="
                                + " Action::\"incident:write\", resource);",
                        "forbid (principal, action, resource) unless { context.mfaAge < 3600 };",
                        "permit (principal, action, resource) unless { principal in"
                                + " Role::\"auditor\" };",
                        "permit (principal, action, resource) when { principal.tenant !="
                                + " resource.tenant };",
                        "permit (principal, action == Action::\"incident:write\", resource) when {"
                                + " context.hour > 23 };")) {
            assertThat(with(fine)).as(fine).isEmpty();
        }
    }

    @Test
    void fiftyPoliciesAreProvenInTwoSeconds() {
        String many =
                IntStream.range(0, 50)
                        .mapToObj(i ->
                                "permit (principal in Role::\"r"
                                        + i
                                        + "\", action in [Action::\"incident:read\","
                                        + " Action::\"incident:write\"], resource) when {"
                                        + " (context.network like \"10."
                                        + i
                                        + ".*\" || principal.clearance > 1) && (if resource has"
                                        + " classification then resource.classification <="
                                        + " principal.clearance else true) };\n")
                        .collect(Collectors.joining());
        with(many);
        long begun = System.nanoTime();
        assertThat(with(many)).isEmpty();
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void withoutASolverNothingIsProven() {
        var proof =
                new Proof(() -> {
                    throw new UnsatisfiedLinkError("no z3 here");
                });
        assertThatThrownBy(() -> proof.refute(BUILT_IN, ACTIONS, ROLES))
                .isInstanceOf(ProofFailed.class)
                .hasMessageContaining("could not be loaded");
    }

    @Test
    void whatCannotBePutIntoFormulasIsNotProven() {
        assertThatThrownBy(() ->
                        with(
                                "forbid (principal, action, resource) when { context.hour + 1 > 3"
                                        + " };"))
                .isInstanceOf(ProofFailed.class);
    }

    /** Thousands of policies and requests, decided both ways. */
    @Test
    void formulasAgreeWithCedar() throws Exception {
        var random = new Random(20261123);
        int allowed = 0;
        int cases = 0;
        try (Context z = new Context()) {
            for (int set = 0; set < 250; set++) {
                var text = new StringBuilder();
                int size = 1 + random.nextInt(4);
                for (int i = 0; i < size; i++) {
                    text.append(policy(random)).append('\n');
                }
                var read = PolicyText.read(text.toString(), "own:");
                assertThat(read.findings()).as(text.toString()).isEmpty();
                var rules = Rules.of(read.statements());
                var encoding = new Encoding(z, Rules.clauses(read.statements()), NAMES);
                for (int i = 0; i < 20; i++) {
                    var request = request(random);
                    boolean cedar =
                            rules.decide(
                                            request.who(),
                                            request.action(),
                                            request.on(),
                                            request.how())
                                    .permitted();
                    assertThat(holds(z, encoding, request))
                            .as("%s%n%s", text, request)
                            .isEqualTo(cedar);
                    cases++;
                    allowed += cedar ? 1 : 0;
                }
            }
        }
        assertThat(cases).isEqualTo(5000);
        assertThat(allowed).isBetween(500, 4500);
    }

    /** What the proof says of grants, tried out on thousands of requests. */
    @Test
    void nothingCrossesCompaniesWithoutALiveGrantByBruteForce() throws Exception {
        var random = new Random(31);
        int crossed = 0;
        for (int set = 0; set < 60; set++) {
            var text = new StringBuilder();
            for (int i = 0; i < 3; i++) {
                text.append(policy(random)).append('\n');
            }
            var own = PolicyText.read(text.toString(), "own:");
            assertThat(own.findings()).as(text.toString()).isEmpty();
            // Now and then one of the walls is missing, as after a bad release.
            String missing =
                    one(
                            random,
                            List.of(
                                    "",
                                    "",
                                    "tenant-isolation",
                                    "provider-bounds",
                                    "provider-roles-abroad",
                                    "clearance"));
            var all =
                    new ArrayList<>(
                            BUILT_IN.stream().filter(s -> !s.id().equals(missing)).toList());
            all.addAll(own.statements());
            var broken =
                    new Proof()
                            .refute(all, ACTIONS, ROLES).stream()
                                    .map(Counterexample::claim)
                                    .toList();
            if (missing.isEmpty()) {
                assertThat(broken)
                        .as(text.toString())
                        .doesNotContain(
                                Claim.TENANTS_APART,
                                Claim.PROVIDERS_BOUNDED,
                                Claim.PROVIDERS_ABROAD,
                                Claim.CLEARED);
            }
            var rules = Rules.of(all);
            for (int i = 0; i < 250; i++) {
                var r = request(random);
                if (!rules.decide(r.who(), r.action(), r.on(), r.how()).permitted()) {
                    continue;
                }
                boolean abroad = !r.who().tenant().equals(r.on().tenant());
                crossed += abroad ? 1 : 0;
                boolean most = ProviderRoles.permissionsOf(r.who().role()).contains(r.action());
                String as = text + "%n without '%s' %n %s".formatted(missing, r);
                if (!r.who().reaches(r.on().tenant())) {
                    assertThat(broken).as(as).contains(Claim.TENANTS_APART);
                }
                if (abroad && !most) {
                    assertThat(broken).as(as).contains(Claim.PROVIDERS_BOUNDED);
                }
                Long classified = r.on().classification();
                if (classified != null && classified > r.who().clearance()) {
                    assertThat(broken).as(as).contains(Claim.CLEARED);
                }
                if (!abroad && r.who().role().startsWith("provider-")) {
                    assertThat(broken).as(as).contains(Claim.PROVIDERS_ABROAD);
                }
            }
        }
        assertThat(crossed).as("requests across companies that were permitted").isPositive();
    }

    @Test
    void aProviderRoleThatGrowsIsFoundOutAndSaid() {
        var wider =
                new ArrayList<>(
                        BUILT_IN.stream().filter(s -> !s.id().equals("provider-bounds")).toList());
        wider.add(
                new Statement(
                        "provider-bounds",
                        """
                        forbid (principal, action, resource)
                        when { principal.tenant != resource.tenant && action == Action::"settings:manage" };\
                        """));
        wider.add(
                new Statement(
                        "provider-users",
                        """
                        permit (principal in Role::"provider-analyst", action == Action::"user:manage", resource);\
                        """));
        assertThat(new Proof().refute(wider, ACTIONS, ROLES))
                .anySatisfy(c -> {
                    assertThat(c.claim()).isEqualTo(Claim.PROVIDERS_BOUNDED);
                    assertThat(c.words()).contains("another company", "provider role allows");
                });
        assertThat(without("provider-roles-abroad"))
                .singleElement()
                .satisfies(c -> assertThat(c.claim()).isEqualTo(Claim.PROVIDERS_ABROAD))
                .satisfies(c -> assertThat(c.words()).contains("provider-"));
    }

    private record Request(Subject who, String action, Thing on, Circumstances how) {}

    private static final List<UUID> PEOPLE =
            List.of(new UUID(0, 1), new UUID(0, 2), new UUID(0, 3));
    private static final List<TenantId> TENANTS =
            List.of(new TenantId(new UUID(1, 1)), new TenantId(new UUID(1, 2)));
    private static final List<String> NETWORKS =
            List.of("", "10.1.2.3", "10.1.99.3", "192.0.2.7", "*", "2001:db8::1");
    private static final List<String> ROLE_NAMES =
            List.of("analyst", "auditor", "other", "provider-analyst", "provider-admin");
    private static final List<String> NAMES = names();

    private static List<String> names() {
        var all = new ArrayList<>(ACTIONS);
        all.addAll(NETWORKS);
        all.addAll(ROLE_NAMES);
        PEOPLE.forEach(p -> all.add(p.toString()));
        TENANTS.forEach(t -> all.add(t.toString()));
        all.add("thing");
        return List.copyOf(all);
    }

    private static <T> T one(Random random, List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private static Request request(Random random) {
        return new Request(
                new Subject(
                        one(random, PEOPLE),
                        one(random, TENANTS),
                        one(random, ROLE_NAMES),
                        random.nextInt(4),
                        random.nextInt(4) == 0,
                        random.nextInt(3) == 0
                                ? null
                                : new Delegation(
                                        one(random, PEOPLE),
                                        one(random, TENANTS),
                                        one(random, TENANTS),
                                        random.nextInt(3) > 0)),
                one(random, List.copyOf(ACTIONS.stream().sorted().toList())),
                new Thing(
                        one(random, TENANTS),
                        "thing",
                        random.nextBoolean() ? (long) random.nextInt(4) : null,
                        random.nextBoolean() ? (long) 1 + random.nextInt(5) : null,
                        random.nextBoolean() ? one(random, PEOPLE) : null),
                new Circumstances(
                        random.nextInt(1000),
                        random.nextInt(1000),
                        random.nextInt(24),
                        1 + random.nextInt(7),
                        one(random, NETWORKS)));
    }

    private static String policy(Random random) {
        String principal =
                one(
                        random,
                        List.of(
                                "principal",
                                "principal in Role::\"analyst\"",
                                "principal in Role::\"auditor\"",
                                "principal == User::\"" + PEOPLE.getFirst() + "\"",
                                "principal is User",
                                "principal is User in Role::\"other\""));
        String action =
                one(
                        random,
                        List.of(
                                "action",
                                "action == Action::\"incident:write\"",
                                "action in [Action::\"event:read\", Action::\"approval:decide\"]"));
        String resource =
                one(
                        random,
                        List.of(
                                "resource",
                                "resource is Resource",
                                "resource == Resource::\"thing\""));
        return (random.nextInt(3) == 0 ? "forbid" : "permit")
                + " ("
                + principal
                + ", "
                + action
                + ", "
                + resource
                + ") "
                + (random.nextBoolean() ? "when { " : "unless { ")
                + truth(random, 3)
                + " };";
    }

    private static String truth(Random random, int depth) {
        if (depth > 0 && random.nextInt(3) > 0) {
            String a = truth(random, depth - 1);
            String b = truth(random, depth - 1);
            return switch (random.nextInt(4)) {
                case 0 -> "(" + a + " && " + b + ")";
                case 1 -> "(" + a + " || " + b + ")";
                case 2 -> "!(" + a + ")";
                default -> "(if " + a + " then " + b + " else " + truth(random, depth - 1) + ")";
            };
        }
        return one(
                random,
                List.of(
                        "principal.tenant == resource.tenant",
                        "principal.clearance >= " + random.nextInt(4),
                        "principal.roleEnded",
                        "(resource has classification && resource.classification <="
                                + " principal.clearance)",
                        "(resource has criticality && resource.criticality != 3)",
                        "(resource has requestedBy && resource.requestedBy == principal)",
                        "resource has requestedBy",
                        "context.hour < " + random.nextInt(24),
                        "context.mfaAge > " + random.nextInt(1000),
                        "context.weekday == " + random.nextInt(9),
                        "[1, 3, 5].contains(context.weekday)",
                        "[\"\", \"192.0.2.7\"].contains(context.network)",
                        "[context.network].containsAny([\"\", \"10.1.2.3\"])",
                        "[\"192.0.2.7\", \"\"].containsAll([context.network])",
                        "context.network like \"10.1.*.3\"",
                        "context.network like \"*:*\"",
                        "context.network like \"\\*\"",
                        "principal in Role::\"other\"",
                        "principal in [Role::\"other\", Role::\"auditor\"]",
                        "principal in User::\"" + PEOPLE.get(1) + "\"",
                        "action in [Action::\"event:read\", Action::\"user:manage\"]",
                        "action == Action::\"workflow:publish\"",
                        "principal is User",
                        "context.grantLive",
                        "context.grant == \"\"",
                        "context.grantFrom == principal.tenant",
                        "context.grantTo == resource.tenant",
                        "(if context.hour > 12 then 1 else 2) == 1"));
    }

    private static boolean holds(Context z, Encoding e, Request r) {
        var from = new ArrayList<Expr<?>>();
        var to = new ArrayList<Expr<?>>();
        from.addAll(List.of(e.principal, e.role, e.tenant, e.action, e.resource));
        to.addAll(
                List.of(
                        e.constant(r.who().account().toString()),
                        e.constant(r.who().role()),
                        e.constant(r.who().tenant().toString()),
                        e.constant(r.action()),
                        e.constant(r.on().id())));
        from.addAll(List.of(e.resourceTenant, e.network, e.clearance, e.roleEnded));
        to.addAll(
                List.of(
                        e.constant(r.on().tenant().toString()),
                        e.constant(r.how().network()),
                        z.mkInt(r.who().clearance()),
                        z.mkBool(r.who().roleEnded())));
        from.addAll(List.of(e.hasClassification, e.classification));
        Long classification = r.on().classification();
        to.addAll(
                List.of(
                        z.mkBool(classification != null),
                        z.mkInt(classification == null ? 0 : classification)));
        from.addAll(List.of(e.hasCriticality, e.criticality));
        Long criticality = r.on().criticality();
        to.addAll(
                List.of(
                        z.mkBool(criticality != null),
                        z.mkInt(criticality == null ? 1 : criticality)));
        from.addAll(List.of(e.hasRequestedBy, e.requestedBy));
        UUID requestedBy = r.on().requestedBy();
        to.addAll(
                List.of(
                        z.mkBool(requestedBy != null),
                        e.constant(requestedBy == null ? "" : requestedBy.toString())));
        from.addAll(List.of(e.mfaAge, e.time, e.hour, e.weekday));
        to.addAll(
                List.of(
                        z.mkInt(r.how().mfaAge()),
                        z.mkInt(r.how().time()),
                        z.mkInt(r.how().hour()),
                        z.mkInt(r.how().weekday())));
        Delegation by = r.who().delegation();
        from.addAll(List.of(e.grant, e.grantFrom, e.grantTo, e.grantLive));
        to.addAll(
                List.of(
                        e.constant(by == null ? "" : by.grant().toString()),
                        e.constant(by == null ? "" : by.from().toString()),
                        e.constant(by == null ? "" : by.to().toString()),
                        z.mkBool(by != null && by.live())));
        var decided =
                e.allowed
                        .substitute(from.toArray(new Expr<?>[0]), to.toArray(new Expr<?>[0]))
                        .simplify();
        assertThat(decided.isTrue() || decided.isFalse()).as(decided.toString()).isTrue();
        return decided.isTrue();
    }

    private static List<Counterexample> without(String policy) {
        return new Proof()
                .refute(
                        BUILT_IN.stream().filter(s -> !s.id().equals(policy)).toList(),
                        ACTIONS,
                        ROLES);
    }

    private static List<Counterexample> with(String text) {
        var own = PolicyText.read(text, "own:");
        assertThat(own.findings()).isEmpty();
        var all = new ArrayList<>(BUILT_IN);
        all.addAll(own.statements());
        return new Proof().refute(all, ACTIONS, ROLES);
    }
}
