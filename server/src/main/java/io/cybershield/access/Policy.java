package io.cybershield.access;

import com.cedarpolicy.AuthorizationEngine;
import com.cedarpolicy.BasicAuthorizationEngine;
import com.cedarpolicy.model.AuthorizationRequest;
import com.cedarpolicy.model.entity.Entity;
import com.cedarpolicy.model.exception.AuthException;
import com.cedarpolicy.model.exception.CacheException;
import com.cedarpolicy.model.policy.PolicySet;
import com.cedarpolicy.value.EntityTypeName;
import com.cedarpolicy.value.EntityUID;
import com.cedarpolicy.value.PrimString;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.platform.TenantId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Decides in Cedar what a person may do; denies whenever it cannot decide.
 *
 * <p>The engine's native library loads beside start-up; a question that comes earlier waits for it.
 */
@Component
public final class Policy {
    /** Every action that a policy may name; the wire's permissions. */
    static final Set<String> ACTIONS =
            Set.of(
                    "event:read",
                    "event:ingest",
                    "source:manage",
                    "rule:read",
                    "rule:manage",
                    "finding:read",
                    "incident:read",
                    "incident:write",
                    "workflow:read",
                    "workflow:write",
                    "workflow:publish",
                    "workflow:run",
                    "approval:decide",
                    "audit:read",
                    "user:read",
                    "user:manage",
                    "settings:manage");

    private static final Logger log = LoggerFactory.getLogger(Policy.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final CompletableFuture<Rules> rules;
    private final Cache<Question, Boolean> decisions =
            Caffeine.newBuilder().maximumSize(20_000).build();

    /** Types too: to parse a type's name already needs the native library. */
    private record Rules(
            AuthorizationEngine engine,
            PolicySet policies,
            EntityTypeName user,
            EntityTypeName role,
            EntityTypeName tenant,
            EntityTypeName action) {}

    /** All that a decision depends on; the policies never change while the process lives. */
    private record Question(UUID account, String role, TenantId of, String action, TenantId at) {}

    Policy() {
        this(
                "/access/roles.cedar",
                work -> Thread.ofPlatform().name("policy-load").daemon().start(work));
    }

    Policy(String resource, Executor loader) {
        this.rules = CompletableFuture.supplyAsync(() -> load(resource), loader);
        this.rules.whenComplete((_, failure) -> {
            if (failure != null) {
                log.error("policies could not be loaded; everything is denied", failure);
            }
        });
    }

    /**
     * Whether the person may do it to something of that tenant.
     *
     * @param action such as {@code incident:write}
     */
    public boolean permits(SignedIn person, String action, TenantId resourceTenant) {
        return permits(person.account(), person.role(), person.tenant(), action, resourceTenant);
    }

    boolean permits(
            UUID account, String role, TenantId tenant, String action, TenantId resourceTenant) {
        var question = new Question(account, role, tenant, action, resourceTenant);
        Boolean known = decisions.getIfPresent(question);
        if (known != null) {
            return known;
        }
        try {
            boolean permitted = decide(question);
            decisions.put(question, permitted);
            return permitted;
        } catch (AuthException | ExecutionException | TimeoutException e) {
            log.error("policy decision failed; denied action={}", action, e);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What a role permits to anybody inside their own tenant. */
    Set<String> permissionsOf(String role, TenantId tenant, UUID account) {
        var granted = new TreeSet<String>();
        for (String action : ACTIONS) {
            if (permits(account, role, tenant, action, tenant)) {
                granted.add(action);
            }
        }
        return granted;
    }

    List<String> rolesThatGrant(String action) {
        var nobody = new UUID(0, 0);
        var somewhere = new TenantId(nobody);
        return Arrays.stream(Role.values())
                .map(Role::wire)
                .filter(role -> permits(nobody, role, somewhere, action, somewhere))
                .toList();
    }

    private boolean decide(Question asked)
            throws AuthException, ExecutionException, TimeoutException, InterruptedException {
        Rules loaded = rules.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        EntityUID principal = loaded.user().of(asked.account().toString());
        EntityUID role = loaded.role().of(asked.role());
        EntityUID resource = loaded.tenant().of(asked.at().toString());
        var entities =
                Set.of(
                        new Entity(
                                principal,
                                Map.of("tenant", new PrimString(asked.of().toString())),
                                Set.of(role)),
                        new Entity(role),
                        new Entity(
                                resource,
                                Map.of("tenant", new PrimString(asked.at().toString())),
                                Set.of()));
        var answer =
                loaded.engine()
                        .isAuthorized(
                                new AuthorizationRequest(
                                        principal,
                                        loaded.action().of(asked.action()),
                                        resource,
                                        Map.of()),
                                loaded.policies(),
                                entities);
        // A policy that failed to evaluate may have been the forbid.
        return answer.success.map(s -> s.isAllowed() && s.getErrors().isEmpty()).orElse(false);
    }

    private static Rules load(String resource) {
        try (InputStream in = Policy.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("Policies are missing from the jar: " + resource);
            }
            var policies =
                    PolicySet.parsePolicies(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            policies.cache();
            return new Rules(
                    new BasicAuthorizationEngine(),
                    policies,
                    type("User"),
                    type("Role"),
                    type("Tenant"),
                    type("Action"));
        } catch (IOException | AuthException | CacheException e) {
            throw new IllegalStateException("Policies cannot be read: " + resource, e);
        }
    }

    private static EntityTypeName type(String name) {
        return EntityTypeName.parse(name).orElseThrow();
    }
}
