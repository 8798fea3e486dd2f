package io.cybershield.tenant;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.SealedColumns;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TenantKeys;
import io.cybershield.platform.Transactions;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The key that a company's secrets are sealed under: how old it is, and changing it. */
@Component
final class CompanyKeys {
    private final Transactions transactions;
    private final TenantKeys keys;
    private final SealedColumns columns;
    private final AuditTrail audit;

    CompanyKeys(
            Transactions transactions, TenantKeys keys, SealedColumns columns, AuditTrail audit) {
        this.transactions = transactions;
        this.keys = keys;
        this.columns = columns;
        this.audit = audit;
    }

    /**
     * @param version of the key in use; 0 before anything was sealed
     * @param left values that are not under it yet
     * @param outside whether the key lies outside the database
     * @param versions the newest first
     */
    @Schema(name = "CompanyKeyView")
    record KeyView(int version, long left, boolean outside, List<VersionView> versions) {}

    /**
     * @param resealed values that were sealed anew under it
     * @param doneAt when nothing was left under an older one; null while something may be
     */
    @Schema(name = "CompanyKeyVersionView")
    record VersionView(
            int version,
            Instant createdAt,
            String createdBy,
            long resealed,
            @Nullable Instant doneAt) {}

    KeyView of(TenantId tenant) {
        var versions =
                keys.versions(tenant).stream()
                        .map(v ->
                                new VersionView(
                                        v.version(),
                                        v.createdAt(),
                                        v.createdBy(),
                                        v.resealed(),
                                        v.doneAt()))
                        .toList();
        int newest = versions.isEmpty() ? 0 : versions.getFirst().version();
        return new KeyView(
                newest, columns.left(tenant, newest), keys.lieOutsideTheDatabase(), versions);
    }

    /** What is sealed from now on is under another version; the rest follows by itself. */
    KeyView rotate(TenantId tenant, Principal by) {
        transactions.runAs(
                Scope.tenant(tenant, by),
                () -> {
                    int version = keys.rotate(tenant, by.name()).version();
                    audit.append(
                            "tenant.key-rotated",
                            "tenant:" + tenant,
                            Outcome.PERMITTED,
                            Map.of("version", version));
                });
        return of(tenant);
    }
}
