package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A company's directory: what it can do to people, and what it never can. */
class ScimIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String USERS = "/scim/v2/Users";
    private static final String GROUPS = "/scim/v2/Groups";
    private final TestApplication app = TestApplication.shared();

    // ------------------------------------------------------------ coming

    @Test
    void whomTheDirectoryAddsIsInvitedAndHasNoRoleUntilAGroupBringsOne() {
        Client ada = app.newTenant();
        Client directory = directory(ada);
        String address = address("new");
        Response added = send(directory, "POST", USERS, user(address, "ext-1"));
        assertThat(added.status()).as(added.body()).isEqualTo(201);
        assertThat(added.header("Content-Type")).startsWith("application/scim+json");
        String id = added.json().get("id").asString();
        assertThat(added.header("Location")).endsWith(USERS + "/" + id);
        assertThat(added.header("ETag")).isEqualTo(added.json().at("/meta/version").asString());
        assertThat(added.json().get("active").asBoolean()).isTrue();

        Client bob = accept(address);
        assertThat(bob.account()).isEqualTo(UUID.fromString(id));
        assertThat(bob.session().get("permissions").size()).isZero();
        assertThat(bob.get("/api/v1/incidents").problem()).isEqualTo("denied");
        assertThat(bob.get("/api/v1/users").problem()).isEqualTo("denied");

        String group = group(directory, "Analysts " + UUID.randomUUID(), id);
        assertThat(bob.get("/api/v1/incidents").problem())
                .as("a group alone brings nothing")
                .isEqualTo("denied");
        assertThat(tie(ada, group, "analyst").status()).isEqualTo(200);
        assertThat(bob.get("/api/v1/incidents").status()).isEqualTo(200);
        assertThat(get(directory, USERS + "/" + id).at("/groups/0/value").asString())
                .isEqualTo(group);

        patch(directory, GROUPS + "/" + group, "remove", "members[value eq \"" + id + "\"]", null);
        assertThat(bob.get("/api/v1/incidents").problem()).isEqualTo("denied");
        assertThat(ada.get("/api/v1/audit?limit=200").body())
                .contains(
                        "access.directory-added",
                        "access.group-added",
                        "access.group-tied",
                        "access.role-changed",
                        "Directory (SCIM) (key entra)");
    }

    @Test
    void whoTakesTheInvitationLaterGetsWhatTheGroupBringsByThen() {
        Client ada = app.newTenant();
        Client directory = directory(ada);
        String address = address("later");
        String id = add(directory, address);
        String group = group(directory, "Duty", id);
        tie(ada, group, "responder");
        Client bob = accept(address);
        assertThat(bob.session().at("/user/role").asString()).isEqualTo("responder");
        // of two, the widest
        String wide = group(directory, "Lead", id);
        tie(ada, wide, "analyst");
        assertThat(role(ada, id)).isEqualTo("analyst");
        assertThat(send(directory, "DELETE", GROUPS + "/" + wide, null).status()).isEqualTo(204);
        assertThat(role(ada, id)).isEqualTo("responder");
        tie(ada, group, null);
        assertThat(role(ada, id)).isEqualTo("none");
    }

    @Test
    void aColleagueKeepsTheRoleThatAnAdministratorGave() {
        Client ada = app.newTenant();
        Client directory = directory(ada);
        Client bob = app.newColleague(ada, "auditor");
        String id = bob.account().toString();
        JsonNode found =
                get(
                        directory,
                        USERS
                                + "?filter="
                                + q(
                                        "userName eq \""
                                                + bob.email().toUpperCase(Locale.ROOT)
                                                + "\""));
        assertThat(found.at("/Resources/0/id").asString()).isEqualTo(id);
        patch(directory, USERS + "/" + id, "Replace", "externalId", "42");
        assertThat(
                        get(directory, USERS + "?filter=" + q("externalId eq \"42\""))
                                .get("totalResults")
                                .asInt())
                .isEqualTo(1);
        String group = group(directory, "Nothing", id);
        send(directory, "DELETE", GROUPS + "/" + group, null);
        assertThat(role(ada, id)).isEqualTo("auditor");
        assertThat(
                        send(directory, "POST", USERS, user(bob.email(), "x"))
                                .json()
                                .get("scimType")
                                .asString())
                .isEqualTo("uniqueness");
        // the address stays its owner's to change
        patch(
                directory,
                USERS + "/" + id,
                "Replace",
                "emails[type eq \"work\"].value",
                address("evil"));
        assertThat(ada.get("/api/v1/users?limit=200").body()).contains(bob.email());
        assertThat(get(directory, USERS + "/" + id).at("/emails/0/value").asString())
                .isEqualTo(bob.email());
    }

    // ------------------------------------------------------------ going

    @Test
    void noPermitOfAHundredClientsComesAfterTheDirectoryEndedTheAccess() throws Exception {
        Client ada = app.newTenant();
        Client directory = directory(ada);
        Client bob = app.newColleague(ada, "analyst");
        Response key =
                bob.post(
                        "/api/v1/account/api-keys",
                        Map.of(
                                "name",
                                "own",
                                "scopes",
                                List.of("user:read"),
                                "days",
                                1,
                                "code",
                                app.codeAtOnce(bob)));
        Client program = app.anonymous().withKey(key.json().get("secret").asString());
        var socket = OwnAccountIT.listen(bob);
        var bySession = bob.request("/api/v1/users").GET().build();
        var byKey = program.request("/api/v1/users").GET().build();
        var stop = new AtomicBoolean();
        var permits = new AtomicInteger();
        var latest = new AtomicLong(Long.MIN_VALUE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var asked = new CountDownLatch(100);
            for (int i = 0; i < 100; i++) {
                var http = i % 2 == 0 ? bob.http() : program.http();
                var ask = i % 2 == 0 ? bySession : byKey;
                threads.submit(() -> {
                    boolean first = true;
                    while (!stop.get()) {
                        long at = System.nanoTime();
                        if (http.send(ask, BodyHandlers.discarding()).statusCode() == 200) {
                            permits.incrementAndGet();
                            latest.accumulateAndGet(at, Math::max);
                        }
                        if (first) {
                            first = false;
                            asked.countDown();
                        }
                    }
                    return true;
                });
            }
            assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
            Response ended =
                    patch(directory, USERS + "/" + bob.account(), "Replace", "active", "False");
            long returned = System.nanoTime();
            assertThat(ended.json().get("active").asBoolean()).isFalse();
            for (int i = 0; i < 20; i++) {
                ada.get("/api/v1/session");
            }
            stop.set(true);
            assertThat(permits.get()).isPositive();
            // Counted by when the request was sent.
            assertThat(latest.get()).isLessThan(returned);
        }
        assertThat(socket.get(10, TimeUnit.SECONDS)).isEqualTo(4401);
        assertThat(
                        app.anonymous()
                                .post(
                                        "/api/v1/sign-in",
                                        Map.of(
                                                "email",
                                                bob.email(),
                                                "password",
                                                TestApplication.PASSWORD))
                                .problem())
                .isEqualTo("wrong-credentials");
        // what the directory ended it may give back; what was open stays dead
        patch(directory, USERS + "/" + bob.account(), "Replace", "active", "True");
        assertThat(bob.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
        assertThat(program.get("/api/v1/users").body()).contains("revoked");
        assertThat(
                        app.anonymous()
                                .signIn(bob.email(), TestApplication.PASSWORD)
                                .session()
                                .get("state")
                                .asString())
                .isEqualTo("mfa-challenge");
    }

    @Test
    void whomTheDirectoryRemovesIsGoneAndComesBackWithoutARole() {
        Client ada = app.newTenant();
        Client directory = directory(ada);
        Client bob = app.newColleague(ada, "analyst");
        String path = USERS + "/" + bob.account();
        var socket = OwnAccountIT.listen(bob);
        assertThat(send(directory, "DELETE", path, null).status()).isEqualTo(204);
        assertThat(bob.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
        assertThat(socket.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(4401);
        assertThat(directory.get(path).status()).isEqualTo(404);
        assertThat(
                        get(
                                        directory,
                                        USERS
                                                + "?filter="
                                                + q("userName eq \"" + bob.email() + "\""))
                                .get("totalResults")
                                .asInt())
                .isZero();
        assertThat(send(directory, "DELETE", path, null).status()).isEqualTo(404);
        assertThat(ada.get("/api/v1/users?limit=200").body()).contains(bob.email());

        Response again = send(directory, "POST", USERS, user(bob.email(), "back"));
        assertThat(again.status()).isEqualTo(201);
        assertThat(role(ada, bob.account().toString())).isEqualTo("none");
        Client back = app.anonymous().signIn(bob.email(), TestApplication.PASSWORD);
        back.useSecondFactorOf(bob);
        assertThat(back.get("/api/v1/users").problem()).isEqualTo("denied");
        assertThat(bob.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
    }

    @Test
    void aWithdrawnInvitationOpensNothingAndANewOneIsSent() {
        Client ada = app.newTenant();
        Client directory = directory(ada);
        String address = address("once");
        String id = add(directory, address);
        String first = app.mailedLink(address, "/invitation");
        patch(directory, USERS + "/" + id, "replace", null, Map.of("active", false));
        assertThat(get(directory, USERS + "/" + id).get("active").asBoolean()).isFalse();
        assertThat(take(TestApplication.token(first)).problem()).isEqualTo("link-used-or-expired");
        patch(directory, USERS + "/" + id, "replace", null, Map.of("active", true));
        assertThat(accept(address).account()).isEqualTo(UUID.fromString(id));
    }

    @Test
    void whoTakesTheInvitationWhileItIsEndedGetsNothing() throws Exception {
        Client ada = app.newTenant();
        Client directory = directory(ada);
        for (int i = 0; i < 5; i++) {
            String address = address("race");
            String id = add(directory, address);
            String token = TestApplication.token(app.mailedLink(address, "/invitation"));
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var taken = threads.submit(() -> take(token));
                var ended =
                        threads.submit(() ->
                                patch(directory, USERS + "/" + id, "Replace", "active", "False"));
                assertThat(taken.get().status()).isIn(200, 410);
                assertThat(ended.get().status()).as(ended.get().body()).isEqualTo(200);
            }
            assertThat(
                            app.anonymous()
                                    .post(
                                            "/api/v1/sign-in",
                                            Map.of(
                                                    "email",
                                                    address,
                                                    "password",
                                                    TestApplication.PASSWORD))
                                    .problem())
                    .isEqualTo("wrong-credentials");
        }
    }

    // ------------------------------------------------------------ what it never can

    @Test
    void theLastAdministratorStays() {
        Client ada = app.newTenant();
        Client directory = directory(ada);
        String id = ada.account().toString();
        assertThat(patch(directory, USERS + "/" + id, "Replace", "active", "False").status())
                .isEqualTo(409);
        assertThat(send(directory, "DELETE", USERS + "/" + id, null).status()).isEqualTo(409);
        var whole = new LinkedHashMap<>(user(ada.email(), "x"));
        whole.put("active", false);
        assertThat(send(directory, "PUT", USERS + "/" + id, whole).status()).isEqualTo(409);
        // nor by a group, whoever ties it
        String group = group(directory, "Everybody", id);
        assertThat(tie(ada, group, "analyst").problem()).isEqualTo("last-admin");
        tie(ada, group, "tenant-admin");
        assertThat(send(directory, "DELETE", GROUPS + "/" + group, null).status()).isEqualTo(409);
        assertThat(patch(directory, GROUPS + "/" + group, "remove", "members", null).status())
                .isEqualTo(409);
        assertThat(ada.get("/api/v1/users").status()).isEqualTo(200);
        // with a second one it may go
        app.newColleague(ada, "tenant-admin");
        assertThat(patch(directory, USERS + "/" + id, "Replace", "active", "False").status())
                .isEqualTo(200);
        assertThat(ada.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
    }

    @Test
    void ofTwoAdministratorsEndedAtOnceOneStays() throws Exception {
        Client ada = app.newTenant();
        Client bea = app.newColleague(ada, "tenant-admin");
        Client directory = directory(ada);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var one =
                    threads.submit(() ->
                            patch(
                                    directory,
                                    USERS + "/" + ada.account(),
                                    "Replace",
                                    "active",
                                    "False"));
            var other =
                    threads.submit(() ->
                            bea.patch("/api/v1/users/" + bea.account(), Map.of("disabled", true)));
            assertThat(List.of(one.get().status(), other.get().status()))
                    .containsExactlyInAnyOrder(200, 409);
        }
    }

    @Test
    void whatAnAdministratorEndedTheDirectoryDoesNotGiveBack() {
        Client ada = app.newTenant();
        Client directory = directory(ada);
        Client bob = app.newColleague(ada, "analyst");
        String path = USERS + "/" + bob.account();
        ada.patch("/api/v1/users/" + bob.account(), Map.of("disabled", true));
        assertThat(get(directory, path).get("active").asBoolean()).isFalse();
        assertThat(patch(directory, path, "Replace", "active", "True").status()).isEqualTo(403);
        // not by ending it once more, nor by removing and adding
        patch(directory, path, "Replace", "active", "False");
        assertThat(patch(directory, path, "Replace", "active", "True").status()).isEqualTo(403);
        send(directory, "DELETE", path, null);
        assertThat(send(directory, "POST", USERS, user(bob.email(), "x")).status()).isEqualTo(403);
        var inactive = new LinkedHashMap<>(user(bob.email(), "x"));
        inactive.put("active", false);
        assertThat(send(directory, "POST", USERS, inactive).status()).isEqualTo(201);
        assertThat(patch(directory, path, "Replace", "active", "True").status()).isEqualTo(403);
        // nor an invitation that was withdrawn here
        String address = address("withdrawn");
        String id = add(directory, address);
        ada.patch("/api/v1/users/" + id, Map.of("disabled", true));
        assertThat(patch(directory, USERS + "/" + id, "Replace", "active", "True").status())
                .isEqualTo(403);
        // the administrator can
        assertThat(ada.patch("/api/v1/users/" + bob.account(), Map.of("disabled", false)).status())
                .isEqualTo(200);
        Response invited =
                ada.post("/api/v1/invitations", Map.of("email", address, "role", "analyst"));
        assertThat(invited.json().get("id").asString()).isEqualTo(id);
    }

    @Test
    void aKeyForTheDirectoryOpensNothingElseAndNoOtherKeyOpensTheDirectory() {
        Client ada = app.newTenant();
        Client directory = directory(ada);
        for (String path :
                List.of(
                        "/api/v1/users",
                        "/api/v1/api-key",
                        "/api/v1/audit",
                        "/api/v1/session",
                        "/api/v1/provisioning",
                        "/api/v1/live",
                        "/api/v1/operator/status")) {
            assertThat(directory.get(path).status()).as(path).isBetween(401, 403);
        }
        assertThat(
                        directory
                                .post(
                                        "/api/v1/invitations",
                                        Map.of("email", "x@example.org", "role", "tenant-admin"))
                                .problem())
                .isEqualTo("key-refused");
        Response wide =
                ada.post(
                        "/api/v1/account/api-keys",
                        Map.of(
                                "name",
                                "wide",
                                "scopes",
                                List.of("user:manage", "settings:manage"),
                                "days",
                                1,
                                "code",
                                app.codeAtOnce(ada)));
        Client other = app.anonymous().withKey(wide.json().get("secret").asString());
        assertThat(other.get(USERS).status()).isEqualTo(401);
        assertThat(ada.get(USERS).status()).as("a session").isEqualTo(401);
        Response nobody = app.anonymous().get(USERS);
        assertThat(nobody.status()).isEqualTo(401);
        assertThat(nobody.header("WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(nobody.json().get("schemas").get(0).asString())
                .isEqualTo("urn:ietf:params:scim:api:messages:2.0:Error");
        // the scope cannot be had by another way
        assertThat(
                        ada.post(
                                        "/api/v1/account/api-keys",
                                        Map.of(
                                                "name",
                                                "x",
                                                "scopes",
                                                List.of("scim:provision"),
                                                "days",
                                                1,
                                                "code",
                                                app.codeAtOnce(ada)))
                                .problem())
                .isEqualTo("invalid");
        // and a program that may manage people makes no such key
        assertThat(
                        other.post(
                                        "/api/v1/provisioning/keys",
                                        Map.of("name", "x", "days", 1, "code", app.codeAtOnce(ada)))
                                .problem())
                .isEqualTo("fresh-code-needed");
        // revoked, it is gone with the next request
        String id = ada.get("/api/v1/provisioning").json().at("/keys/0/id").asString();
        assertThat(ada.delete("/api/v1/api-keys/" + id).status()).isEqualTo(204);
        assertThat(directory.get(USERS).status()).isEqualTo(401);
    }

    @Test
    void onlyAnAdministratorWithAFreshFactorTiesRolesToGroups() {
        Client ada = app.newTenant();
        Client directory = directory(ada);
        String group = group(directory, "Admins", ada.account().toString());
        String path = "/api/v1/provisioning/groups/" + group + "/role";
        assertThat(ada.put(path, Map.of("role", "tenant-admin")).problem())
                .isEqualTo("fresh-code-needed");
        assertThat(ada.post("/api/v1/provisioning/keys", Map.of("name", "x", "days", 1)).problem())
                .isEqualTo("fresh-code-needed");
        Client analyst = app.newColleague(ada, "analyst");
        assertThat(analyst.get("/api/v1/provisioning").problem()).isEqualTo("denied");
        assertThat(
                        analyst.put(
                                        path,
                                        Map.of("role", "analyst", "code", app.codeAtOnce(analyst)))
                                .problem())
                .isEqualTo("denied");
        ada.put(
                "/api/v1/roles/helpdesk",
                Map.of("permissions", List.of("user:manage", "user:read")));
        Client helper = app.newColleague(ada, "helpdesk");
        assertThat(
                        helper.put(
                                        path,
                                        Map.of(
                                                "role",
                                                "tenant-admin",
                                                "code",
                                                app.codeAtOnce(helper)))
                                .problem())
                .isEqualTo("more-than-own");
        assertThat(
                        helper.put(path, Map.of("role", "helpdesk", "code", app.codeAtOnce(helper)))
                                .problem())
                .as("an administrator is in the group")
                .isEqualTo("more-than-own");
        assertThat(tie(ada, group, "nonsense").problem()).isEqualTo("invalid");
        // a role that a group brings stays defined, and none is not one to define
        String second = group(directory, "Help", null);
        tie(ada, second, "helpdesk");
        ada.patch("/api/v1/users/" + helper.account(), Map.of("role", "analyst"));
        Response gone = ada.delete("/api/v1/roles/helpdesk");
        assertThat(gone.problem()).isEqualTo("role-in-use");
        assertThat(gone.body()).contains("Help");
        assertThat(
                        ada.put("/api/v1/roles/none", Map.of("permissions", List.of("user:read")))
                                .problem())
                .isEqualTo("invalid");
        // a group with the same name does not inherit what the first had
        send(directory, "DELETE", GROUPS + "/" + second, null);
        String third = group(directory, "Help", null);
        assertThat(ada.get("/api/v1/provisioning").body())
                .contains(third)
                .doesNotContain("helpdesk");
    }

    // ------------------------------------------------------------ other companies

    @Test
    void anotherCompanysPeopleAndGroupsDoNotExist() {
        Client ada = app.newTenant();
        Client eve = app.newTenant();
        Client directory = directory(ada);
        Client stranger = directory(eve);
        String theirs = group(directory, "Secret", ada.account().toString());
        var rows = Map.of(USERS + "/", ada.account().toString(), GROUPS + "/", theirs);
        var bodies = new LinkedHashMap<String, Object>();
        bodies.put("GET", null);
        bodies.put("PUT", Map.of("userName", "x@example.org", "displayName", "x"));
        bodies.put("PATCH", operations("Replace", "displayName", "x"));
        bodies.put("DELETE", null);
        rows.forEach((list, id) ->
                bodies.forEach((method, body) -> {
                    String none = UUID.randomUUID().toString();
                    Response real = send(stranger, method, list + id, body);
                    Response made = send(stranger, method, list + none, body);
                    assertThat(real.status()).as(method + " " + list).isEqualTo(404);
                    assertThat(real.body().replace(id, "ID"))
                            .isEqualTo(made.body().replace(none, "ID"));
                }));
        assertThat(get(stranger, USERS).toString()).doesNotContain(ada.account().toString());
        assertThat(get(stranger, GROUPS).toString()).doesNotContain(theirs);
        assertThat(
                        get(stranger, USERS + "?filter=" + q("id eq \"" + ada.account() + "\""))
                                .get("totalResults")
                                .asInt())
                .isZero();
        Response foreign =
                send(
                        stranger,
                        "POST",
                        GROUPS,
                        Map.of(
                                "displayName",
                                "Mine",
                                "members",
                                List.of(Map.of("value", ada.account().toString()))));
        Response nobody =
                send(
                        stranger,
                        "POST",
                        GROUPS,
                        Map.of(
                                "displayName",
                                "Mine",
                                "members",
                                List.of(Map.of("value", new UUID(1, 1).toString()))));
        assertThat(foreign.status()).isEqualTo(400);
        assertThat(foreign.body().replace(ada.account().toString(), "ID"))
                .isEqualTo(nobody.body().replace(new UUID(1, 1).toString(), "ID"));
        assertThat(
                        ada.put(
                                        "/api/v1/provisioning/groups/"
                                                + group(stranger, "Own", null)
                                                + "/role",
                                        Map.of("role", "analyst"))
                                .status())
                .isEqualTo(404);
        assertThat(get(directory, GROUPS + "/" + theirs).get("members").size()).isEqualTo(1);
    }

    @Test
    void nobodyLearnsThatAnAddressHasAnAccountElsewhere() {
        Client ada = app.newTenant();
        Client stranger = directory(app.newTenant());
        String unknown = address("unknown");
        Response known = send(stranger, "POST", USERS, user(ada.email(), "1"));
        Response fresh = send(stranger, "POST", USERS, user(unknown, "1"));
        assertThat(known.status()).isEqualTo(201);
        assertThat(shape(known, ada.email())).isEqualTo(shape(fresh, unknown));
        String id = known.json().get("id").asString();
        assertThat(id).isNotEqualTo(ada.account().toString());
        // neither ending nor removing it touches the account elsewhere
        patch(stranger, USERS + "/" + id, "Replace", "active", "False");
        patch(stranger, USERS + "/" + id, "Replace", "active", "True");
        assertThat(send(stranger, "DELETE", USERS + "/" + id, null).status()).isEqualTo(204);
        assertThat(ada.get("/api/v1/users").status()).isEqualTo(200);
        assertThat(ada.get("/api/v1/users?limit=200").json().get("items").size()).isEqualTo(1);
    }

    // ------------------------------------------------------------ the protocol

    @Test
    void pagesFiltersAndFieldsAreAsTheStandardSays() {
        Client directory = directory(app.newTenant());
        IntStream.range(0, 3).forEach(_ -> add(directory, address("page")));
        JsonNode page = get(directory, USERS + "?startIndex=2&count=2");
        assertThat(page.get("totalResults").asInt()).isEqualTo(4);
        assertThat(page.get("startIndex").asInt()).isEqualTo(2);
        assertThat(page.get("itemsPerPage").asInt()).isEqualTo(2);
        assertThat(get(directory, USERS + "?count=0").get("Resources").size()).isZero();
        assertThat(
                        get(directory, USERS + "?attributes=userName&count=1")
                                .get("Resources")
                                .get(0)
                                .propertyNames())
                .containsExactlyInAnyOrder("schemas", "id", "userName");
        String group = group(directory, "G", page.at("/Resources/0/id").asString());
        assertThat(
                        get(
                                        directory,
                                        GROUPS
                                                + "?excludedAttributes=members&filter="
                                                + q("displayName eq \"g\""))
                                .at("/Resources/0")
                                .has("members"))
                .isFalse();
        assertThat(
                        get(
                                        directory,
                                        GROUPS
                                                + "?filter="
                                                + q(
                                                        "id eq \""
                                                                + group
                                                                + "\" and members eq \""
                                                                + page.at("/Resources/0/id")
                                                                        .asString()
                                                                + "\""))
                                .get("totalResults")
                                .asInt())
                .isEqualTo(1);
        Response refused = directory.get(USERS + "?filter=" + q("userName co \"x\""));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().get("scimType").asString()).isEqualTo("invalidFilter");
        assertThat(refused.json().get("status").asString()).isEqualTo("400");
        assertThat(send(directory, "POST", "/scim/v2/Bulk", Map.of()).status()).isEqualTo(404);
        assertThat(send(directory, "DELETE", USERS, null).status()).isEqualTo(404);
        assertThat(
                        directory
                                .send(
                                        directory
                                                .request(USERS)
                                                .header("Content-Type", "application/scim+json")
                                                .POST(BodyPublishers.ofString("{not json")))
                                .json()
                                .get("scimType")
                                .asString())
                .isEqualTo("invalidSyntax");
        for (Object wrong :
                List.of(
                        Map.of(),
                        Map.of("userName", "no address"),
                        Map.of("userName", 7),
                        Map.of("userName", "a\u0000b@example.org"),
                        Map.of("userName", "x@example.org", "active", "perhaps"))) {
            assertThat(send(directory, "POST", USERS, wrong).json().get("scimType").asString())
                    .isEqualTo("invalidValue");
        }
    }

    @Test
    void saysWhatItCan() {
        Client directory = directory(app.newTenant());
        JsonNode config = get(directory, "/scim/v2/ServiceProviderConfig");
        assertThat(config.at("/patch/supported").asBoolean()).isTrue();
        assertThat(config.at("/bulk/supported").asBoolean()).isFalse();
        assertThat(config.at("/filter/maxResults").asInt()).isEqualTo(200);
        assertThat(config.at("/etag/supported").asBoolean()).isTrue();
        assertThat(get(directory, "/scim/v2/ResourceTypes").get("totalResults").asInt())
                .isEqualTo(2);
        assertThat(get(directory, "/scim/v2/ResourceTypes/User").get("endpoint").asString())
                .isEqualTo("/Users");
        assertThat(get(directory, "/scim/v2/Schemas").get("totalResults").asInt()).isEqualTo(2);
        assertThat(get(directory, "/scim/v2/Schemas/" + ScimShapes.GROUP).get("name").asString())
                .isEqualTo("Group");
        assertThat(directory.get("/scim/v2/Schemas/none").status()).isEqualTo(404);
    }

    @Test
    void whoeverChangesWhatSomebodyElseChangedIsTold() {
        Client ada = app.newTenant();
        Client directory = directory(ada);
        Client bob = app.newColleague(ada, "analyst");
        String path = USERS + "/" + bob.account();
        String version = directory.get(path).header("ETag");
        Response same =
                directory.send(directory.request(path).header("If-None-Match", version).GET());
        assertThat(same.status()).isEqualTo(304);
        patch(directory, path, "Replace", "displayName", "Robert");
        Response late =
                directory.send(
                        directory
                                .request(path)
                                .header("Content-Type", "application/scim+json")
                                .header("If-Match", version)
                                .method(
                                        "PATCH",
                                        BodyPublishers.ofString(
                                                JSON.writeValueAsString(
                                                        operations(
                                                                "Replace", "active", "False")))));
        assertThat(late.status()).isEqualTo(412);
        assertThat(bob.get("/api/v1/users").status()).isEqualTo(200);
        Response deleted =
                directory.send(directory.request(path).header("If-Match", version).DELETE());
        assertThat(deleted.status()).isEqualTo(412);
        assertThat(get(directory, path).get("displayName").asString()).isEqualTo("Robert");
    }

    // ------------------------------------------------------------ helpers

    private Client directory(Client admin) {
        Response made =
                admin.post(
                        "/api/v1/provisioning/keys",
                        Map.of("name", "entra", "days", 1, "code", app.codeAtOnce(admin)));
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        return app.anonymous().withKey(made.json().get("secret").asString());
    }

    private Response tie(Client admin, String group, @Nullable String role) {
        var body = new LinkedHashMap<String, Object>();
        if (role != null) {
            body.put("role", role);
        }
        body.put("code", app.codeAtOnce(admin));
        return admin.put("/api/v1/provisioning/groups/" + group + "/role", body);
    }

    private static String role(Client admin, String id) {
        return admin.get("/api/v1/users?limit=200")
                .json()
                .get("items")
                .valueStream()
                .filter(user -> user.get("id").asString().equals(id))
                .findFirst()
                .orElseThrow()
                .get("role")
                .asString();
    }

    private static String address(String name) {
        return name + "-" + UUID.randomUUID() + "@example.org";
    }

    private static Map<String, Object> user(String address, String externalId) {
        return Map.of(
                "schemas",
                List.of(
                        ScimShapes.USER,
                        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"),
                "userName",
                address,
                "externalId",
                externalId,
                "name",
                Map.of("givenName", "Bo", "familyName", "Berg"),
                "active",
                true,
                "title",
                "Boss",
                "emails",
                List.of(Map.of("value", address, "type", "work", "primary", true)));
    }

    private static String add(Client directory, String address) {
        Response added =
                send(directory, "POST", USERS, user(address, UUID.randomUUID().toString()));
        assertThat(added.status()).as(added.body()).isEqualTo(201);
        return added.json().get("id").asString();
    }

    private static String group(Client directory, String name, @Nullable String member) {
        Response made =
                send(
                        directory,
                        "POST",
                        GROUPS,
                        Map.of(
                                "displayName",
                                name,
                                "members",
                                member == null ? List.of() : List.of(Map.of("value", member))));
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        return made.json().get("id").asString();
    }

    private static Map<String, Object> operations(
            String op, @Nullable String path, @Nullable Object value) {
        var operation = new LinkedHashMap<String, Object>();
        operation.put("op", op);
        if (path != null) {
            operation.put("path", path);
        }
        if (value != null) {
            operation.put("value", value);
        }
        return Map.of(
                "schemas",
                List.of("urn:ietf:params:scim:api:messages:2.0:PatchOp"),
                "Operations",
                List.of(operation));
    }

    private static Response patch(
            Client directory,
            String target,
            String op,
            @Nullable String path,
            @Nullable Object value) {
        return send(directory, "PATCH", target, operations(op, path, value));
    }

    private static Response send(
            Client directory, String method, String path, @Nullable Object body) {
        return directory.send(
                directory
                        .request(path)
                        .header("Content-Type", "application/scim+json")
                        .method(
                                method,
                                body == null
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString(JSON.writeValueAsString(body))));
    }

    private static JsonNode get(Client directory, String path) {
        Response answer = directory.get(path);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    private static String q(String filter) {
        return URLEncoder.encode(filter, StandardCharsets.UTF_8);
    }

    private Response take(String token) {
        return app.anonymous()
                .post(
                        "/api/v1/invitations/accept",
                        Map.of(
                                "token",
                                token,
                                "name",
                                "Bo Berg",
                                "password",
                                TestApplication.PASSWORD));
    }

    /** Takes the newest invitation and sets the second factor up. */
    private Client accept(String address) {
        Response taken = take(TestApplication.token(app.mailedLink(address, "/invitation")));
        assertThat(taken.status()).as(taken.body()).isEqualTo(200);
        return app.anonymous().signIn(address, TestApplication.PASSWORD).setUpSecondFactor();
    }

    private static String shape(Response answer, String address) {
        return answer.status()
                + answer.body()
                        .replace(answer.json().get("id").asString(), "ID")
                        .replace(address, "ADDRESS")
                        .replaceAll("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z", "TIME")
                        .replaceAll("W/\\\\\"[0-9a-f]+", "VERSION")
                + answer.raw().headers().map().keySet();
    }
}
