package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.platform.TenantId;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What each role may do, and that doubt means no. */
class PolicyTest {
    private static final Policy POLICY = new Policy();
    private static final TenantId HERE = new TenantId(UUID.randomUUID());
    private static final TenantId THERE = new TenantId(UUID.randomUUID());

    @ParameterizedTest
    @EnumSource(Role.class)
    void noRoleReachesAnotherTenant(Role role) {
        var person = person(role.wire());
        for (String action : Policy.ACTIONS) {
            assertThat(POLICY.permits(person, action, THERE)).as(action).isFalse();
        }
        assertThat(POLICY.permits(person, "incident:read", HERE)).isTrue();
    }

    @Test
    void administratorMayAllAndTheAuditorOnlyReads() {
        assertThat(granted(Role.TENANT_ADMIN)).isEqualTo(Policy.ACTIONS);
        assertThat(granted(Role.AUDITOR))
                .contains("audit:read")
                .allSatisfy(action -> assertThat(action).endsWith(":read"));
    }

    @Test
    void onlyTheRespondersAndAdministratorsDecideApprovals() {
        assertThat(POLICY.rolesThatGrant("approval:decide"))
                .containsExactly("tenant-admin", "responder");
    }

    @Test
    void unknownRoleAndUnknownActionAreDenied() {
        assertThat(POLICY.permissionsOf("emperor", HERE, UUID.randomUUID())).isEmpty();
        assertThat(POLICY.permits(person("tenant-admin"), "world:rule", HERE)).isFalse();
        assertThat(POLICY.permits(person("tenant-admin\" || true"), "user:manage", HERE)).isFalse();
    }

    @Test
    void deniesEverythingWhenThePoliciesCannotBeLoaded() {
        var broken = new Policy("/access/no-such-file.cedar", Runnable::run);
        assertThat(broken.permits(person("tenant-admin"), "user:read", HERE)).isFalse();
        var notCedar = new Policy("/access/common-passwords.txt", Runnable::run);
        assertThat(notCedar.permits(person("tenant-admin"), "user:read", HERE)).isFalse();
    }

    private static Set<String> granted(Role role) {
        return POLICY.permissionsOf(role.wire(), HERE, UUID.randomUUID());
    }

    private static SignedIn person(String role) {
        return new SignedIn(
                HERE, UUID.randomUUID(), "Ann", "ann@example.org", role, Set.of(), null);
    }
}
