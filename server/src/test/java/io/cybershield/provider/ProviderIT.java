package io.cybershield.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** A provider's people in its customers: what a grant opens, what it does not, and how it ends. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProviderIT {
    private static final String IN = "X-Customer";
    private static final List<String> ALL =
            List.of("provider-admin", "provider-responder", "provider-analyst");
    private final TestApplication app = TestApplication.shared();
    private Client provider;
    private Client ann;
    private Client rob;
    private Client max;

    @BeforeAll
    void aProviderWithThreePeople() {
        provider = app.newTenant("Northwind SOC " + UUID.randomUUID());
        assertThat(operator(provider, true).status()).isEqualTo(204);
        ann = member("auditor", "provider-analyst");
        rob = member("auditor", "provider-responder");
        max = member("analyst", "provider-admin");
    }

    // ------------------------------------------------------------ asking and agreeing

    @Test
    void aCodeShowsWhatIsAskedIsGoodOnceAndNothingElseTellsAboutIt() {
        Client customer = app.newTenant();
        Client other = app.newTenant();
        String code = ask(Map.of("note", "Night watch"));
        JsonNode shown = question(customer, code).json();
        assertThat(shown.get("provider").asString()).startsWith("Northwind SOC");
        assertThat(shown.get("note").asString()).isEqualTo("Night watch");
        assertThat(shown.at("/permissions/provider-analyst").toString())
                .contains("incident:read")
                .doesNotContain("user:manage");
        assertThat(shown.get("people").toString())
                .contains(ann.account().toString(), rob.account().toString());

        Response agreed = agree(customer, code, terms(Map.of()));
        assertThat(agreed.status()).as(agreed.body()).isEqualTo(201);
        String used = question(other, code).body();
        String withdrawnCode = ask(Map.of());
        String request =
                provider.get("/api/v1/provider/requests").json().get(0).get("id").asString();
        assertThat(provider.delete("/api/v1/provider/requests/" + request).status()).isEqualTo(204);
        String own = ask(Map.of());
        assertThat(question(other, code).problem()).isEqualTo("provider-code-gone");
        assertThat(question(other, withdrawnCode).body()).isEqualTo(used);
        assertThat(question(other, "made up").body()).isEqualTo(used);
        assertThat(question(provider, own).body()).isEqualTo(used);
        assertThat(agree(other, code, terms(Map.of())).body())
                .isEqualTo(agree(other, "made up", terms(Map.of())).body());
        assertThat(in(ann, other, "/api/v1/incidents").status()).isEqualTo(404);
    }

    @Test
    void nobodyLearnsWhetherAnAddressHasAnAccount() {
        Client customer = app.newTenant();
        String stranger = "nobody-" + UUID.randomUUID() + "@example.org";
        for (String address : List.of(customer.email(), stranger)) {
            Response asked = asking(Map.of("email", address));
            assertThat(asked.status()).as(asked.body()).isEqualTo(201);
            assertThat(new TreeSet<>(asked.json().propertyNames()))
                    .containsExactly("code", "codeExpiresAt", "id", "page");
            assertThat(app.mailedLink(address, "/settings/providers")).isNotEmpty();
        }
    }

    @Test
    void agreeingTakesAFreshFactorAndTheRightToLetPeopleIn() {
        Client customer = app.newTenant();
        Client analyst = app.newColleague(customer, "analyst");
        String code = ask(Map.of());
        assertThat(question(analyst, code).problem()).isEqualTo("denied");
        var body = new HashMap<>(terms(Map.of()));
        body.put("code", code);
        assertThat(customer.post("/api/v1/providers", body).problem())
                .isEqualTo("fresh-code-needed");
        body.put("factor", "000000");
        assertThat(customer.post("/api/v1/providers", body).problem())
                .isEqualTo("fresh-code-needed");
        assertThat(in(ann, customer, "/api/v1/incidents").status()).isEqualTo(404);
        assertThat(
                        provider.post(
                                        "/api/v1/provider/requests",
                                        Map.of("roles", ALL, "until", inDays(3)))
                                .problem())
                .isEqualTo("fresh-code-needed");
    }

    @Test
    void aGrantIsNarrowedNeverWidened() {
        Client customer = app.newTenant();
        Instant end = inDays(5);
        String code =
                ask(
                        Map.of(
                                "roles",
                                List.of("provider-analyst", "provider-responder"),
                                "people",
                                List.of(ann.account(), rob.account()),
                                "until",
                                inDays(10)));
        for (Map<String, Object> wider :
                List.<Map<String, Object>>of(
                        Map.of("roles", ALL),
                        Map.of("people", List.of(ann.account(), max.account())),
                        Map.of("until", inDays(11)))) {
            var body =
                    new HashMap<String, Object>(
                            Map.of(
                                    "roles",
                                    List.of("provider-analyst"),
                                    "people",
                                    List.of(ann.account()),
                                    "until",
                                    inDays(1)));
            body.putAll(wider);
            assertThat(agree(customer, code, body).problem()).isEqualTo("wider-than-asked");
        }
        assertThat(
                        agree(
                                        customer,
                                        code,
                                        Map.of(
                                                "roles",
                                                List.of("provider-analyst"),
                                                "until",
                                                inDays(1)))
                                .problem())
                .as("all instead of two")
                .isEqualTo("wider-than-asked");
        Response agreed =
                agree(
                        customer,
                        code,
                        Map.of(
                                "roles",
                                List.of("provider-analyst", "provider-responder"),
                                "people",
                                List.of(ann.account(), rob.account()),
                                "until",
                                end));
        assertThat(agreed.status()).as(agreed.body()).isEqualTo(201);
        String grant = agreed.json().get("id").asString();
        assertThat(in(ann, customer, "/api/v1/incidents").status()).isEqualTo(200);
        assertThat(in(rob, customer, "/api/v1/incidents").status()).isEqualTo(200);
        assertThat(in(max, customer, "/api/v1/incidents").status()).isEqualTo(404);

        assertThat(
                        limit(
                                        customer,
                                        grant,
                                        List.of("provider-analyst"),
                                        List.of(ann.account(), rob.account()),
                                        end)
                                .status())
                .isEqualTo(200);
        assertThat(in(ann, customer, "/api/v1/incidents").status()).isEqualTo(200);
        assertThat(in(rob, customer, "/api/v1/incidents").status()).isEqualTo(404);
        assertThat(
                        limit(
                                        customer,
                                        grant,
                                        List.of("provider-analyst", "provider-responder"),
                                        List.of(ann.account()),
                                        end)
                                .problem())
                .isEqualTo("wider-than-asked");
        assertThat(limit(customer, grant, List.of("provider-analyst"), null, end).problem())
                .isEqualTo("wider-than-asked");
    }

    @Test
    void treeIsThreeDeep() {
        Client customer = app.newTenant();
        grant(customer, terms(Map.of()));
        assertThat(operator(customer, true).problem()).isEqualTo("providers-have-no-provider");
        Client second = app.newTenant();
        operator(second, true);
        assertThat(agree(second, ask(Map.of()), terms(Map.of())).problem())
                .isEqualTo("providers-have-no-provider");
        Client nobody = app.newTenant();
        assertThat(app.confirmed(nobody).get("/api/v1/provider/requests").problem())
                .isEqualTo("not-a-provider");
        assertThat(nobody.get("/api/v1/provider/customers").problem()).isEqualTo("not-a-provider");
        assertThat(operator(nobody, true, "wrong").status()).isEqualTo(401);
    }

    // ------------------------------------------------------------ acting

    @Test
    void aProvidersPersonWorksInTheCustomerAndItsTrailSaysWhoItWas() {
        Client customer = app.newTenant();
        String grant = grant(customer, terms(Map.of()));
        JsonNode session = in(ann, customer, "/api/v1/session").json();
        assertThat(session.at("/tenant/id").asString()).isEqualTo(customer.tenant().toString());
        assertThat(session.at("/acting/grant").asString()).isEqualTo(grant);
        assertThat(session.at("/acting/provider").asString()).startsWith("Northwind SOC");
        assertThat(session.at("/user/role").asString()).isEqualTo("provider-analyst");
        assertThat(strings(session.get("permissions")))
                .containsExactlyInAnyOrder(
                        "event:read",
                        "rule:read",
                        "finding:read",
                        "incident:read",
                        "incident:write",
                        "workflow:read");
        // the same handlers, the customer's things
        assertThat(in(ann, customer, "/api/v1/rules").body()).isNotEqualTo("");
        assertThat(in(ann, customer, "/api/v1/overview").status()).isEqualTo(200);
        // at home nothing changed
        assertThat(ann.get("/api/v1/session").json().at("/tenant/id").asString())
                .isEqualTo(provider.tenant().toString());

        assertThat(in(ann, customer, "/api/v1/users").problem()).isEqualTo("denied");
        String trail = customer.get("/api/v1/audit?limit=100").body();
        assertThat(trail).contains("provider.used", "provider.agreed", grant);
        JsonNode denial = entry(customer, "access.denied");
        assertThat(denial.get("actor").asString()).contains("(Northwind SOC");
        assertThat(denial.get("actorId").asString()).isEqualTo(ann.account().toString());
        assertThat(denial.at("/detail/grant").asString()).isEqualTo(grant);
        JsonNode permit = entry(customer, "access.permitted", ann.account());
        assertThat(permit.at("/detail/grant").asString()).isEqualTo(grant);
        assertThat(permit.at("/detail/provider").asString()).startsWith("Northwind SOC");
        assertThat(provider.get("/api/v1/audit?limit=200").body()).doesNotContain("provider.used");

        JsonNode use = customer.get("/api/v1/providers").json().get(0).get("uses").get(0);
        assertThat(use.get("account").asString()).isEqualTo(ann.account().toString());
        assertThat(use.get("name").asString()).contains("(Northwind SOC");
    }

    @Test
    void whatGivesPowerOverTheCompanyIsShutWhateverTheRoleAndThePolicies() {
        Client customer = app.newTenant();
        grant(customer, terms(Map.of()));
        Response wide =
                customer.send(
                        customer.csrf(
                                customer.json(
                                                "/api/v1/policies",
                                                "PUT",
                                                Map.of(
                                                        "policies",
                                                        "permit (principal, action, resource)"
                                                                + " unless { principal in"
                                                                + " Role::\"auditor\" };"))
                                        .header("If-Match", "\"0\"")));
        assertThat(wide.status()).as(wide.body()).isEqualTo(200);
        for (Client who : List.of(ann, rob, max)) {
            for (String path :
                    List.of(
                            "/api/v1/users",
                            "/api/v1/roles",
                            "/api/v1/policies",
                            "/api/v1/api-keys",
                            "/api/v1/oauth-clients",
                            "/api/v1/service-accounts",
                            "/api/v1/settings/sessions",
                            "/api/v1/provisioning",
                            "/api/v1/billing",
                            "/api/v1/audit",
                            "/api/v1/audit/export?format=json",
                            "/api/v1/audit/keys",
                            "/api/v1/providers",
                            "/api/v1/provider/customers",
                            "/api/v1/account/sessions",
                            "/api/v1/account/api-keys",
                            "/api/v1/approval-delegations")) {
                assertThat(in(who, customer, path).status()).as(path).isIn(403, 404);
                assertThat(in(who, customer, path).body()).as(path).doesNotContain("\"items\"");
            }
            for (String path :
                    List.of(
                            "/api/v1/invitations",
                            "/api/v1/sources",
                            "/api/v1/service-accounts",
                            "/api/v1/account/api-keys",
                            "/api/v1/account/step-up",
                            "/api/v1/approval-delegations",
                            "/api/v1/audit/checkpoints",
                            "/api/v1/providers",
                            "/api/v1/providers/questions",
                            "/api/v1/provider/requests",
                            "/api/v1/account/password")) {
                assertThat(post(who, customer, path, Map.of()).status())
                        .as(path)
                        .isIn(403, 404, 405, 422, 400);
                assertThat(post(who, customer, path, Map.of()).status()).as(path).isNotEqualTo(201);
            }
        }
    }

    @Test
    void noCompanyDefinesOrGivesAProviderRole() {
        Client customer = app.newTenant();
        for (String role : ALL) {
            assertThat(
                            customer.put(
                                            "/api/v1/roles/" + role,
                                            Map.of("permissions", List.of("event:read")))
                                    .problem())
                    .isEqualTo("invalid");
            assertThat(
                            customer.post(
                                            "/api/v1/invitations",
                                            Map.of("email", "x@example.org", "role", role))
                                    .status())
                    .isEqualTo(422);
        }
    }

    @Test
    void aCustomersPoliciesBindItsProviderAtOnce() {
        Client customer = app.newTenant();
        grant(customer, terms(Map.of()));
        assertThat(in(ann, customer, "/api/v1/incidents").status()).isEqualTo(200);
        forbidProviders(customer);
        assertThat(in(ann, customer, "/api/v1/incidents").problem()).isEqualTo("denied");
        assertThat(customer.get("/api/v1/incidents").status()).isEqualTo(200);
    }

    @Test
    void nobodyOfAProviderApprovesTheirOwnRunWhateverTheSettings() {
        Client customer = app.newTenant();
        grant(customer, terms(Map.of()));
        String workflow = asking(customer);
        Response started =
                post(
                        rob,
                        customer,
                        "/api/v1/workflows/" + workflow + "/runs",
                        Map.of("input", Map.of()));
        assertThat(started.status()).as(started.body()).isIn(200, 201, 202);
        JsonNode asked =
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .until(
                                () ->
                                        in(rob, customer, "/api/v1/approvals?state=waiting")
                                                .json()
                                                .get("items"),
                                items -> !items.isEmpty())
                        .get(0);
        String at =
                "/api/v1/runs/"
                        + asked.get("runId").asString()
                        + "/approvals/"
                        + asked.get("id").asString();
        JsonNode standing =
                in(rob, customer, "/api/v1/approvals/" + asked.get("id").asString() + "/standing")
                        .json();
        assertThat(standing.get("mayDecide").asBoolean()).isFalse();
        var yes =
                Map.of(
                        "verdict",
                        "approve",
                        "reason",
                        "because",
                        "actionHash",
                        standing.get("actionHash").asString());
        Response own = post(rob, customer, at + "/decision", yes);
        assertThat(own.status()).as(own.body()).isEqualTo(403);
        assertThat(own.body()).contains("You started this run");
        // somebody else of the provider may, since the stage names them
        Response other = post(max, customer, at + "/decision", yes);
        assertThat(other.status()).as(other.body()).isEqualTo(200);
    }

    /** A workflow whose approval lets whoever started it vote. */
    private String asking(Client customer) {
        String workflow =
                customer.post("/api/v1/workflows", Map.of("name", "Ask"))
                        .json()
                        .get("id")
                        .asString();
        Response saved =
                customer.send(
                        customer.csrf(
                                customer.json(
                                                "/api/v1/workflows/" + workflow + "/draft",
                                                "PUT",
                                                Map.of(
                                                        "name",
                                                        "Ask",
                                                        "description",
                                                        "",
                                                        "nodes",
                                                        List.of(
                                                                node("start", "manual", Map.of()),
                                                                node(
                                                                        "ask",
                                                                        "approval",
                                                                        Map.of(
                                                                                "title",
                                                                                "May it?",
                                                                                "separation",
                                                                                Map.of(
                                                                                        "starter",
                                                                                        false),
                                                                                "stages",
                                                                                List.of(
                                                                                        Map.of(
                                                                                                "name",
                                                                                                "Duty",
                                                                                                "users",
                                                                                                List
                                                                                                        .of(
                                                                                                                rob
                                                                                                                        .email(),
                                                                                                                max
                                                                                                                        .email()))))),
                                                                node(
                                                                        "end",
                                                                        "set",
                                                                        Map.of(
                                                                                "vars",
                                                                                Map.of(
                                                                                        "done",
                                                                                        "true")))),
                                                        "edges",
                                                        List.of(
                                                                edge("start", "out", "ask"),
                                                                edge("ask", "approved", "end"))))
                                        .header("If-Match", "\"1\"")));
        assertThat(saved.status()).as(saved.body()).isEqualTo(200);
        Response published = customer.post("/api/v1/workflows/" + workflow + "/publish", Map.of());
        assertThat(published.status()).as(published.body()).isEqualTo(200);
        return workflow;
    }

    private static Map<String, Object> node(String key, String type, Map<String, Object> config) {
        return Map.of("key", key, "type", type, "name", key, "config", config, "x", 0, "y", 0);
    }

    private static Map<String, Object> edge(String from, String port, String to) {
        return Map.of("from", from, "port", port, "to", to);
    }

    @Test
    void keysAndTokensActAtHomeOnly() {
        Client customer = app.newTenant();
        grant(customer, terms(Map.of()));
        Response made =
                ann.post(
                        "/api/v1/account/api-keys",
                        Map.of(
                                "name",
                                "k",
                                "scopes",
                                List.of("incident:read"),
                                "days",
                                1,
                                "code",
                                app.codeAtOnce(ann)));
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        Client key = app.anonymous().withKey(made.json().get("secret").asString());
        assertThat(key.get("/api/v1/incidents").status()).isEqualTo(200);
        assertThat(in(key, customer, "/api/v1/incidents").problem()).isEqualTo("denied");
        assertThat(key.get("/api/v1/incidents?in-customer=" + customer.tenant()).problem())
                .isEqualTo("denied");
    }

    // ------------------------------------------------------------ nothing there

    /**
     * Whoever has no grant is answered as at a company that there is not, byte for byte, by every
     * address that a person may ask.
     */
    @Test
    void withoutALiveGrantACustomerLooksAsIfItDidNotExist() {
        Client never = app.newTenant();
        Client expired = app.newTenant();
        Client revoked = app.newTenant();
        Client others = app.newTenant();
        Client withdrawn = app.newTenant();
        Client narrowed = app.newTenant();
        String old = grant(expired, terms(Map.of()));
        app.database()
                .asOwner(
                        "UPDATE platform.delegation SET until = now() - interval '1 second' WHERE"
                                + " id = '"
                                + old
                                + "'");
        String gone = grant(revoked, terms(Map.of()));
        assertThat(revoked.delete("/api/v1/providers/" + gone).status()).isEqualTo(204);
        grant(others, terms(Map.of("people", List.of(rob.account()))));
        String back = grant(withdrawn, terms(Map.of()));
        assertThat(provider.delete("/api/v1/provider/requests/" + back).status()).isEqualTo(204);
        grant(narrowed, terms(Map.of("roles", List.of("provider-admin"))));
        Client live = app.newTenant();
        grant(live, terms(Map.of()));
        Client stranger = app.newTenant();
        assertThat(in(ann, live, "/api/v1/incidents").status()).isEqualTo(200);

        int asked = 0;
        var told = new TreeSet<String>();
        for (String path :
                List.of(
                        "/api/v1/session",
                        "/api/v1/incidents",
                        "/api/v1/incidents/" + UUID.randomUUID(),
                        "/api/v1/overview",
                        "/api/v1/rules",
                        "/api/v1/users",
                        "/api/v1/audit",
                        "/api/v1/account/sessions",
                        "/api/v1/providers",
                        "/api/v1/nothing-at-all")) {
            String none = plain(in(ann, UUID.randomUUID().toString(), path));
            for (String named :
                    List.of(
                            never.tenant().toString(),
                            expired.tenant().toString(),
                            revoked.tenant().toString(),
                            others.tenant().toString(),
                            withdrawn.tenant().toString(),
                            narrowed.tenant().toString(),
                            provider.tenant().toString(),
                            "00000000-0000-0000-0000-000000000001",
                            "not an id",
                            "")) {
                String real = plain(in(ann, named, path));
                asked += 2;
                if (!real.equals(none)) {
                    told.add(path + " in " + named + ": " + real + " but " + none);
                }
            }
            // who is no provider's person learns no more about a company that has a live grant
            if (!plain(in(stranger, live.tenant().toString(), path))
                    .equals(plain(in(stranger, UUID.randomUUID().toString(), path)))) {
                told.add(path + " by a stranger");
            }
        }
        String post = plain(post(ann, UUID.randomUUID().toString(), "/api/v1/workflows"));
        for (Client named : List.of(never, expired, revoked, others, withdrawn, narrowed)) {
            String real = plain(post(ann, named.tenant().toString(), "/api/v1/workflows"));
            if (!real.equals(post)) {
                told.add(real + " but " + post);
            }
        }
        System.out.printf("grants: %d requests without one%n", asked);
        assertThat(told).isEmpty();
        assertThat(post).startsWith("404");
    }

    /** Clearance is given by the company itself, and nobody of a provider has one. */
    @Test
    void whatACustomerClassifiesItsProviderDoesNotSee() {
        Client customer = app.newTenant();
        grant(customer, terms(Map.of()));
        incident(customer, 5, 5, "On a machine");
        update(
                new TenantId(customer.tenant()),
                """
                INSERT INTO asset (id, name, name_key, source_name, first_seen_at, last_seen_at)
                SELECT gen_random_uuid(), host_key, host_key, 'test', now(), now() FROM incident
                """);
        JsonNode asset = customer.get("/api/v1/assets").json().at("/items/0");
        assertThat(in(max, customer, "/api/v1/incidents").body()).contains("On a machine");
        assertThat(all(max, customer)).contains("On a machine");
        Response marked =
                customer.put(
                        "/api/v1/assets/" + asset.get("id").asString() + "/mark",
                        Map.of("classification", 1));
        assertThat(marked.status()).as(marked.body()).isEqualTo(200);
        for (Client person : List.of(ann, rob, max)) {
            assertThat(in(person, customer, "/api/v1/incidents").body())
                    .doesNotContain("On a machine");
            assertThat(in(person, customer, "/api/v1/assets").json().get("items")).isEmpty();
            assertThat(all(person, customer)).doesNotContain("On a machine");
        }
        assertThat(customer.get("/api/v1/incidents").body()).contains("On a machine");
    }

    private static String all(Client person, Client customer) {
        return person.get("/api/v1/provider/incidents?customer=" + customer.tenant()).body();
    }

    @Test
    void aGrantHoldsOnlyWhileThePersonIsTheProviders() {
        Client customer = app.newTenant();
        grant(customer, terms(Map.of()));
        Client eve = member("analyst", "provider-analyst");
        assertThat(in(eve, customer, "/api/v1/incidents").status()).isEqualTo(200);
        assertThat(provider.delete("/api/v1/provider/people/" + eve.account()).status())
                .isEqualTo(204);
        assertThat(in(eve, customer, "/api/v1/incidents").status()).isEqualTo(404);
        give(eve, "provider-analyst");
        assertThat(in(eve, customer, "/api/v1/incidents").status()).isEqualTo(200);
        assertThat(
                        provider.patch("/api/v1/users/" + eve.account(), Map.of("disabled", true))
                                .status())
                .isEqualTo(200);
        assertThat(in(eve, customer, "/api/v1/incidents").status()).isEqualTo(401);
    }

    @Test
    void aCompanyThatIsNoProviderAnyMoreReachesNobody() {
        Client second = app.newTenant();
        operator(second, true);
        Client person = app.newColleague(second, "analyst");
        Response given =
                second.put(
                        "/api/v1/provider/people/" + person.account(),
                        Map.of("role", "provider-analyst", "code", app.codeAtOnce(second)));
        assertThat(given.status()).as(given.body()).isEqualTo(200);
        Client customer = app.newTenant();
        var body = new HashMap<>(terms(Map.of()));
        body.put("code", app.codeAtOnce(second));
        String code = second.post("/api/v1/provider/requests", body).json().get("code").asString();
        assertThat(agree(customer, code, terms(Map.of())).status()).isEqualTo(201);
        assertThat(in(person, customer, "/api/v1/incidents").status()).isEqualTo(200);
        assertThat(operator(second, false).status()).isEqualTo(204);
        assertThat(in(person, customer, "/api/v1/incidents").status()).isEqualTo(404);
        assertThat(person.get("/api/v1/provider/customers").problem()).isEqualTo("not-a-provider");
    }

    // ------------------------------------------------------------ at once

    @Test
    void nothingIsPermittedToAHundredClientsOnceRevokingReturned() throws Exception {
        Client customer = app.newTenant();
        String grant = grant(customer, terms(Map.of()));
        var returned = new AtomicLong(Long.MAX_VALUE);
        var latest = new AtomicLong();
        var permits = new AtomicInteger();
        var stop = new AtomicBoolean();
        assertThat(in(ann, customer, "/api/v1/incidents").status()).isEqualTo(200);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                Client tab = app.anonymous();
                tab.setCookie("CSSESSION", ann.cookie("CSSESSION"));
                threads.submit(() -> {
                    while (!stop.get()) {
                        long sent = System.nanoTime();
                        if (in(tab, customer, "/api/v1/incidents?limit=1").status() == 200) {
                            permits.incrementAndGet();
                            latest.accumulateAndGet(sent, Math::max);
                        }
                    }
                    return true;
                });
            }
            try {
                Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> permits.get() > 200);
                assertThat(customer.delete("/api/v1/providers/" + grant).status()).isEqualTo(204);
                returned.set(System.nanoTime());
                // so that each of them asks some times more
                for (int i = 0; i < 20; i++) {
                    assertThat(in(ann, customer, "/api/v1/incidents").status()).isEqualTo(404);
                }
            } finally {
                stop.set(true);
            }
        }
        assertThat(latest.get()).as("last permitted request").isLessThan(returned.get());
    }

    @Test
    void openSocketsInTheCustomerEndWithinASecond() throws Exception {
        Client customer = app.newTenant();
        String grant = grant(customer, terms(Map.of()));
        var there = listen(ann, "?in-customer=" + customer.tenant());
        var home = listen(ann, "");
        long begun = System.nanoTime();
        assertThat(customer.delete("/api/v1/providers/" + grant).status()).isEqualTo(204);
        assertThat(there.get(10, TimeUnit.SECONDS)).isEqualTo(4401);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(1));
        assertThat(home).isNotDone();
        assertThatThrownBy(() -> listen(ann, "?in-customer=" + customer.tenant()))
                .hasMessageContaining("WebSocketHandshakeException");
    }

    @Test
    void aNarrowedRoleClosesSocketsThatWereOpenedWithMore() throws Exception {
        Client customer = app.newTenant();
        String grant = grant(customer, terms(Map.of()));
        var socket = listen(ann, "?in-customer=" + customer.tenant());
        limit(customer, grant, List.of("provider-admin"), null, inDays(5));
        assertThat(socket.get(10, TimeUnit.SECONDS)).isEqualTo(4401);
    }

    // ------------------------------------------------------------ the walls

    @Test
    void neitherSideReadsOrWritesTheOthersHalf() {
        Client customer = app.newTenant();
        String grant = grant(customer, terms(Map.of()));
        var mine = new TenantId(provider.tenant());
        var theirs = new TenantId(customer.tenant());
        assertThat(count(mine, "SELECT count(*) FROM platform.delegation")).isZero();
        assertThat(count(theirs, "SELECT count(*) FROM platform.delegation_request")).isZero();
        assertThat(count(theirs, "SELECT count(*) FROM platform.provider_member")).isZero();
        assertThat(count(mine, "SELECT count(*) FROM platform.delegation_use")).isZero();
        assertThat(
                        update(
                                mine,
                                "UPDATE platform.delegation SET revoked_at = NULL, until ="
                                        + " 'infinity' WHERE id = '"
                                        + grant
                                        + "'"))
                .isZero();
        assertThat(
                        update(
                                theirs,
                                "UPDATE platform.delegation_request SET withdrawn_at = now() WHERE"
                                        + " id = '"
                                        + grant
                                        + "'"))
                .isZero();
        // a customer's half that nobody agreed to, written by the provider
        refused(
                mine,
                """
                INSERT INTO platform.delegation (id, tenant_id, provider_id, provider_name, roles, until, note, agreed_name, agreed_at)
                VALUES (gen_random_uuid(), '%s', '%s', 'x', '{provider-admin}', 'infinity', '', 'x', now())
                """
                        .formatted(theirs, mine));
        // or a request that seems used by somebody
        refused(
                mine,
                "UPDATE platform.delegation_request SET customer_id = '"
                        + theirs
                        + "', used_at = now()");
        refused(mine, "SELECT code_hash FROM platform.delegation_request");
        refused(
                theirs,
                "INSERT INTO platform.delegation_use SELECT * FROM platform.delegation_use");
        refused(
                mine,
                "INSERT INTO platform.provider_member (tenant_id, account_id, role, given_at)"
                        + " VALUES ('"
                        + theirs
                        + "', '"
                        + customer.account()
                        + "', 'provider-admin', now())");
        refused(mine, "UPDATE platform.tenant SET kind = 'provider'");
    }

    @Test
    void aHalfThatTheCustomerMadeUpAloneOpensNothing() {
        Client customer = app.newTenant();
        var theirs = new TenantId(customer.tenant());
        assertThat(
                        update(
                                theirs,
                                """
                                INSERT INTO platform.delegation
                                    (id, provider_id, provider_name, roles, until, note, agreed_name, agreed_at)
                                VALUES (gen_random_uuid(), '%s', 'x', '{provider-admin,provider-analyst}', now() + interval '1 day', '', 'x', now())
                                """
                                        .formatted(provider.tenant())))
                .isOne();
        assertThat(in(ann, customer, "/api/v1/incidents").status()).isEqualTo(404);
        // nor is a half widened beyond what was asked
        String grant =
                grant(
                        customer,
                        terms(Map.of("roles", List.of("provider-analyst"))),
                        Map.of("roles", List.of("provider-analyst")));
        update(
                theirs,
                "UPDATE platform.delegation SET roles = '{provider-admin}' WHERE id = '"
                        + grant
                        + "'");
        assertThat(in(max, customer, "/api/v1/incidents").status()).isEqualTo(404);
    }

    // ------------------------------------------------------------ all customers

    @Test
    void allCustomersAreShownAndWhoCannotBeReadIsNamed() {
        Client second = app.newTenant();
        operator(second, true);
        Client eve = app.newColleague(second, "analyst");
        second.put(
                "/api/v1/provider/people/" + eve.account(),
                Map.of("role", "provider-analyst", "code", app.codeAtOnce(second)));
        var customers = new ArrayList<Client>();
        for (String name : List.of("Acme", "Bolt", "Cord")) {
            Client customer = app.newTenant(name + " " + UUID.randomUUID());
            var body = new HashMap<>(terms(Map.of()));
            body.put("code", app.codeAtOnce(second));
            String code =
                    second.post("/api/v1/provider/requests", body).json().get("code").asString();
            assertThat(agree(customer, code, terms(Map.of())).status()).isEqualTo(201);
            customers.add(customer);
        }
        forbidProviders(customers.get(1));
        incident(customers.get(0), 5, 100, "Ransom note");
        incident(customers.get(0), 3, 300, "Odd login");
        incident(customers.get(1), 5, 50, "Secret");
        incident(customers.get(2), 4, 200, "Beacon");
        incident(customers.get(2), 3, 100, "Scan");

        JsonNode page = eve.get("/api/v1/provider/customers").json();
        assertThat(page.get("items").size()).isEqualTo(3);
        assertThat(page.at("/items/0/name").asString()).startsWith("Acme");
        assertThat(page.at("/items/0/health/openTotal").asLong()).isEqualTo(2);
        assertThat(page.at("/items/0/health/open/critical").asLong()).isEqualTo(1);
        assertThat(page.at("/items/0/health/approvalsWaiting").asLong()).isZero();
        assertThat(page.at("/items/1/name").asString()).startsWith("Bolt");
        assertThat(page.at("/items/1/health").isNull()).isTrue();
        assertThat(page.at("/items/1/trouble").asString()).isEqualTo("denied");
        assertThat(eve.get("/api/v1/provider/customers?q=cord").json().get("items").size())
                .isEqualTo(1);
        JsonNode first = eve.get("/api/v1/provider/customers?limit=2").json();
        JsonNode rest =
                eve.get("/api/v1/provider/customers?limit=2&cursor=" + first.get("next").asString())
                        .json();
        assertThat(rest.get("items").size()).isEqualTo(1);
        assertThat(rest.at("/items/0/name").asString()).startsWith("Cord");

        var titles = new ArrayList<String>();
        String next = "";
        do {
            JsonNode merged = eve.get("/api/v1/provider/incidents?limit=2" + next).json();
            merged.get("items").forEach(one -> titles.add(one.get("title").asString()));
            assertThat(merged.get("unread").size()).isEqualTo(1);
            assertThat(merged.at("/unread/0/name").asString()).startsWith("Bolt");
            next = merged.get("next").isNull() ? "" : "&cursor=" + merged.get("next").asString();
        } while (!next.isEmpty());
        assertThat(titles).containsExactly("Ransom note", "Beacon", "Scan", "Odd login");
        assertThat(
                        eve.get("/api/v1/provider/incidents?customer=" + customers.get(2).tenant())
                                .json()
                                .get("items")
                                .size())
                .isEqualTo(2);
        // a company that is no customer is as one that there is not
        assertThat(eve.get("/api/v1/provider/incidents?customer=" + provider.tenant()).body())
                .isEqualTo(
                        eve.get("/api/v1/provider/incidents?customer=" + UUID.randomUUID()).body());
        // reading shows in the customer's own trail
        assertThat(customers.get(0).get("/api/v1/audit?limit=100").body())
                .contains("provider.used", eve.account().toString());
        assertThat(second.get("/api/v1/provider/customers").problem()).isEqualTo("denied");
    }

    // ------------------------------------------------------------ hands

    private static Instant inDays(int days) {
        return Instant.now()
                .plus(Duration.ofDays(days))
                .truncatedTo(java.time.temporal.ChronoUnit.SECONDS);
    }

    private final Instant fixed = inDays(30);

    private Map<String, Object> terms(Map<String, Object> other) {
        var terms = new HashMap<String, Object>(Map.of("roles", ALL, "until", fixed.toString()));
        terms.putAll(other);
        return terms;
    }

    private Client member(String role, String providerRole) {
        Client colleague = app.newColleague(provider, role);
        give(colleague, providerRole);
        return colleague;
    }

    private void give(Client who, String role) {
        Response given =
                provider.put(
                        "/api/v1/provider/people/" + who.account(),
                        Map.of("role", role, "code", app.codeAtOnce(provider)));
        assertThat(given.status()).as(given.body()).isEqualTo(200);
    }

    private Response asking(Map<String, Object> other) {
        var body = terms(other);
        body.put("code", app.codeAtOnce(provider));
        return provider.post("/api/v1/provider/requests", body);
    }

    private String ask(Map<String, Object> other) {
        Response asked = asking(other);
        assertThat(asked.status()).as(asked.body()).isEqualTo(201);
        return asked.json().get("code").asString();
    }

    private static Response question(Client customer, String code) {
        return customer.post("/api/v1/providers/questions", Map.of("code", code));
    }

    private Response agree(Client customer, String code, Map<String, Object> terms) {
        var body = new HashMap<>(terms);
        body.put("code", code);
        body.put("factor", app.codeAtOnce(customer));
        return customer.post("/api/v1/providers", body);
    }

    private String grant(Client customer, Map<String, Object> terms) {
        return grant(customer, terms, Map.of());
    }

    private String grant(Client customer, Map<String, Object> terms, Map<String, Object> asked) {
        Response agreed = agree(customer, ask(asked), terms);
        assertThat(agreed.status()).as(agreed.body()).isEqualTo(201);
        return agreed.json().get("id").asString();
    }

    private static Response limit(
            Client customer,
            String grant,
            List<String> roles,
            @Nullable List<UUID> people,
            Instant until) {
        var body = new HashMap<String, Object>(Map.of("roles", roles, "until", until.toString()));
        if (people != null) {
            body.put("people", people);
        }
        return customer.put("/api/v1/providers/" + grant, body);
    }

    private Response operator(Client company, boolean provides) {
        try {
            return operator(
                    company,
                    provides,
                    Files.readString(app.data().resolve("operator.token")).strip());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Response operator(Client company, boolean provides, String token) {
        Client cli = app.anonymous();
        return cli.send(
                cli.json(
                                "/api/v1/operator/tenants/" + company.tenant() + "/provider",
                                "POST",
                                Map.of("provider", provides))
                        .header("Authorization", "Bearer " + token));
    }

    private static Response in(Client who, Client customer, String path) {
        return in(who, customer.tenant().toString(), path);
    }

    private static Response in(Client who, String customer, String path) {
        return who.send(who.request(path).header(IN, customer).GET());
    }

    private static Response post(Client who, Client customer, String path, Object body) {
        return who.send(
                who.csrf(who.json(path, "POST", body).header(IN, customer.tenant().toString())));
    }

    private static Response post(Client who, String customer, String path) {
        return who.send(
                who.csrf(
                        who.request(path)
                                .header(IN, customer)
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{\"name\":\"x\"}"))));
    }

    private static String plain(Response answer) {
        return answer.status()
                + " "
                + answer.body()
                + " "
                + answer.raw().headers().map().keySet().stream()
                        .filter(name -> !name.equalsIgnoreCase("date"))
                        .sorted()
                        .toList();
    }

    private static List<String> strings(JsonNode array) {
        return array.valueStream().map(JsonNode::asString).toList();
    }

    private static JsonNode entry(Client customer, String action) {
        return customer.get("/api/v1/audit?limit=100&action=" + action).json().get("items").get(0);
    }

    private static JsonNode entry(Client customer, String action, UUID actor) {
        return customer.get("/api/v1/audit?limit=100&action=" + action + "&actor=" + actor)
                .json()
                .get("items")
                .get(0);
    }

    private void forbidProviders(Client customer) {
        Response saved =
                customer.send(
                        customer.csrf(
                                customer.json(
                                                "/api/v1/policies",
                                                "PUT",
                                                Map.of(
                                                        "policies",
                                                        "forbid (principal, action, resource) when"
                                                                + " { context.grant != \"\" };"))
                                        .header("If-Match", "\"0\"")));
        assertThat(saved.status()).as(saved.body()).isEqualTo(200);
    }

    private void incident(Client company, int severity, int minutesAgo, String title) {
        var tenant = new TenantId(company.tenant());
        update(
                tenant,
                """
                INSERT INTO incident (id, number, title, summary, severity, state, host_key, risk, opened_at,
                    first_finding_at, last_finding_at, last_added_at)
                VALUES (gen_random_uuid(), (SELECT count(*) + 1 FROM incident), '%s', '', %d, 'new', 'h', 1,
                    now() - interval '%d minutes', now(), now(), now())
                """
                        .formatted(title, severity, minutesAgo));
    }

    private long count(TenantId tenant, String sql) {
        return app.bean(Transactions.class)
                .callAs(
                        Scope.tenant(tenant, Principal.system("test")),
                        () -> app.bean(JdbcClient.class).sql(sql).query(Long.class).single());
    }

    private int update(TenantId tenant, String sql) {
        return app.bean(Transactions.class)
                .callAs(
                        Scope.tenant(tenant, Principal.system("test")),
                        () -> app.bean(JdbcClient.class).sql(sql).update());
    }

    private void refused(TenantId tenant, String sql) {
        assertThatThrownBy(() -> update(tenant, sql))
                .as(sql)
                .satisfies(e ->
                        assertThat(Arrays.asList("42501").stream().anyMatch(code -> state(e, code)))
                                .as(e.toString())
                                .isTrue());
    }

    private static boolean state(Throwable e, String code) {
        for (Throwable at = e; at != null; at = at.getCause()) {
            if (at instanceof java.sql.SQLException sql && code.equals(sql.getSQLState())) {
                return true;
            }
        }
        return false;
    }

    private static CompletableFuture<Integer> listen(Client client, String query) {
        var closed = new CompletableFuture<Integer>();
        var open = new CompletableFuture<Boolean>();
        var listener =
                new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(
                            WebSocket socket, CharSequence data, boolean last) {
                        open.complete(true);
                        socket.request(1);
                        return null;
                    }

                    @Override
                    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
                        closed.complete(status);
                        return null;
                    }
                };
        URI base = client.base();
        client.http()
                .newWebSocketBuilder()
                .header("Origin", base.toString())
                .buildAsync(
                        URI.create("ws://127.0.0.1:" + base.getPort() + "/api/v1/live" + query),
                        listener)
                .join()
                .sendText("{\"op\":\"ping\"}", true)
                .join();
        open.join();
        return closed;
    }
}
