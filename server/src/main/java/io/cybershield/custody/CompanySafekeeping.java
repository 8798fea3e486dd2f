package io.cybershield.custody;

import io.cybershield.platform.Safekeeping;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Holds, stand-stills and exports stop what would go by age. */
@Component
class CompanySafekeeping implements Safekeeping {
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final Clock clock;

    CompanySafekeeping(Transactions transactions, JdbcClient jdbc, Clock clock) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    @Override
    public Map<TenantId, Reason> all() {
        return read(null);
    }

    @Override
    public Optional<Reason> of(TenantId tenant) {
        return Optional.ofNullable(read(tenant).get(tenant));
    }

    /** Whoever sets a hold or suspends changes this row, or locks it. */
    @Override
    public Optional<Reason> lock(TenantId tenant) {
        boolean there =
                jdbc.sql("SELECT id FROM platform.tenant WHERE id = :id FOR SHARE")
                        .param("id", tenant.value())
                        .query(UUID.class)
                        .optional()
                        .isPresent();
        return there ? of(tenant) : Optional.of(Reason.STANDING_STILL);
    }

    private Map<TenantId, Reason> read(@Nullable TenantId tenant) {
        return transactions.callAs(
                LegalHolds.PLATFORM,
                () ->
                        jdbc
                                .sql(
                                        """
                                        SELECT id, CASE WHEN held THEN 'HOLD' WHEN state <> 'active' THEN 'STANDING_STILL' ELSE 'EXPORT' END
                                        FROM (SELECT t.id, t.state,
                                                EXISTS (SELECT FROM platform.legal_hold h WHERE h.tenant_id = t.id AND h.lifted_at IS NULL) AS held,
                                                EXISTS (SELECT FROM platform.company_export e WHERE e.tenant_id = t.id
                                                        AND e.state = 'under-way' AND e.touched_at >= :silent) AS leaving
                                              FROM platform.tenant t WHERE :tenant::uuid IS NULL OR t.id = :tenant) AS company
                                        WHERE held OR leaving OR state <> 'active'
                                        """)
                                .param("tenant", tenant == null ? null : tenant.value())
                                .param(
                                        "silent",
                                        clock.instant()
                                                .minus(CompanyExports.SILENT)
                                                .atOffset(ZoneOffset.UTC))
                                .query((row, _) ->
                                        Map.entry(
                                                new TenantId(row.getObject(1, UUID.class)),
                                                Reason.valueOf(row.getString(2))))
                                .list()
                                .stream()
                                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }
}
