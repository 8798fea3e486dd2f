package io.cybershield.custody;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.platform.TransferBox;
import io.swagger.v3.oas.annotations.media.Schema;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Who exports a company, and what came of it. The file goes straight to whoever asked: no copy of a
 * company lies about on the server.
 */
@Component
class CompanyExports {
    private static final Logger log = LoggerFactory.getLogger(CompanyExports.class);

    /** Each holds a connection for as long as it takes. */
    private static final int AT_ONCE = 2;

    /** How long a person may take from asking to fetching. */
    private static final Duration TO_BEGIN = Duration.ofMinutes(5);

    private static final Duration TELL = Duration.ofSeconds(2);

    /** Whoever says nothing for so long was cut off. */
    static final Duration SILENT = Duration.ofMinutes(2);

    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final CompanyExport export;
    private final AuditTrail audit;
    private final Ids ids;
    private final Clock clock;
    private final Semaphore room = new Semaphore(AT_ONCE);

    CompanyExports(
            Transactions transactions,
            JdbcClient jdbc,
            CompanyExport export,
            AuditTrail audit,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.export = export;
        this.audit = audit;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * @param state asked, under-way, done or failed
     * @param sha256 of the whole as its manifest says; null before it is done
     * @param failure in words; null unless it failed
     */
    @Schema(name = "CompanyExportView")
    record Export(
            UUID id,
            String askedBy,
            Instant askedAt,
            String state,
            long rows,
            @Nullable String sha256,
            @Nullable String failure) {}

    /** The newest first. */
    List<Export> of(TenantId tenant) {
        return inPlatform(
                """
                SELECT id, asked_by, asked_at, row_count, sha256,
                       CASE WHEN state = 'under-way' AND touched_at < :silent
                              OR state = 'asked' AND touched_at < :late THEN 'failed' ELSE state END,
                       CASE WHEN state = 'under-way' AND touched_at < :silent THEN 'It was cut off.'
                            WHEN state = 'asked' AND touched_at < :late THEN 'Nobody fetched it.' ELSE failure END
                FROM platform.company_export WHERE tenant_id = :tenant ORDER BY id DESC LIMIT 20
                """,
                tenant);
    }

    private List<Export> inPlatform(String sql, TenantId tenant) {
        return transactions.callAs(
                LegalHolds.PLATFORM,
                () ->
                        jdbc.sql(sql)
                                .param("tenant", tenant.value())
                                .param("silent", ago(SILENT))
                                .param("late", ago(TO_BEGIN))
                                .query((row, _) ->
                                        new Export(
                                                row.getObject(1, UUID.class),
                                                row.getString(2),
                                                row.getObject(3, OffsetDateTime.class).toInstant(),
                                                row.getString(6),
                                                row.getLong(4),
                                                row.getString(5),
                                                row.getString(7)))
                                .list());
    }

    /**
     * Notes in the trail that somebody takes everything out. Within five minutes they may.
     *
     * @param account who alone may fetch it; null for the operator
     * @param secrets whether secrets will be in it, sealed for the journey
     */
    UUID ask(TenantId tenant, @Nullable UUID account, boolean secrets, Principal by) {
        UUID id = ids.next();
        transactions.runAs(
                LegalHolds.PLATFORM,
                () -> {
                    lock(tenant);
                    refuseSecond(tenant);
                    jdbc.sql(
                                    """
                                    INSERT INTO platform.company_export (id, tenant_id, asked_by, account_id, asked_at, state, touched_at)
                                    VALUES (:id, :tenant, :by, :account, :now, 'asked', :now)
                                    """)
                            .param("id", id)
                            .param("tenant", tenant.value())
                            .param("by", by.name())
                            .param("account", account)
                            .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                            .update();
                    transactions.runAs(
                            Scope.tenant(tenant, by),
                            () ->
                                    audit.append(
                                            "tenant.exported",
                                            "tenant:" + tenant,
                                            Outcome.PERMITTED,
                                            Map.of("export", id, "secrets", secrets)));
                });
        return id;
    }

    private void lock(TenantId tenant) {
        if (jdbc.sql("SELECT id FROM platform.tenant WHERE id = :id FOR UPDATE")
                .param("id", tenant.value())
                .query(UUID.class)
                .optional()
                .isEmpty()) {
            throw Problems.NOT_FOUND.because("There is no tenant with that id.");
        }
    }

    private void refuseSecond(TenantId tenant) {
        int others =
                jdbc.sql(
                                """
                                SELECT count(*) FROM platform.company_export
                                WHERE tenant_id = :tenant AND state = 'under-way' AND touched_at >= :silent
                                """)
                        .param("tenant", tenant.value())
                        .param("silent", ago(SILENT))
                        .query(Integer.class)
                        .single();
        if (others > 0) {
            throw CustodyProblems.EXPORT_UNDER_WAY.because("Wait until the other one is done.");
        }
    }

    /**
     * What was asked for is taken, once, by who asked.
     *
     * @throws io.cybershield.platform.ProblemException {@code not-found} for anybody else, too
     *     late, or a second time; {@code company-export-under-way} if there is no room
     */
    Taken take(TenantId tenant, UUID id, @Nullable UUID account, Principal by) {
        if (!room.tryAcquire()) {
            throw CustodyProblems.EXPORT_UNDER_WAY.because(
                    "This server exports " + AT_ONCE + " companies already. Try again later.",
                    Map.of("retryAfterSeconds", 60));
        }
        boolean taken = false;
        try {
            taken =
                    transactions.callAs(
                            LegalHolds.PLATFORM,
                            () ->
                                    jdbc.sql(
                                                            """
                                                            UPDATE platform.company_export SET state = 'under-way', touched_at = :now
                                                            WHERE id = :id AND tenant_id = :tenant AND state = 'asked' AND asked_at >= :late
                                                              AND account_id IS NOT DISTINCT FROM :account::uuid
                                                            """)
                                                    .param("id", id)
                                                    .param("tenant", tenant.value())
                                                    .param("account", account)
                                                    .param(
                                                            "now",
                                                            clock.instant()
                                                                    .atOffset(ZoneOffset.UTC))
                                                    .param("late", ago(TO_BEGIN))
                                                    .update()
                                            == 1);
        } finally {
            if (!taken) {
                room.release();
            }
        }
        if (!taken) {
            throw Problems.NOT_FOUND.because(
                    "There is no such export, or it was fetched already, or too late.");
        }
        return new Taken(tenant, id, by);
    }

    /** An export that is to be written once. */
    final class Taken {
        private final TenantId tenant;
        private final UUID id;
        private final Principal by;
        private final AtomicReference<Instant> told = new AtomicReference<>(Instant.MIN);

        private Taken(TenantId tenant, UUID id, Principal by) {
            this.tenant = tenant;
            this.id = id;
            this.by = by;
        }

        /** What fails leaves a file without a manifest, which nobody takes for a whole one. */
        void write(OutputStream to, @Nullable TransferBox box) {
            try {
                var written = export.write(tenant, by, to, this::touch, box);
                settle("done", written.rows(), written.sha256(), null);
            } catch (RuntimeException e) {
                log.warn("export of a company failed tenant={} id={}", tenant, id, e);
                settle("failed", 0, null, "It was cut off. The log of the server says why.");
                throw e;
            } finally {
                room.release();
            }
        }

        private void touch(long rows) {
            Instant now = clock.instant();
            if (told.get().plus(TELL).isBefore(now)) {
                told.set(now);
                LegalHolds.PLATFORM.run(() ->
                        transactions.callSeparately(() ->
                                jdbc.sql(
                                                """
                                                UPDATE platform.company_export SET touched_at = :now, row_count = :rows WHERE id = :id
                                                """)
                                        .param("id", id)
                                        .param("rows", rows)
                                        .param("now", now.atOffset(ZoneOffset.UTC))
                                        .update()));
            }
        }

        private void settle(
                String state, long rows, @Nullable String sha256, @Nullable String failure) {
            transactions.runAs(
                    LegalHolds.PLATFORM,
                    () ->
                            jdbc.sql(
                                            """
                                            UPDATE platform.company_export SET state = :state, touched_at = :now,
                                                row_count = greatest(row_count, :rows), sha256 = :sha256, failure = :failure
                                            WHERE id = :id
                                            """)
                                    .param("id", id)
                                    .param("state", state)
                                    .param("rows", rows)
                                    .param("sha256", sha256)
                                    .param("failure", failure)
                                    .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                                    .update());
        }
    }

    private OffsetDateTime ago(Duration length) {
        return clock.instant().minus(length).atOffset(ZoneOffset.UTC);
    }
}
