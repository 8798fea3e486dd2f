package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.platform.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Roles that a company defines, and roles for a time. */
class RolesIT {
    private final TestApplication app = TestApplication.shared();

    @Test
    void aRoleOfTheCompanysOwnPermitsWhatItSays() {
        var admin = app.newTenant();
        define(admin, "night-watch", List.of("event:read", "user:read"), "", null);
        var bob = app.newColleague(admin, "night-watch");
        assertThat(bob.session().get("permissions").valueStream().map(p -> p.asString()))
                .containsExactly("event:read", "user:read");
        assertThat(bob.get("/api/v1/users").status()).isEqualTo(200);
        var denied = bob.get("/api/v1/incidents");
        assertThat(denied.problem()).isEqualTo("denied");
        var granted = bob.get("/api/v1/permissions/event:read").json().get("grantedBy");
        assertThat(granted.valueStream().map(r -> r.asString())).contains("night-watch");
        var listed = bob.get("/api/v1/roles").json().get("items");
        assertThat(listed.valueStream().map(r -> r.get("name").asString()))
                .contains("tenant-admin", "workflow-approver", "night-watch");
    }

    @Test
    void aChangedRoleCountsWithTheNextRequestOfWhoeverHasIt() {
        var admin = app.newTenant();
        define(admin, "desk", List.of("user:read"), "", null);
        var bob = app.newColleague(admin, "desk");
        assertThat(bob.get("/api/v1/incidents").status()).isEqualTo(403);
        define(admin, "desk", List.of("user:read", "incident:read"), "", 1);
        assertThat(bob.get("/api/v1/incidents").status()).isEqualTo(200);
        define(admin, "desk", List.of("user:read"), "", 2);
        assertThat(bob.get("/api/v1/incidents").status()).isEqualTo(403);
        assertThat(put(admin, "desk", List.of("user:read"), "", 1).problem())
                .isEqualTo("role-changed");
        assertThat(put(admin, "desk", List.of("user:read"), "", null).problem())
                .isEqualTo("role-changed");
    }

    @Test
    void noPermitComesAfterTheRightWasTaken() throws Exception {
        var admin = app.newTenant();
        define(admin, "desk", List.of("user:read", "incident:read"), "", null);
        var bob = app.newColleague(admin, "desk");
        var taken = new AtomicBoolean();
        var stop = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Integer> asking =
                    () -> {
                        int late = 0;
                        while (!stop.get()) {
                            boolean after = taken.get();
                            int status = bob.get("/api/v1/incidents").status();
                            if (after && status == 200) {
                                late++;
                            }
                        }
                        return late;
                    };
            List<Future<Integer>> clients =
                    IntStream.range(0, 20).mapToObj(_ -> threads.submit(asking)).toList();
            bob.get("/api/v1/incidents");
            define(admin, "desk", List.of("user:read"), "", 1);
            taken.set(true);
            for (int i = 0; i < 20; i++) {
                assertThat(bob.get("/api/v1/incidents").status()).isEqualTo(403);
            }
            stop.set(true);
            for (var client : clients) {
                assertThat(client.get()).isZero();
            }
        }
    }

    @Test
    void conditionsMustHoldAndAreOneExpression() {
        var admin = app.newTenant();
        define(
                admin,
                "abroad",
                List.of("user:read", "event:read"),
                "context.network like \"10.*\"",
                null);
        var bob = app.newColleague(admin, "abroad");
        assertThat(bob.get("/api/v1/users").status()).isEqualTo(403);
        define(
                admin,
                "abroad",
                List.of("user:read"),
                "context.network like \"127.*\" && context.mfaAge < 3600",
                1);
        assertThat(bob.get("/api/v1/users").status()).isEqualTo(200);
        for (String trick :
                List.of(
                        "true };\npermit (principal, action, resource) when { true",
                        "principal.rank > 3",
                        "context.hour >",
                        "true } advice { \"x\"")) {
            var refused = put(admin, "tricky", List.of("user:read"), trick, null);
            assertThat(refused.problem()).as(trick).isEqualTo("policies-invalid");
            assertThat(refused.json().get("errors").get(0).get("detail").asString())
                    .as(trick)
                    .isNotEmpty();
        }
        assertThat(
                        put(admin, "tricky", List.of("user:read"), "\n\nprincipal.rank > 3", null)
                                .json()
                                .get("errors")
                                .get(0)
                                .get("detail")
                                .asString())
                .startsWith("line 1, column 1: ");
    }

    @Test
    void nobodyGivesOrChangesMoreThanTheyHold() {
        var admin = app.newTenant();
        define(admin, "front-desk", List.of("user:read", "user:manage"), "", null);
        var bob = app.newColleague(admin, "front-desk");
        assertThat(put(bob, "mighty", List.of("settings:manage"), "", null).problem())
                .isEqualTo("more-than-own");
        assertThat(put(bob, "front-desk", List.of("user:read", "audit:read"), "", 1).problem())
                .isEqualTo("more-than-own");
        for (String role : List.of("tenant-admin", "auditor")) {
            assertThat(bob.patch("/api/v1/users/" + bob.account(), Map.of("role", role)).problem())
                    .isEqualTo("more-than-own");
            assertThat(
                            bob.post(
                                            "/api/v1/invitations",
                                            Map.of("email", "me2@example.org", "role", role))
                                    .problem())
                    .isEqualTo("more-than-own");
        }
        assertThat(
                        bob.patch("/api/v1/users/" + admin.account(), Map.of("disabled", true))
                                .problem())
                .isEqualTo("more-than-own");
        assertThat(put(bob, "reader", List.of("user:read"), "", null).status()).isEqualTo(200);
        assertThat(bob.get("/api/v1/policies").status()).isEqualTo(403);
    }

    @Test
    void aRoleInUseStaysAndTheErrorNamesThePeople() {
        var admin = app.newTenant();
        define(admin, "desk", List.of("user:read"), "", null);
        var bob = app.newColleague(admin, "desk");
        admin.post("/api/v1/invitations", Map.of("email", "new@example.org", "role", "desk"));
        var refused = admin.delete("/api/v1/roles/desk");
        assertThat(refused.problem()).isEqualTo("role-in-use");
        assertThat(refused.json().get("detail").asString())
                .contains("Cora desk", "new@example.org");
        for (var user : admin.get("/api/v1/users").json().get("items")) {
            if (user.get("role").asString().equals("desk")) {
                admin.patch(
                        "/api/v1/users/" + user.get("id").asString(), Map.of("role", "analyst"));
            }
        }
        assertThat(bob.get("/api/v1/incidents").status()).isEqualTo(200);
        assertThat(admin.delete("/api/v1/roles/desk").status()).isEqualTo(204);
        assertThat(admin.patch("/api/v1/users/" + bob.account(), Map.of("role", "desk")).status())
                .isEqualTo(422);
    }

    @Test
    void anotherCompanysRoleIsNobodys() {
        var ada = app.newTenant();
        define(ada, "desk", List.of("user:read"), "", null);
        var eve = app.newTenant();
        assertThat(eve.delete("/api/v1/roles/desk").status()).isEqualTo(404);
        assertThat(eve.get("/api/v1/roles").body()).doesNotContain("\"desk\"");
        assertThat(
                        eve.post(
                                        "/api/v1/invitations",
                                        Map.of("email", "a@b.example", "role", "desk"))
                                .status())
                .isEqualTo(422);
        // By the same name, each has its own.
        define(eve, "desk", List.of("audit:read"), "", null);
        assertThat(app.newColleague(ada, "desk").get("/api/v1/audit").status()).isEqualTo(403);
    }

    @Test
    void noBuiltInRoleIsRedefinedAndNoPermissionMadeUp() {
        var admin = app.newTenant();
        assertThat(put(admin, "auditor", List.of("user:manage"), "", null).status()).isEqualTo(422);
        assertThat(put(admin, "x", List.of("user:read"), "", null).status()).isEqualTo(422);
        assertThat(put(admin, "wide", List.of("all:do"), "", null).status()).isEqualTo(422);
        assertThat(put(admin, "wide", List.of(), "", null).status()).isEqualTo(422);
    }

    @Test
    void anAuditorsTimeEndsWithoutDelayAndIsToldWhy() {
        var admin = app.newTenant();
        var bob = app.newColleague(admin, "auditor");
        String path = "/api/v1/users/" + bob.account();
        var until = Instant.now().plus(Duration.ofHours(1));
        var changed = admin.patch(path, Map.of("role", "auditor", "roleUntil", until.toString()));
        assertThat(changed.json().get("roleUntil").asString()).isNotEmpty();
        assertThat(bob.get("/api/v1/audit").status()).isEqualTo(200);
        app.database()
                .transactions()
                .runAs(
                        Scope.platform("test"),
                        () ->
                                app.database()
                                        .jdbc()
                                        .sql(
                                                "UPDATE platform.account SET role_until = now() -"
                                                        + " interval '1 second' WHERE id = :id")
                                        .param("id", bob.account())
                                        .update());
        var over = bob.get("/api/v1/audit");
        assertThat(over.status()).isEqualTo(403);
        assertThat(over.json().get("detail").asString()).contains("'auditor'", "given until");
        assertThat(bob.get("/api/v1/session").json().get("permissions").size()).isZero();
        assertThat(admin.patch(path, Map.of("role", "auditor")).status()).isEqualTo(200);
        assertThat(bob.get("/api/v1/audit").status()).isEqualTo(200);
        assertThat(
                        admin.patch(
                                        path,
                                        Map.of(
                                                "role",
                                                "tenant-admin",
                                                "roleUntil",
                                                until.toString()))
                                .status())
                .isEqualTo(422);
        assertThat(admin.patch(path, Map.of("roleUntil", "2020-01-01T00:00:00Z")).status())
                .isEqualTo(422);
    }

    @Test
    void aTimeGivenWithTheInvitationCounts() {
        var admin = app.newTenant();
        String email = "guest-" + UUID.randomUUID() + "@example.org";
        var until = Instant.now().plus(Duration.ofDays(14));
        admin.post(
                "/api/v1/invitations",
                Map.of("email", email, "role", "auditor", "roleUntil", until.toString()));
        var guest = app.anonymous();
        guest.post(
                "/api/v1/invitations/accept",
                Map.of(
                        "token",
                        TestApplication.token(app.mailedLink(email, "/invitation")),
                        "name",
                        "Guest",
                        "password",
                        TestApplication.PASSWORD));
        guest.signIn(email, TestApplication.PASSWORD).setUpSecondFactor();
        assertThat(guest.session().get("user").get("roleUntil").asString())
                .startsWith(until.toString().substring(0, 19));
    }

    private static void define(
            Client who,
            String name,
            List<String> permissions,
            String conditions,
            Integer revision) {
        var made = put(who, name, permissions, conditions, revision);
        assertThat(made.status()).as(made.body()).isEqualTo(200);
    }

    private static Response put(
            Client who,
            String name,
            List<String> permissions,
            String conditions,
            Integer revision) {
        var body = new HashMap<String, Object>();
        body.put("permissions", permissions);
        body.put("conditions", conditions);
        if (revision != null) {
            body.put("revision", revision);
        }
        return who.put("/api/v1/roles/" + name, body);
    }
}
