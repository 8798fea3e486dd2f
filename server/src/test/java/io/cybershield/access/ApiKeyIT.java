package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.platform.Scope;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Keys of programs, and what they must never open. */
class ApiKeyIT {
    private static final String OWN = "/api/v1/account/api-keys";
    private final TestApplication app = TestApplication.shared();

    @Test
    void aKeyActsForItsOwnerWithinItsScopes() {
        Client ada = app.newTenant();
        JsonNode made = make(ada, OWN, List.of("incident:read", "user:read"), List.of());
        Client program = app.anonymous().withKey(made.get("secret").asString());

        assertThat(program.get("/api/v1/users").status()).isEqualTo(200);
        JsonNode present = program.get("/api/v1/api-key").json();
        assertThat(texts(present.get("permissions"))).containsExactly("incident:read", "user:read");
        assertThat(present.get("key").get("lastUsedFrom").asString()).isEqualTo("127.0.0.1");

        Response denied = program.post("/api/v1/sources", Map.of("name", "x", "kind", "json"));
        assertThat(denied.problem()).isEqualTo("denied");
        assertThat(denied.json().get("permission").asString()).isEqualTo("source:manage");
        assertThat(denied.body()).contains("this key");
        assertThat(ada.get("/api/v1/audit?limit=200").body())
                .contains("access.key-made", "Ada Admin (key all)");
        // the secret was told once and is kept nowhere
        assertThat(ada.get(OWN).body()).doesNotContain(made.get("secret").asString());
    }

    @Test
    void writesWithoutACsrfTokenAndACookieBesideItCountsForNothing() {
        Client ada = app.newTenant();
        Client other = app.newTenant();
        JsonNode made = make(ada, OWN, List.of("source:manage", "event:read"), List.of());
        Client program = app.anonymous().withKey(made.get("secret").asString());
        var source = Map.of("name", "by key", "kind", "json");
        assertThat(program.send(program.json("/api/v1/sources", "POST", source)).status())
                .isEqualTo(201);

        // somebody else's session with Ada's key: it is Ada's company that is written to
        other.withKey(made.get("secret").asString());
        assertThat(other.get("/api/v1/sources").body()).contains("by key");
        assertThat(other.get("/api/v1/users").problem()).isEqualTo("denied");
        // and a wrong key is not made good by a session
        Client signedIn = app.newTenant().withKey("cybershield_nonsense");
        assertThat(signedIn.get("/api/v1/users").problem()).isEqualTo("key-refused");
    }

    @Test
    void takesAFreshCodeAndNeverMoreThanTheOwnerHas() {
        Client ada = app.newTenant();
        Client analyst = app.newColleague(ada, "analyst");
        assertThat(wanted(analyst, OWN, List.of("incident:read"), List.of(), "").problem())
                .isEqualTo("fresh-code-needed");
        Response more =
                wanted(analyst, OWN, List.of("user:manage"), List.of(), app.codeAtOnce(analyst));
        assertThat(more.problem()).isEqualTo("invalid");
        assertThat(more.body()).contains("user:manage", "analyst");
        Response person =
                wanted(ada, OWN, List.of("approval:decide"), List.of(), app.codeAtOnce(ada));
        assertThat(person.body()).contains("takes a person");
        assertThat(wanted(ada, OWN, List.of(), List.of(), app.codeAtOnce(ada)).problem())
                .isEqualTo("invalid");
        Response network =
                wanted(ada, OWN, List.of("user:read"), List.of("300.1.1.1/8"), app.codeAtOnce(ada));
        assertThat(network.body()).contains("#/networks/0");
    }

    @Test
    void aKeyOpensNothingThatTakesAPerson() {
        Client ada = app.newTenant();
        JsonNode made = make(ada, OWN, List.of("user:manage", "settings:manage"), List.of());
        Client program = app.anonymous().withKey(made.get("secret").asString());
        for (String path : List.of("/api/v1/account", OWN, "/api/v1/account/sessions")) {
            assertThat(program.get(path).status()).as(path).isEqualTo(403);
        }
        assertThat(
                        program.post(
                                        "/api/v1/sign-in",
                                        Map.of("email", ada.email(), "password", "x"))
                                .status())
                .isBetween(400, 403);
        assertThat(program.get("/api/v1/live").status()).isEqualTo(403);
        // not even with a code: a stolen key and a shoulder are no person
        Map<String, Object> body = Map.of("name", "x", "description", "", "role", "analyst");
        assertThat(program.post("/api/v1/service-accounts", body).problem())
                .as("a role with more than its own scopes")
                .isEqualTo("more-than-own");
        String service = ada.post("/api/v1/service-accounts", body).json().get("id").asString();
        Response again =
                wanted(
                        program,
                        "/api/v1/service-accounts/" + service + "/api-keys",
                        List.of("user:read"),
                        List.of(),
                        app.codeAtOnce(ada));
        assertThat(again.problem()).isEqualTo("fresh-code-needed");
    }

    @Test
    void whatIsTakenFromTheOwnerIsGoneWithTheNextRequest() {
        Client ada = app.newTenant();
        Client bob = app.newColleague(ada, "tenant-admin");
        JsonNode made = make(bob, OWN, List.of("user:read", "audit:read"), List.of());
        Client program = app.anonymous().withKey(made.get("secret").asString());
        assertThat(program.get("/api/v1/audit").status()).isEqualTo(200);
        change(ada, bob, Map.of("role", "analyst"));
        assertThat(program.get("/api/v1/audit").problem()).isEqualTo("denied");
        assertThat(program.get("/api/v1/users").status()).isEqualTo(200);
        change(ada, bob, Map.of("disabled", true));
        assertThat(program.get("/api/v1/users").problem()).isEqualTo("key-refused");
        change(ada, bob, Map.of("disabled", false));
        assertThat(program.get("/api/v1/users").status()).isEqualTo(200);
        // an administrator ends it
        String id = made.get("key").get("id").asString();
        assertThat(ada.delete("/api/v1/api-keys/" + id).status()).isEqualTo(204);
        assertThat(program.get("/api/v1/users").body()).contains("revoked");
        assertThat(ada.get("/api/v1/audit?limit=200").body())
                .contains("access.key-revoked", "access.key-refused");
    }

    @Test
    void noPermitOfAHundredProgramsComesAfterTheRevocationReturned() {
        Client ada = app.newTenant();
        JsonNode made = make(ada, OWN, List.of("user:read"), List.of());
        String secret = made.get("secret").asString();
        var programs =
                IntStream.range(0, 100).mapToObj(_ -> app.anonymous().withKey(secret)).toList();
        assertThat(programs.parallelStream().map(p -> p.get("/api/v1/users").status()).distinct())
                .containsExactly(200);
        assertThat(ada.delete(OWN + "/" + made.get("key").get("id").asString()).status())
                .isEqualTo(204);
        assertThat(programs.parallelStream().map(p -> p.get("/api/v1/users").status()).distinct())
                .containsExactly(401);
        // a flood of refusals is one entry of the trail
        assertThat(
                        ada.get("/api/v1/audit?limit=200")
                                .json()
                                .get("items")
                                .valueStream()
                                .filter(e ->
                                        e.get("action").asString().equals("access.key-refused"))
                                .count())
                .isEqualTo(1);
    }

    @Test
    void worksFromItsNetworksUntilItRunsOut() {
        Client ada = app.newTenant();
        JsonNode elsewhere = make(ada, OWN, List.of("user:read"), List.of("203.0.113.0/24"));
        Client far = app.anonymous().withKey(elsewhere.get("secret").asString());
        assertThat(far.get("/api/v1/users").body()).contains("does not work from 127.0.0.1");
        // a header says nothing about where a request comes from
        assertThat(
                        far.send(
                                        far.request("/api/v1/users")
                                                .header("X-Forwarded-For", "203.0.113.9")
                                                .GET())
                                .status())
                .isEqualTo(401);
        JsonNode here = make(ada, OWN, List.of("user:read"), List.of("127.0.0.0/8", "::1"));
        Client near = app.anonymous().withKey(here.get("secret").asString());
        assertThat(near.get("/api/v1/users").status()).isEqualTo(200);
        runOut(here.get("key").get("id").asString());
        assertThat(near.get("/api/v1/users").body()).contains("ran out on");
        assertThat(ada.get(OWN).body()).contains("\"expired\"");
    }

    /** As the owner of the database: nobody else may. */
    private void runOut(String id) {
        app.database()
                .asOwner(
                        "UPDATE platform.api_key SET expires_at = now() WHERE id = '"
                                + UUID.fromString(id)
                                + "'");
    }

    @Test
    void aServiceAccountActsInItsOwnName() {
        Client ada = app.newTenant();
        Client bob = app.newColleague(ada, "analyst");
        assertThat(bob.get("/api/v1/service-accounts").problem()).isEqualTo("denied");
        var body = Map.of("name", "backup", "description", "nightly", "role", "auditor");
        JsonNode service = ada.post("/api/v1/service-accounts", body).json();
        assertThat(ada.post("/api/v1/service-accounts", body).problem()).isEqualTo("invalid");
        assertThat(texts(service.get("possibleScopes"))).contains("audit:read");
        String path = "/api/v1/service-accounts/" + service.get("id").asString();
        assertThat(
                        wanted(
                                        ada,
                                        path + "/api-keys",
                                        List.of("source:manage"),
                                        List.of(),
                                        app.codeAtOnce(ada))
                                .problem())
                .isEqualTo("invalid");
        JsonNode made = make(ada, path + "/api-keys", List.of("audit:read"), List.of());
        Client program = app.anonymous().withKey(made.get("secret").asString());
        assertThat(program.get("/api/v1/audit").status()).isEqualTo(200);
        assertThat(program.get("/api/v1/incidents").problem()).isEqualTo("denied");
        assertThat(ada.patch(path, Map.of("disabled", true)).json().get("disabled").asBoolean())
                .isTrue();
        assertThat(program.get("/api/v1/audit").body()).contains("was disabled");
        assertThat(
                        wanted(
                                        ada,
                                        path + "/api-keys",
                                        List.of("audit:read"),
                                        List.of(),
                                        app.codeAtOnce(ada))
                                .body())
                .contains("disabled");
    }

    @Test
    void aCompanysOwnRolesAndPoliciesHoldForKeysAtOnce() {
        Client ada = app.newTenant();
        var role = Map.of("permissions", List.of("audit:read", "user:read"), "conditions", "");
        assertThat(ada.put("/api/v1/roles/copying", role).status()).isBetween(200, 201);
        JsonNode service =
                ada.post(
                                "/api/v1/service-accounts",
                                Map.of("name", "copy", "description", "", "role", "copying"))
                        .json();
        String path = "/api/v1/service-accounts/" + service.get("id").asString();
        JsonNode made =
                make(ada, path + "/api-keys", List.of("audit:read", "user:read"), List.of());
        Client program = app.anonymous().withKey(made.get("secret").asString());
        assertThat(program.get("/api/v1/audit").status()).isEqualTo(200);
        Response inUse = ada.delete("/api/v1/roles/copying");
        assertThat(inUse.problem()).isEqualTo("role-in-use");
        assertThat(inUse.body()).contains("copy");
        var less = Map.of("permissions", List.of("user:read"), "conditions", "", "revision", 1);
        Response changed = ada.put("/api/v1/roles/copying", less);
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
        assertThat(program.get("/api/v1/audit").problem()).isEqualTo("denied");
        assertThat(program.get("/api/v1/users").status()).isEqualTo(200);
    }

    @Test
    void onesOwnListHasOnesOwnKeysOnly() {
        Client ada = app.newTenant();
        Client bob = app.newColleague(ada, "analyst");
        String hers =
                make(ada, OWN, List.of("user:read"), List.of()).get("key").get("id").asString();
        assertThat(bob.get(OWN).json().get("items")).isEmpty();
        assertThat(bob.delete(OWN + "/" + hers).status()).isEqualTo(404);
        assertThat(bob.get("/api/v1/api-keys").problem()).isEqualTo("denied");
        assertThat(ada.get("/api/v1/api-keys").json().get("items")).hasSize(1);
    }

    @Test
    void whoeverWillMissAKeyIsToldOnceAWeekBeforeItRunsOut() {
        Client ada = app.newTenant();
        Client bob = app.newColleague(ada, "analyst");
        String of = "/api/v1/service-accounts/";
        String service =
                ada.post(
                                of.substring(0, of.length() - 1),
                                Map.of("name", "x", "description", "", "role", "analyst"))
                        .json()
                        .get("id")
                        .asString();
        String bobs =
                make(bob, OWN, List.of("incident:read"), List.of()).get("key").get("id").asString();
        String services =
                make(ada, of + service + "/api-keys", List.of("incident:read"), List.of())
                        .get("key")
                        .get("id")
                        .asString();
        String later =
                make(ada, OWN, List.of("incident:read"), List.of()).get("key").get("id").asString();
        String gone =
                make(ada, OWN, List.of("incident:read"), List.of()).get("key").get("id").asString();
        assertThat(ada.delete(OWN + "/" + gone).status()).isEqualTo(204);
        var reminders = app.bean(KeyReminders.class);
        reminders.tick();
        assertThat(reminded()).doesNotContain(bobs, services, later, gone);
        age(bobs, "24 days");
        age(services, "24 days");
        age(later, "22 days");
        age(gone, "24 days");
        IntStream.range(0, 8).parallel().forEach(i -> reminders.tick());
        assertThat(reminded())
                .contains(bobs + ":" + bob.account(), services + ":" + ada.account())
                .noneMatch(key -> key.startsWith(later) || key.startsWith(gone))
                .doesNotHaveDuplicates()
                .noneMatch(key -> key.equals(bobs + ":" + ada.account()));
    }

    private void age(String key, String by) {
        app.database()
                .asOwner(
                        "UPDATE platform.api_key SET created_at = created_at - interval '%1$s', expires_at = expires_at - interval '%1$s' WHERE id = '%2$s'"
                                .formatted(by, key));
    }

    /** Keys and whom they were told of. */
    private List<String> reminded() {
        return app.database()
                .transactions()
                .callAs(
                        Scope.platform("test"),
                        () ->
                                app.database()
                                        .jdbc()
                                        .sql(
                                                "SELECT substr(dedupe_key, 10) FROM platform.mail"
                                                        + " WHERE dedupe_key LIKE 'key-ends:%'")
                                        .query(String.class)
                                        .list());
    }

    private JsonNode make(Client who, String path, List<String> scopes, List<String> networks) {
        Response made = wanted(who, path, scopes, networks, app.codeAtOnce(who));
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        return made.json();
    }

    private static Response wanted(
            Client who, String path, List<String> scopes, List<String> networks, String code) {
        return who.post(
                path,
                Map.of(
                        "name",
                        "all",
                        "scopes",
                        scopes,
                        "networks",
                        networks,
                        "days",
                        30,
                        "code",
                        code));
    }

    private static void change(Client admin, Client whom, Map<String, Object> body) {
        Response changed = admin.patch("/api/v1/users/" + whom.account(), body);
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
    }

    private static List<String> texts(JsonNode list) {
        return list.valueStream().map(JsonNode::asString).toList();
    }
}
