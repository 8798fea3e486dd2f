package io.cybershield.access;

import io.cybershield.platform.Principal;
import io.cybershield.platform.TenantId;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A person with a live session and both factors, or whom an API key or a client's token acts for;
 * the principal of Spring Security.
 *
 * @param account of the person or the service account
 * @param email empty where a key or a token acts
 * @param role built in or one of the company's own, by its wire name
 * @param permissions what the role permits inside the tenant, and the scopes of key or token name
 * @param key null in a session
 */
public record SignedIn(
        TenantId tenant,
        UUID account,
        String name,
        String email,
        String role,
        Set<String> permissions,
        Standing standing,
        @Nullable ByKey key) {
    /**
     * An API key, or a registered client's token, that acts instead of a session.
     *
     * @param id of the key or the client
     * @param service whether it acts for a service account instead of a person
     * @param token whether it is a token
     */
    public record ByKey(UUID id, String name, boolean service, boolean token) {
        static ByKey key(UUID id, String name, boolean service) {
            return new ByKey(id, name, service, false);
        }

        static ByKey token(UUID client, String name, boolean service) {
            return new ByKey(client, name, service, true);
        }
    }

    public SignedIn(
            TenantId tenant,
            UUID account,
            String name,
            String email,
            String role,
            Set<String> permissions) {
        this(tenant, account, name, email, role, permissions, Standing.UNKNOWN, null);
    }

    /** The actor that scopes and audit entries carry. */
    public Principal principal() {
        if (key == null) {
            return new Principal(Principal.Kind.USER, account.toString(), name);
        }
        return new Principal(
                key.service() ? Principal.Kind.SERVICE : Principal.Kind.USER,
                account.toString(),
                name + (key.token() ? " (client " : " (key ") + key.name() + ")");
    }

    /** Never shows the address. */
    @Override
    public String toString() {
        return "SignedIn[" + account + " of " + tenant + "]";
    }
}
