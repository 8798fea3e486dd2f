package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A company's own policies: saved only if they are proven, in force at once, and for it alone. */
class PoliciesIT {
    private static final String NO_READING =
            "@id(\"no-reading\")\nforbid (principal in Role::\"analyst\", action =="
                    + " Action::\"incident:read\", resource);";
    private final TestApplication app = TestApplication.shared();

    @Test
    void aSavedPolicyCountsAtOnceForItsCompanyAlone() {
        var admin = app.newTenant();
        var bob = app.newColleague(admin, "analyst");
        var strangers = app.newColleague(app.newTenant(), "analyst");
        var empty = admin.get("/api/v1/policies");
        assertThat(empty.header("ETag")).isEqualTo("\"0\"");
        assertThat(empty.json().get("builtIn").asString()).contains("@id(\"tenant-isolation\")");
        assertThat(bob.get("/api/v1/incidents").status()).isEqualTo(200);
        assertThat(save(admin, 0, NO_READING).header("ETag")).isEqualTo("\"1\"");
        var denied = bob.get("/api/v1/incidents");
        assertThat(denied.problem()).isEqualTo("denied");
        assertThat(denied.json().get("detail").asString()).contains("own:no-reading");
        assertThat(strangers.get("/api/v1/incidents").status()).isEqualTo(200);
        assertThat(save(admin, 1, "").status()).isEqualTo(200);
        assertThat(bob.get("/api/v1/incidents").status()).isEqualTo(200);
        var versions = admin.get("/api/v1/policies").json().get("versions");
        assertThat(versions.size()).isEqualTo(2);
        assertThat(versions.get(1).get("policies").asString()).isEqualTo(NO_READING);
    }

    @Test
    void twoEditorsDoNotOverwriteEachOther() {
        var admin = app.newTenant();
        assertThat(save(admin, 0, NO_READING).status()).isEqualTo(200);
        assertThat(save(admin, 0, "").problem()).isEqualTo("policies-changed");
        var blind = admin.put("/api/v1/policies", Map.of("policies", ""));
        assertThat(blind.status()).isEqualTo(400);
    }

    @Test
    void whatDoesNotFitTheSchemaIsToldByLineAndColumn() {
        var refused =
                save(
                        app.newTenant(),
                        0,
                        "// ours\npermit (principal, action == Action::\"evnt:read\", resource);");
        assertThat(refused.problem()).isEqualTo("policies-invalid");
        var place = refused.json().get("errors").get(0);
        assertThat(place.get("pointer").asString()).isEqualTo("line 2, column 30");
        assertThat(place.get("detail").asString()).contains("event:read");
    }

    @Test
    void whatWouldLetAuditorsWriteIsRefusedWithTheCase() {
        var admin = app.newTenant();
        var auditor = app.newColleague(admin, "auditor");
        var refused =
                save(
                        admin,
                        0,
                        "@id(\"all\") permit (principal, action, resource) when { context.hour >="
                                + " 0 };");
        assertThat(refused.problem()).isEqualTo("policies-unsafe");
        assertThat(refused.json().get("errors").get(0).get("detail").asString())
                .startsWith("Somebody with the role 'auditor' could do '")
                .contains("own:all");
        assertThat(auditor.get("/api/v1/session").json().get("permissions").size())
                .isLessThan(Policy.ACTIONS.size());
        assertThat(admin.get("/api/v1/policies").header("ETag")).isEqualTo("\"0\"");
    }

    @Test
    void nobodyLocksThemselvesOut() {
        var admin = app.newTenant();
        for (String text :
                new String[] {
                    "forbid (principal, action, resource);",
                    "forbid (principal == User::\"" + admin.account() + "\", action, resource);",
                    "forbid (principal, action == Action::\"settings:manage\", resource) unless {"
                            + " context.network like \"10.*\" };"
                }) {
            assertThat(save(admin, 0, text).problem()).as(text).isEqualTo("locked-out");
        }
        assertThat(admin.get("/api/v1/users").status()).isEqualTo(200);
    }

    @Test
    void onlyAdministratorsWritePolicies() {
        var admin = app.newTenant();
        admin.put(
                "/api/v1/roles/keeper",
                Map.of("permissions", java.util.List.of("settings:manage", "user:read")));
        var keeper = app.newColleague(admin, "keeper");
        assertThat(keeper.get("/api/v1/policies").status()).isEqualTo(200);
        assertThat(save(keeper, 0, NO_READING).problem()).isEqualTo("more-than-own");
        assertThat(save(app.newColleague(admin, "analyst"), 0, NO_READING).problem())
                .isEqualTo("denied");
    }

    @Test
    void whatIfSaysWhoCanAndWhatAnEditWouldChange() {
        var admin = app.newTenant();
        var bob = app.newColleague(admin, "analyst");
        var can = admin.post("/api/v1/policies/what-if", Map.of("action", "incident:read")).json();
        assertThat(can.get("people").valueStream().map(p -> p.get("id").asString()))
                .containsExactlyInAnyOrder(admin.account().toString(), bob.account().toString());
        assertThat(can.get("people").toString()).contains("\"analyst\"");
        assertThat(can.get("roles").toString()).contains("auditor").contains("responder");
        var own =
                admin.post(
                                "/api/v1/policies/what-if",
                                Map.of("action", "approval:decide", "requestedBy", admin.account()))
                        .json();
        assertThat(own.get("people").size()).isZero();
        var edit = admin.post("/api/v1/policies/what-if", Map.of("policies", NO_READING)).json();
        assertThat(edit.get("changes").size()).isEqualTo(1);
        assertThat(edit.get("changes").get(0).get("id").asString())
                .isEqualTo(bob.account().toString());
        assertThat(edit.get("changes").get(0).get("lost").get(0).asString())
                .isEqualTo("incident:read");
        assertThat(edit.get("counterExamples").size()).isZero();
        var unsafe =
                admin.post(
                                "/api/v1/policies/what-if",
                                Map.of("policies", "permit (principal, action, resource);"))
                        .json();
        assertThat(unsafe.get("counterExamples").size()).isEqualTo(1);
        assertThat(unsafe.get("changes").size()).isEqualTo(1);
        var wrong = admin.post("/api/v1/policies/what-if", Map.of("policies", "permit")).json();
        assertThat(wrong.get("findings").size()).isEqualTo(1);
        assertThat(bob.get("/api/v1/incidents").status()).isEqualTo(200);
    }

    @Test
    void theTrailSaysWhichPoliciesDecided() {
        var admin = app.newTenant();
        var bob = app.newColleague(admin, "analyst");
        save(admin, 0, NO_READING);
        bob.get("/api/v1/incidents");
        var denied = admin.get("/api/v1/audit?action=access.denied").json().get("items").get(0);
        assertThat(denied.get("detail").get("policies").get(0).asString())
                .isEqualTo("own:no-reading");
        assertThat(denied.get("detail").get("policyVersion").asInt()).isEqualTo(1);
        // Many in a minute are one entry, and one with their count.
        var before = permits(admin);
        for (int i = 0; i < 5; i++) {
            admin.get("/api/v1/policies");
        }
        assertThat(permits(admin)).isBetween(before, before + 1);
        app.bean(DecisionLog.class).sweep(Instant.now().plus(Duration.ofMinutes(5)));
        var newest =
                admin.get("/api/v1/audit?action=access.permitted&q=settings:manage")
                        .json()
                        .get("items")
                        .get(0);
        assertThat(newest.get("detail").get("further").asInt()).isGreaterThanOrEqualTo(4);
        assertThat(newest.get("detail").get("policies").get(0).asString())
                .isEqualTo("tenant-admin");
        assertThat(newest.get("actor").asString()).isEqualTo("Ada Admin");
    }

    @Test
    void aTenantsRoleReachesNoOtherCompanysRolesAndRewritesNoVersion() {
        var ada = app.newTenant();
        save(ada, 0, NO_READING);
        var eve = Scope.tenant(new TenantId(app.newTenant().tenant()), Principal.system("test"));
        for (String table : new String[] {"policy_version", "custom_role", "policy_epoch"}) {
            assertThat(
                            app.database()
                                    .transactions()
                                    .callAs(
                                            eve,
                                            () ->
                                                    app.database()
                                                            .jdbc()
                                                            .sql(
                                                                    "SELECT count(*) FROM"
                                                                            + " platform."
                                                                            + table)
                                                            .query(Long.class)
                                                            .single()))
                    .as(table)
                    .isZero();
        }
        for (String stolen :
                new String[] {
                    "UPDATE platform.policy_version SET policies = ''",
                    "DELETE FROM platform.policy_version",
                    "DELETE FROM platform.policy_epoch"
                }) {
            assertThatThrownBy(() ->
                            app.database()
                                    .transactions()
                                    .runAs(eve, () -> app.database().jdbc().sql(stolen).update()))
                    .as(stolen)
                    .hasStackTraceContaining("permission denied");
        }
    }

    private static int permits(Client admin) {
        return admin.get("/api/v1/audit?action=access.permitted&q=settings:manage")
                .json()
                .get("items")
                .size();
    }

    private static Response save(Client who, int version, String text) {
        return who.send(
                who.csrf(who.json("/api/v1/policies", "PUT", Map.of("policies", text)))
                        .header("If-Match", "\"" + version + "\""));
    }
}
