package io.cybershield.audit;

import io.cybershield.platform.TenantId;

/** Hears of every entry, inside the transaction that appends it; must be quick. */
public interface AuditListener {
    void appended(TenantId tenant, AuditView entry);
}
