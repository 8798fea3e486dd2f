package io.cybershield.access;

import io.cybershield.platform.Principal;
import io.cybershield.platform.TenantId;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A person with a live session and both factors, or whom an API key or a client's token acts for;
 * the principal of Spring Security.
 *
 * @param tenant the company they act in
 * @param account of the person or the service account
 * @param email empty where a key or a token acts
 * @param role built in or one of the company's own, by its wire name
 * @param permissions what the role permits inside the tenant, and the scopes of key or token name
 * @param key null in a session
 * @param grant what a provider's person acts by in a customer; null at home
 */
public record SignedIn(
        TenantId tenant,
        UUID account,
        String name,
        String email,
        String role,
        Set<String> permissions,
        Standing standing,
        @Nullable ByKey key,
        @Nullable ByGrant grant) {
    /**
     * A customer's grant, by which a provider's person acts.
     *
     * @param home the person's own company
     * @param tenantName the customer's
     * @param until when it ends by itself
     */
    public record ByGrant(
            UUID id, TenantId home, String homeName, String tenantName, Instant until) {}

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
        this(tenant, account, name, email, role, permissions, Standing.UNKNOWN, null, null);
    }

    SignedIn(
            TenantId tenant,
            UUID account,
            String name,
            String email,
            String role,
            Set<String> permissions,
            Standing standing,
            @Nullable ByKey key) {
        this(tenant, account, name, email, role, permissions, standing, key, null);
    }

    SignedIn with(Set<String> permitted) {
        return new SignedIn(tenant, account, name, email, role, permitted, standing, key, grant);
    }

    /** The actor that scopes and audit entries carry. */
    public Principal principal() {
        if (key == null) {
            return new Principal(
                    Principal.Kind.USER,
                    account.toString(),
                    grant == null ? name : name + " (" + grant.homeName() + ")");
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
