package io.cybershield.audit;

import io.cybershield.platform.Ids;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import tools.jackson.databind.json.JsonMapper;

/**
 * Appends to the current tenant's trail. The actor is the scope's principal, the address that of
 * the current HTTP request, if there is one.
 *
 * <p>What a transaction appends is written together at its end, because from there on the tenant's
 * chain is held until it has committed.
 */
@Component
public final class AuditTrail {
    /** How what was tried came out. */
    public enum Outcome {
        PERMITTED,
        DENIED,
        FAILED
    }

    private final Transactions transactions;
    private final AuditStore store;
    private final Ids ids;
    private final Clock clock;
    private final JsonMapper json;
    private final ObjectProvider<AuditListener> listeners;

    AuditTrail(
            Transactions transactions,
            AuditStore store,
            Ids ids,
            Clock clock,
            JsonMapper json,
            ObjectProvider<AuditListener> listeners) {
        this.transactions = transactions;
        this.store = store;
        this.ids = ids;
        this.clock = clock;
        this.json = json;
        this.listeners = listeners; // asked late: who listens may itself need the trail
    }

    /**
     * Appends in the caller's transaction, or in its own if none is open: an entry is kept exactly
     * when what it tells of is.
     *
     * @param action {@code context.verb-done}, such as {@code incident.closed}
     * @param target what it was done to, such as {@code incident:<id>}
     * @param detail small and plain; no secrets
     * @throws IllegalStateException outside a tenant's scope
     */
    public void append(String action, String target, Outcome outcome, Map<String, ?> detail) {
        write(Scope.currentTenant(), action, target, outcome, detail);
    }

    /**
     * Appends in a transaction of its own, so that the entry stays when the caller fails: for
     * denials and failures.
     */
    public void appendSeparately(
            String action, String target, Outcome outcome, Map<String, ?> detail) {
        TenantId tenant = Scope.currentTenant();
        transactions.callSeparately(() -> {
            write(tenant, action, target, outcome, detail);
            return true;
        });
    }

    private void write(
            TenantId tenant, String action, String target, Outcome outcome, Map<String, ?> detail) {
        var draft =
                new AuditStore.Draft(
                        ids.next(),
                        clock.instant().truncatedTo(ChronoUnit.MICROS),
                        Scope.current().principal(),
                        action,
                        target,
                        outcome,
                        address(),
                        json.writeValueAsString(detail));
        transactions.run(() ->
                transactions
                        .<List<AuditStore.Draft>>gather(
                                new Trail(tenant),
                                Transactions.Order.TRAIL,
                                ArrayList::new,
                                drafts -> put(tenant, drafts))
                        .orElseThrow()
                        .add(draft));
    }

    private record Trail(TenantId tenant) {}

    private void put(TenantId tenant, List<AuditStore.Draft> drafts) {
        for (AuditEntry entry : store.append(tenant, drafts)) {
            var view = AuditView.of(entry, json);
            listeners.forEach(listener -> listener.appended(tenant, view));
        }
    }

    private static @Nullable String address() {
        return RequestContextHolder.getRequestAttributes()
                        instanceof ServletRequestAttributes request
                ? request.getRequest().getRemoteAddr()
                : null;
    }
}
