package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.platform.Scope;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** People of a tenant: what their role permits, and how access ends. */
class UsersIT {
    private final TestApplication app = TestApplication.shared();

    @Test
    void roleWithoutThePermissionIsToldWhichAndWhoHasIt() {
        var admin = app.newTenant();
        var analyst = app.newColleague(admin, "analyst");
        var denied =
                analyst.post(
                        "/api/v1/invitations",
                        Map.of("email", "x@example.org", "role", "tenant-admin"));
        assertThat(denied.status()).isEqualTo(403);
        assertThat(denied.problem()).isEqualTo("denied");
        assertThat(denied.json().get("permission").asString()).isEqualTo("user:manage");
        assertThat(denied.json().get("grantedBy").get(0).asString()).isEqualTo("tenant-admin");
        var trail = analyst.get("/api/v1/audit");
        assertThat(trail.status()).isEqualTo(403);
        assertThat(trail.json().get("permission").asString()).isEqualTo("audit:read");
        // Both denials are in the trail that the administrator reads.
        var entries = admin.get("/api/v1/audit?action=access.denied").json().get("items");
        assertThat(entries.size()).isEqualTo(2);
        assertThat(entries.get(0).get("outcome").asString()).isEqualTo("denied");
        assertThat(entries.get(0).get("target").asString()).isEqualTo("permission:audit:read");
        assertThat(entries.get(0).get("address").asString()).isEqualTo("127.0.0.1");
    }

    @Test
    void whoeverLacksAPermissionCanLearnWhichRolesBringIt() {
        var bob = app.newColleague(app.newTenant(), "analyst");
        var told = bob.get("/api/v1/permissions/audit:read").json();
        assertThat(told.get("grantedBy"))
                .isEqualTo(bob.get("/api/v1/audit").json().get("grantedBy"));
        assertThat(told.get("grantedBy").valueStream().map(r -> r.asString()))
                .containsExactly("tenant-admin", "compliance-manager", "auditor");
        assertThat(bob.get("/api/v1/permissions/all:do").status()).isEqualTo(404);
        assertThat(app.anonymous().get("/api/v1/permissions/audit:read").status()).isEqualTo(401);
    }

    @Test
    void roleChangeTakesEffectWithTheNextRequest() {
        var admin = app.newTenant();
        var bob = app.newColleague(admin, "analyst");
        assertThat(bob.get("/api/v1/audit").status()).isEqualTo(403);
        var changed = admin.patch("/api/v1/users/" + bob.account(), Map.of("role", "auditor"));
        assertThat(changed.json().get("role").asString()).isEqualTo("auditor");
        assertThat(bob.get("/api/v1/audit").status()).isEqualTo(200);
        assertThat(
                        admin.patch("/api/v1/users/" + bob.account(), Map.of("role", "analyst"))
                                .status())
                .isEqualTo(200);
        assertThat(bob.get("/api/v1/audit").status()).isEqualTo(403);
    }

    @Test
    void disabledPersonsSessionIsDeadAndTheDoorShut() {
        var admin = app.newTenant();
        var bob = app.newColleague(admin, "analyst");
        assertThat(bob.get("/api/v1/users").status()).isEqualTo(200);
        var disabled = admin.patch("/api/v1/users/" + bob.account(), Map.of("disabled", true));
        assertThat(disabled.json().get("state").asString()).isEqualTo("disabled");
        assertThat(bob.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
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
        assertThat(
                        app.database()
                                .transactions()
                                .callAs(
                                        Scope.platform("test"),
                                        () ->
                                                app.database()
                                                        .jdbc()
                                                        .sql(
                                                                "SELECT count(*) FROM"
                                                                        + " platform.spring_session"
                                                                        + " WHERE principal_name ="
                                                                        + " :id")
                                                        .param("id", bob.account().toString())
                                                        .query(Long.class)
                                                        .single()))
                .isZero();
        // Enabling does not bring the old session back.
        admin.patch("/api/v1/users/" + bob.account(), Map.of("disabled", false));
        assertThat(bob.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
    }

    @Test
    void anotherTenantsPeopleDoNotExist() {
        var a = app.newTenant();
        var b = app.newTenant();
        var theirs = b.patch("/api/v1/users/" + a.account(), Map.of("disabled", true));
        var nobodys = b.patch("/api/v1/users/" + UUID.randomUUID(), Map.of("disabled", true));
        assertThat(theirs.status()).isEqualTo(404);
        assertThat(theirs.body().replace(a.account().toString(), "ID"))
                .isEqualTo(nobodys.body().replaceAll("users/[0-9a-f-]{36}", "users/ID"));
        assertThat(b.get("/api/v1/users").body())
                .contains(b.account().toString())
                .doesNotContain(a.account().toString());
        assertThat(b.get("/api/v1/audit?q=" + a.account()).json().get("items").size()).isZero();
        assertThat(a.get("/api/v1/users").status()).isEqualTo(200);
    }

    @Test
    void invitationWorksOnceForItsAddressOnly() {
        var admin = app.newTenant();
        String email = "once-" + UUID.randomUUID() + "@example.org";
        assertThat(
                        admin.post(
                                        "/api/v1/invitations",
                                        Map.of("email", email, "role", "responder"))
                                .json()
                                .get("state")
                                .asString())
                .isEqualTo("invited");
        String token = TestApplication.token(app.mailedLink(email, "/invitation"));
        var accept = Map.of("token", token, "name", "Once", "password", TestApplication.PASSWORD);
        var accepted = app.anonymous().post("/api/v1/invitations/accept", accept);
        assertThat(accepted.json().get("email").asString()).isEqualTo(email);
        assertThat(app.anonymous().post("/api/v1/invitations/accept", accept).problem())
                .isEqualTo("link-used-or-expired");
        var users = admin.get("/api/v1/users").json().get("items").valueStream().toList();
        assertThat(users)
                .filteredOn(u -> u.get("email").asString().equals(email))
                .singleElement()
                .satisfies(u -> assertThat(u.get("state").asString()).isEqualTo("active"))
                .satisfies(u -> assertThat(u.get("role").asString()).isEqualTo("responder"));
    }

    @Test
    void newInvitationReplacesTheOldOneAndWithdrawingEndsIt() {
        var admin = app.newTenant();
        String email = "again-" + UUID.randomUUID() + "@example.org";
        var body = Map.of("email", email, "role", "analyst");
        admin.post("/api/v1/invitations", body);
        String first = app.mailedLink(email, "/invitation");
        var second = admin.post("/api/v1/invitations", body);
        String newest =
                org.awaitility.Awaitility.await()
                        .until(() -> app.mailedLink(email, "/invitation"), l -> !l.equals(first));
        for (String link : List.of(first)) {
            assertThat(accept(TestApplication.token(link)).problem())
                    .isEqualTo("link-used-or-expired");
        }
        admin.patch(
                "/api/v1/users/" + second.json().get("id").asString(), Map.of("disabled", true));
        assertThat(accept(TestApplication.token(newest)).problem())
                .isEqualTo("link-used-or-expired");
    }

    @Test
    void lastAdministratorStays() {
        var admin = app.newTenant();
        for (Map<String, Object> attempt :
                List.of(
                        Map.<String, Object>of("role", "analyst"),
                        Map.<String, Object>of("disabled", true))) {
            assertThat(admin.patch("/api/v1/users/" + admin.account(), attempt).problem())
                    .isEqualTo("last-admin");
        }
        var second = app.newColleague(admin, "tenant-admin");
        assertThat(
                        second.patch("/api/v1/users/" + admin.account(), Map.of("role", "analyst"))
                                .status())
                .isEqualTo(200);
    }

    @Test
    void unknownRoleIsNamedWithTheKnownOnes() {
        var answer =
                app.newTenant()
                        .post(
                                "/api/v1/invitations",
                                Map.of("email", "x@example.org", "role", "emperor"));
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().get("errors").get(0).get("detail").asString())
                .contains("tenant-admin", "auditor");
    }

    @Test
    void tenantsRoleCannotReadHashesOrSecretsAtAll() {
        var ada = app.newTenant();
        var scope =
                Scope.tenant(
                        new io.cybershield.platform.TenantId(ada.tenant()),
                        io.cybershield.platform.Principal.system("test"));
        for (String stolen :
                List.of(
                        "SELECT password_hash FROM platform.account",
                        "SELECT totp_secret FROM platform.account",
                        "SELECT token_hash FROM platform.invitation",
                        "SELECT body_text FROM platform.mail",
                        "SELECT session_id FROM platform.spring_session",
                        "SELECT code_hash FROM platform.recovery_code",
                        "SELECT user_handle FROM platform.account",
                        "SELECT public_key FROM platform.passkey",
                        "UPDATE platform.passkey SET public_key = ''",
                        "SELECT challenge FROM platform.passkey_challenge",
                        "SELECT secret_hash FROM platform.oauth_client",
                        "UPDATE platform.oauth_client SET scopes = '{user:manage}'",
                        "SELECT code_hash FROM platform.oauth_grant",
                        "INSERT INTO platform.oauth_refresh SELECT '', tenant_id, id, now() FROM"
                                + " platform.oauth_grant",
                        "SELECT sealed FROM platform.oauth_key",
                        "INSERT INTO platform.step_up SELECT '', gen_random_uuid(), '', now()",
                        "UPDATE platform.account SET tenant_id = tenant_id")) {
            org.assertj.core.api.Assertions.assertThatThrownBy(() ->
                            app.database()
                                    .transactions()
                                    .runAs(scope, () -> app.database().jdbc().sql(stolen).update()))
                    .as(stolen)
                    .hasStackTraceContaining("permission denied");
        }
    }

    private TestApplication.Response accept(String token) {
        return app.anonymous()
                .post(
                        "/api/v1/invitations/accept",
                        Map.of("token", token, "name", "X", "password", TestApplication.PASSWORD));
    }
}
