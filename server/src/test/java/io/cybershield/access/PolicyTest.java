package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.access.PolicyStore.Own;
import io.cybershield.access.PolicyStore.Version;
import io.cybershield.platform.TenantId;
import io.cybershield.policy.Answer;
import io.cybershield.policy.ProviderRoles;
import io.cybershield.policy.Thing;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What each role may do, and that doubt means no. */
class PolicyTest {
    private static final Policy POLICY =
            new Policy("/access/roles.cedar", Runnable::run, _ -> Own.NOTHING, Clock.systemUTC());
    private static final TenantId HERE = new TenantId(UUID.randomUUID());
    private static final TenantId THERE = new TenantId(UUID.randomUUID());

    @ParameterizedTest
    @FieldSource("io.cybershield.access.Role#BUILT_IN")
    void noRoleReachesAnotherTenant(Role role) {
        var person = person(role.wire());
        for (String action : Policy.ACTIONS) {
            assertThat(POLICY.permits(person, action, THERE)).as(action).isFalse();
        }
        assertThat(POLICY.permits(person, "incident:read", HERE)).isTrue();
    }

    private static SignedIn provider(String role, Instant until) {
        return new SignedIn(
                THERE,
                UUID.randomUUID(),
                "Ann",
                "ann@example.org",
                role,
                Set.of(),
                new Standing(null, 0, Instant.now(), ""),
                null,
                new SignedIn.ByGrant(UUID.randomUUID(), HERE, "Provider", "Customer", until));
    }

    @ParameterizedTest
    @FieldSource("PROVIDER_ROLES")
    void aProviderRoleCountsInTheCustomerOnlyAndOnlyWhileTheGrantLives(String role) {
        var there = provider(role, Instant.now().plusSeconds(60));
        assertThat(POLICY.permissionsOf(there)).isEqualTo(ProviderRoles.permissionsOf(role));
        for (String action : Policy.ACTIONS) {
            assertThat(POLICY.permits(there, action, HERE)).as(action).isFalse();
            assertThat(POLICY.permits(there, action, new TenantId(UUID.randomUUID()))).isFalse();
            assertThat(POLICY.permits(person(role), action, HERE)).as(action).isFalse();
            assertThat(POLICY.permits(person(role), action, THERE)).as(action).isFalse();
        }
        assertThat(POLICY.permissionsOf(provider(role, Instant.now().minusSeconds(1)))).isEmpty();
    }

    static final List<String> PROVIDER_ROLES = ProviderRoles.names();

    @Test
    void noProviderRoleHasWhatGivesPowerOverTheCompany() {
        for (String role : ProviderRoles.names()) {
            assertThat(ProviderRoles.permissionsOf(role))
                    .as(role)
                    .doesNotContain(
                            "user:read",
                            "user:manage",
                            "settings:manage",
                            "source:manage",
                            "workflow:publish",
                            "event:ingest",
                            "audit:read");
        }
    }

    @ParameterizedTest
    @FieldSource("io.cybershield.access.Role#BUILT_IN")
    void aGrantWithARoleOfTheCompanyPermitsNothing(Role role) {
        var there = provider(role.wire(), Instant.now().plusSeconds(60));
        assertThat(POLICY.permissionsOf(there)).isEmpty();
    }

    @Test
    void aCustomersPoliciesNarrowAGrantAndNeverWidenIt() {
        var own =
                new Own(
                        1,
                        List.of(),
                        new Version(
                                1,
                                """
                                permit (principal, action, resource);
                                forbid (principal, action == Action::"event:read", resource) when { context.grant != "" };
                                """,
                                UUID.randomUUID(),
                                "Ada",
                                Instant.now()));
        var policy = policy("/access/roles.cedar", own);
        var most = new java.util.TreeSet<>(ProviderRoles.permissionsOf("provider-analyst"));
        most.remove("event:read");
        assertThat(
                        policy.permissionsOf(
                                provider("provider-analyst", Instant.now().plusSeconds(60))))
                .isEqualTo(most);
    }

    @Test
    void administratorMayAllAndTheAuditorOnlyReads() {
        assertThat(granted(Role.TENANT_ADMIN)).isEqualTo(Policy.ACTIONS);
        assertThat(granted(new Role("auditor")))
                .contains("audit:read")
                .allSatisfy(action -> assertThat(action).endsWith(":read"));
    }

    @Test
    void onlyRespondersApproversAndAdministratorsDecideApprovals() {
        assertThat(POLICY.rolesThatGrant(HERE, "approval:decide"))
                .containsExactly("tenant-admin", "responder", "evidence-approver");
    }

    @Test
    void unknownRoleAndUnknownActionAreDenied() {
        assertThat(POLICY.permissionsOf(person("emperor"))).isEmpty();
        assertThat(POLICY.permits(person("tenant-admin"), "world:rule", HERE)).isFalse();
        assertThat(POLICY.permits(person("tenant-admin\" || true"), "user:manage", HERE)).isFalse();
    }

    @Test
    void deniesEverythingWhenThePoliciesCannotBeLoaded() {
        var broken = policy("/access/no-such-file.cedar", Own.NOTHING);
        assertThat(broken.permits(person("tenant-admin"), "user:read", HERE)).isFalse();
        var notCedar = policy("/access/common-passwords.txt", Own.NOTHING);
        assertThat(notCedar.permits(person("tenant-admin"), "user:read", HERE)).isFalse();
    }

    @Test
    void aRoleThatEndedPermitsNothing() {
        var standing = new Standing(Instant.now().minusSeconds(1), 0, null, "");
        for (Role role : Role.BUILT_IN) {
            var gone =
                    new SignedIn(
                            HERE,
                            UUID.randomUUID(),
                            "Ann",
                            "a@x.org",
                            role.wire(),
                            Set.of(),
                            standing,
                            null);
            assertThat(POLICY.permissionsOf(gone)).as(role.wire()).isEmpty();
        }
    }

    @Test
    void nobodyApprovesWhatTheyAskedFor() {
        var person = person("responder");
        var own = new Thing(HERE, "approval", null, null, person.account());
        var others = new Thing(HERE, "approval", null, null, UUID.randomUUID());
        assertThat(POLICY.decide(person, "approval:decide", own))
                .isEqualTo(new Answer(false, Set.of("no-self-approval")));
        assertThat(POLICY.decide(person, "approval:decide", others))
                .isEqualTo(new Answer(true, Set.of("responder")));
    }

    @Test
    void theNewRolesKeepDrawingPublishingAndRunningApart() {
        assertThat(granted(new Role("workflow-approver")))
                .contains("workflow:publish")
                .doesNotContain("workflow:write", "workflow:run");
        assertThat(granted(new Role("workflow-operator")))
                .contains("workflow:run")
                .doesNotContain("workflow:write", "workflow:publish", "approval:decide");
        assertThat(granted(new Role("compliance-manager")))
                .allSatisfy(action -> assertThat(action).endsWith(":read"));
        assertThat(granted(new Role("evidence-approver")))
                .contains("approval:decide")
                .doesNotContain("incident:write", "workflow:run");
    }

    @Test
    void aCompanysPoliciesCountForItsOwnPeopleOnly() {
        var own =
                new Own(
                        1,
                        List.of(
                                new CustomRole(
                                        "night-watch",
                                        Set.of("event:read"),
                                        "context.mfaAge < 300",
                                        1,
                                        Instant.EPOCH)),
                        new Version(
                                1,
                                "@id(\"no-reading\") forbid (principal, action =="
                                        + " Action::\"incident:read\", resource);",
                                new UUID(0, 1),
                                "Ada",
                                Instant.EPOCH));
        var policy =
                new Policy(
                        "/access/roles.cedar",
                        Runnable::run,
                        tenant -> tenant.equals(HERE) ? own : Own.NOTHING,
                        Clock.systemUTC());
        var here = person("analyst");
        assertThat(policy.decide(here, "incident:read", Thing.companyOf(HERE)).policies())
                .containsExactly("own:no-reading");
        var there = new SignedIn(THERE, UUID.randomUUID(), "Bo", "b@x.org", "analyst", Set.of());
        assertThat(policy.permits(there, "incident:read", THERE)).isTrue();
        assertThat(policy.permits(person("night-watch"), "event:read", HERE)).isFalse();
        var fresh = new Standing(null, 0, Instant.now(), "");
        var watcher =
                new SignedIn(
                        HERE,
                        UUID.randomUUID(),
                        "Cy",
                        "c@x.org",
                        "night-watch",
                        Set.of(),
                        fresh,
                        null);
        assertThat(policy.permissionsOf(watcher)).containsExactly("event:read");
        assertThat(policy.rolesThatGrant(HERE, "event:read")).contains("night-watch");
        assertThat(policy.rolesThatGrant(THERE, "event:read")).doesNotContain("night-watch");
    }

    @Test
    void aCompanyWhosePoliciesCannotBeReadCanOnlyMendThem() {
        var policy =
                policy(
                        "/access/roles.cedar",
                        new Own(
                                1,
                                List.of(),
                                new Version(
                                        1,
                                        "permit (principal, action == Action::\"long:gone\","
                                                + " resource);",
                                        new UUID(0, 1),
                                        "Ada",
                                        Instant.EPOCH)));
        assertThat(policy.permissionsOf(person("tenant-admin")))
                .containsExactlyInAnyOrder("user:read", "user:manage", "settings:manage");
        assertThat(policy.permissionsOf(person("analyst"))).isEmpty();
    }

    private static Policy policy(String resource, Own own) {
        return new Policy(resource, Runnable::run, _ -> own, Clock.systemUTC());
    }

    private static Set<String> granted(Role role) {
        return POLICY.permissionsOf(person(role.wire()));
    }

    private static SignedIn person(String role) {
        return new SignedIn(HERE, UUID.randomUUID(), "Ann", "ann@example.org", role, Set.of());
    }
}
