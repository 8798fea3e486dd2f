package io.cybershield.platform;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Brings everything that is sealed under the newest version of its tenant's key. It looks for what
 * is not, so it goes on where it was cut off, and several workers do no harm: a value is replaced
 * only if it is still the one that was read.
 */
@Component
@RunsIn(Role.WORKER)
class Resealing extends Repeated {
    private static final Logger log = LoggerFactory.getLogger(Resealing.class);
    private static final Scope PLATFORM = Scope.platform("keys");
    private static final Duration EVERY = Duration.ofSeconds(5);
    private static final int BATCH = 100;

    /** A slow writer may still bring a value under the version before. */
    private static final Duration SLOWEST_WRITER = Duration.ofSeconds(30);

    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final TenantKeys keys;
    private final SealedColumns columns;
    private final Clock clock;
    private final Set<TenantId> stuck = ConcurrentHashMap.newKeySet();
    private boolean begun;

    Resealing(
            Transactions transactions,
            JdbcClient jdbc,
            TenantKeys keys,
            SealedColumns columns,
            Clock clock) {
        super("resealing", EVERY);
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.keys = keys;
        this.columns = columns;
        this.clock = clock;
    }

    @Override
    protected void tick() {
        if (!begun) {
            for (TenantId tenant : withoutKey()) {
                keys.ensure(tenant);
            }
            begun = true;
        }
        for (TenantId tenant : inDatabase()) {
            keys.moveOut(tenant);
        }
        for (TenantId tenant : unfinished()) {
            try {
                reseal(tenant);
                stuck.remove(tenant);
            } catch (RuntimeException e) {
                if (stuck.add(tenant)) {
                    log.error("sealed values stay under an older key tenant={}", tenant, e);
                }
            }
        }
    }

    /** Of the time before tenants had keys; a new one's is made when something is sealed. */
    private List<TenantId> withoutKey() {
        return tenants(
                """
                SELECT s.tenant_id::text FROM platform.tenant_schema s
                WHERE NOT EXISTS (SELECT 1 FROM platform.tenant_key k WHERE k.tenant_id = s.tenant_id)
                """);
    }

    private List<TenantId> inDatabase() {
        return keys.lieOutsideTheDatabase()
                ? tenants(
                        """
                        SELECT DISTINCT tenant_id::text FROM platform.tenant_key WHERE wrapped IS NOT NULL
                        """)
                : List.of();
    }

    private List<TenantId> unfinished() {
        return tenants(
                "SELECT DISTINCT tenant_id::text FROM platform.tenant_key WHERE done_at IS NULL");
    }

    private List<TenantId> tenants(String sql) {
        return transactions.callAs(
                PLATFORM,
                () -> jdbc.sql(sql).query((row, _) -> TenantId.parse(row.getString(1))).list());
    }

    private void reseal(TenantId tenant) {
        var newest = keys.versions(tenant).getFirst();
        for (SealedColumn column : columns.all()) {
            String after = "";
            while (!after.equals(SealedColumns.END)) {
                String from = after;
                after =
                        transactions.callAs(
                                PLATFORM,
                                () -> {
                                    var batch =
                                            columns.reseal(
                                                    tenant, column, newest.version(), from, BATCH);
                                    note(tenant, newest.version(), batch.resealed());
                                    return batch.last();
                                });
            }
        }
        boolean old = !newest.createdAt().plus(SLOWEST_WRITER).isAfter(clock.instant());
        if (old && columns.left(tenant, newest.version()) == 0) {
            done(tenant, newest.version());
        }
    }

    private void note(TenantId tenant, int version, int count) {
        if (count > 0) {
            jdbc.sql(
                            """
                            UPDATE platform.tenant_key SET resealed = resealed + :count
                            WHERE tenant_id = :tenant AND version = :version
                            """)
                    .param("count", count)
                    .param("tenant", tenant.value())
                    .param("version", version)
                    .update();
        }
    }

    private void done(TenantId tenant, int version) {
        transactions.runAs(
                PLATFORM,
                () ->
                        jdbc.sql(
                                        """
                                        UPDATE platform.tenant_key SET done_at = :now
                                        WHERE tenant_id = :tenant AND version <= :version AND done_at IS NULL
                                        """)
                                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                                .param("tenant", tenant.value())
                                .param("version", version)
                                .update());
    }
}
