package io.cybershield.platform;

import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * On whose behalf the current thread works: a principal inside a tenant, or the platform itself.
 *
 * <p>Set in one place per entry (HTTP filter, consumer loop, timer), read by {@link Transactions}.
 * Code that runs without a scope cannot reach a table.
 */
public sealed interface Scope {
    Principal principal();

    /** Inside one tenant: its schema, its database role, rows of its own only. */
    record Tenant(TenantId tenant, Principal principal, Sight sight) implements Scope {
        /** On the same behalf, with the sight of the product itself. */
        public Tenant whole() {
            return new Tenant(tenant, principal, Sight.ALL);
        }
    }

    /** The platform's own tables and queues; never a tenant's schema. */
    record Platform(Principal principal) implements Scope {}

    /**
     * All that one tenant has in the shared tables, whole rows, and never a tenant's schema: for
     * taking a company out, bringing it in and ending it, for removing its events by age, and for
     * nothing else.
     */
    record Custody(TenantId tenant, Principal principal) implements Scope {}

    /** For what the product does by itself; a person's request has its own {@link Sight}. */
    static Scope tenant(TenantId tenant, Principal principal) {
        return new Tenant(tenant, principal, Sight.ALL);
    }

    static Scope platform(String component) {
        return new Platform(Principal.system(component));
    }

    /**
     * @throws IllegalStateException if nothing set a scope: a bug in the entry point
     */
    static Scope current() {
        return find().orElseThrow(() ->
                new IllegalStateException(
                        "No scope: the entry point must set one with Scope.run or"
                                + " Scope.call"));
    }

    static Optional<Scope> find() {
        return ScopeHolder.CURRENT.isBound()
                ? Optional.of(ScopeHolder.CURRENT.get())
                : Optional.empty();
    }

    /**
     * The tenant in scope.
     *
     * @throws IllegalStateException outside a tenant
     */
    static TenantId currentTenant() {
        return switch (current()) {
            case Tenant(var tenant, _, _) -> tenant;
            case Platform _, Custody _ ->
                    throw new IllegalStateException(
                            "This needs a tenant's scope, not the platform's");
        };
    }

    default void run(Runnable work) {
        ScopedValue.where(ScopeHolder.CURRENT, this).run(work);
    }

    default <T> T call(Callable<T> work) throws Exception {
        return ScopedValue.where(ScopeHolder.CURRENT, this).call(work::call);
    }

    /** As {@link #call} for work that throws nothing checked. */
    default <T> T get(java.util.function.Supplier<T> work) {
        return ScopedValue.where(ScopeHolder.CURRENT, this).call(work::get);
    }
}
