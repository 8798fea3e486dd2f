package io.cybershield.access;

import io.cybershield.platform.Principal;
import io.cybershield.platform.TenantId;
import java.util.Set;
import java.util.UUID;

/**
 * A person with a live session and both factors; the principal of Spring Security.
 *
 * @param role built in or one of the company's own, by its wire name
 * @param permissions what the role permits inside the tenant
 */
public record SignedIn(
        TenantId tenant,
        UUID account,
        String name,
        String email,
        String role,
        Set<String> permissions,
        Standing standing) {

    public SignedIn(
            TenantId tenant,
            UUID account,
            String name,
            String email,
            String role,
            Set<String> permissions) {
        this(tenant, account, name, email, role, permissions, Standing.UNKNOWN);
    }

    /** The actor that scopes and audit entries carry. */
    public Principal principal() {
        return new Principal(Principal.Kind.USER, account.toString(), name);
    }

    /** Never shows the address. */
    @Override
    public String toString() {
        return "SignedIn[" + account + " of " + tenant + "]";
    }
}
