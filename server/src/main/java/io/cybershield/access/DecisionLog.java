package io.cybershield.access;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.policy.Answer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Keeps in the trail which policies decided: every denial, every privileged permit, and every
 * permit of a provider's people. Of permits the first in a minute of one person, permission and
 * policy is written at once, and the others as one entry with their count when the minute is over;
 * only these are lost if the process dies.
 */
@Component
final class DecisionLog implements AutoCloseable {
    /** What can change who may do what, what runs unattended, or what somebody else asked for. */
    static final Set<String> PRIVILEGED =
            Set.of(
                    "user:manage",
                    "settings:manage",
                    "workflow:publish",
                    "approval:decide",
                    "source:manage",
                    "rule:manage");

    private static final Logger log = LoggerFactory.getLogger(DecisionLog.class);
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private final AuditTrail audit;
    private final Clock clock;
    private final Map<Key, Window> windows = new ConcurrentHashMap<>();
    private final ScheduledExecutorService sweeper =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("decision-log").factory());

    private record Key(
            TenantId tenant,
            Principal who,
            String permission,
            Set<String> policies,
            int version,
            SignedIn.@Nullable ByGrant grant) {}

    private record Window(Instant opened, AtomicInteger further) {}

    DecisionLog(AuditTrail audit, Clock clock) {
        this.audit = audit;
        this.clock = clock;
        sweeper.scheduleWithFixedDelay(this::sweep, 15, 15, TimeUnit.SECONDS);
    }

    void denied(SignedIn person, String permission, Answer answer, int version) {
        audit.appendSeparately(
                "access.denied",
                "permission:" + permission,
                Outcome.DENIED,
                by(
                        person.grant(),
                        Map.of(
                                "role",
                                person.role(),
                                "policies",
                                answer.policies(),
                                "policyVersion",
                                version)));
    }

    void permitted(SignedIn person, String permission, Answer answer, int version) {
        if (!PRIVILEGED.contains(permission) && person.grant() == null) {
            return;
        }
        var key =
                new Key(
                        person.tenant(),
                        person.principal(),
                        permission,
                        answer.policies(),
                        version,
                        person.grant());
        var fresh = new Window(clock.instant(), new AtomicInteger());
        Window open = windows.putIfAbsent(key, fresh);
        if (open != null) {
            open.further().incrementAndGet();
            return;
        }
        var detail = detail(key);
        // In a transaction that holds rows, a second one might wait for the first for ever.
        if (TransactionSynchronizationManager.isActualTransactionActive()) {
            audit.append("access.permitted", target(key), Outcome.PERMITTED, detail);
        } else {
            audit.appendSeparately("access.permitted", target(key), Outcome.PERMITTED, detail);
        }
    }

    private static String target(Key key) {
        return "permission:" + key.permission();
    }

    private static Map<String, ?> detail(Key key) {
        return by(key.grant(), Map.of("policies", key.policies(), "policyVersion", key.version()));
    }

    /** By which grant, and of which company, somebody acts who is none of the company's own. */
    private static Map<String, ?> by(SignedIn.@Nullable ByGrant grant, Map<String, ?> detail) {
        if (grant == null) {
            return detail;
        }
        var all = new HashMap<String, Object>(detail);
        all.put("grant", grant.id().toString());
        all.put("provider", grant.homeName());
        return Map.copyOf(all);
    }

    private void sweep() {
        sweep(clock.instant().minus(WINDOW));
    }

    /** Closes the windows that were opened before. */
    void sweep(Instant before) {
        windows.forEach((key, window) -> {
            if (window.opened().isBefore(before) && windows.remove(key, window)) {
                int further = window.further().get();
                if (further > 0) {
                    write(key, further);
                }
            }
        });
    }

    private void write(Key key, int further) {
        try {
            Scope.tenant(key.tenant(), key.who())
                    .run(() ->
                            audit.appendSeparately(
                                    "access.permitted",
                                    target(key),
                                    Outcome.PERMITTED,
                                    by(
                                            key.grant(),
                                            Map.of(
                                                    "policies",
                                                    key.policies(),
                                                    "policyVersion",
                                                    key.version(),
                                                    "further",
                                                    further))));
        } catch (RuntimeException e) {
            log.warn(
                    "privileged permits could not be entered in the trail tenant={} count={}",
                    key.tenant(),
                    further,
                    e);
        }
    }

    @Override
    public void close() {
        sweeper.shutdownNow();
        sweep(Instant.MAX);
    }
}
