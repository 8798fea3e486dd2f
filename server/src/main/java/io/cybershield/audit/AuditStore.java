package io.cybershield.audit;

import io.cybershield.platform.Principal;
import io.cybershield.platform.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The chain in the tenant's schema; every method runs in the caller's transaction. */
@Component
class AuditStore {
    /** Sets the audit chains' advisory locks apart from others of the same tenant. */
    private static final long CHAIN_LOCK = 0x6175_6469_745fL;

    private final JdbcClient jdbc;

    AuditStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** An entry before it has its place in the chain. */
    record Draft(
            UUID id,
            Instant at,
            Principal by,
            String action,
            String target,
            AuditTrail.Outcome outcome,
            @Nullable String address,
            String detail) {}

    /**
     * The end of the chain.
     *
     * @param seq 0 before the first entry
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared; arrays are never changed
    record Head(long seq, byte[] hash) {}

    private record Place(Head head, String detail) {}

    AuditEntry append(TenantId tenant, Draft draft) {
        UUID key = tenant.value();
        jdbc.sql("SELECT pg_advisory_xact_lock(:key)")
                .param(
                        "key",
                        key.getMostSignificantBits() ^ key.getLeastSignificantBits() ^ CHAIN_LOCK)
                .query((_, _) -> true)
                .single();
        // A statement of its own: it must see what the former holder of the lock committed.
        Place place =
                jdbc.sql(
                                """
                                SELECT coalesce(head.seq, 0), coalesce(head.hash, ''::bytea), (:detail::jsonb)::text
                                FROM (VALUES (1)) AS one LEFT JOIN audit_head AS head ON true
                                """)
                        .param("detail", draft.detail())
                        .query((row, _) ->
                                new Place(
                                        new Head(row.getLong(1), row.getBytes(2)),
                                        row.getString(3)))
                        .single();
        var entry =
                new AuditEntry(
                        tenant,
                        place.head().seq() + 1,
                        draft.id(),
                        draft.at(),
                        draft.by().kind().name(),
                        draft.by().id(),
                        draft.by().name(),
                        draft.action(),
                        draft.target(),
                        draft.outcome().name().toLowerCase(Locale.ROOT),
                        draft.address(),
                        place.detail(),
                        place.head().hash(),
                        new byte[0]);
        byte[] hash = entry.computeHash();
        jdbc.sql(
                        """
                        INSERT INTO audit_entry (seq, id, at, actor_kind, actor_id, actor_name, action, target,
                                                 outcome, address, detail, previous, hash)
                        VALUES (:seq, :id, :at, :kind, :actor, :name, :action, :target, :outcome, :address,
                                :detail::jsonb, :previous, :hash)
                        """)
                .param("seq", entry.seq())
                .param("id", entry.id())
                .param("at", entry.at().atOffset(ZoneOffset.UTC))
                .param("kind", entry.actorKind())
                .param("actor", entry.actorId())
                .param("name", entry.actorName())
                .param("action", entry.action())
                .param("target", entry.target())
                .param("outcome", entry.outcome())
                .param("address", entry.address())
                .param("detail", entry.detail())
                .param("previous", entry.previous())
                .param("hash", hash)
                .update();
        jdbc.sql(
                        """
                        INSERT INTO audit_head (seq, hash) VALUES (:seq, :hash)
                        ON CONFLICT (tenant_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash
                        """)
                .param("seq", entry.seq())
                .param("hash", hash)
                .update();
        return entry.hashed(hash);
    }

    Head head() {
        return jdbc.sql("SELECT seq, hash FROM audit_head")
                .query((row, _) -> new Head(row.getLong(1), row.getBytes(2)))
                .optional()
                .orElseGet(() -> new Head(0, new byte[0]));
    }

    /** Entries after one place in the chain, in its order. */
    List<AuditEntry> after(long seq, int limit) {
        return jdbc.sql("SELECT * FROM audit_entry WHERE seq > :seq ORDER BY seq LIMIT :limit")
                .param("seq", seq)
                .param("limit", limit)
                .query(AuditStore::entry)
                .list();
    }

    /**
     * Newest first; null means no restriction.
     *
     * @param actor part of the actor's name, or the whole id
     * @param named targets that the text finds by their name
     */
    record Filter(
            @Nullable Instant from,
            @Nullable Instant to,
            @Nullable String actor,
            @Nullable String action,
            @Nullable String text,
            Set<String> named,
            @Nullable Long before) {}

    List<AuditEntry> find(Filter filter, int limit) {
        return jdbc.sql(
                        """
                        SELECT * FROM audit_entry
                        WHERE (:before::bigint IS NULL OR seq < :before)
                          AND (:from::timestamptz IS NULL OR at >= :from)
                          AND (:to::timestamptz IS NULL OR at < :to)
                          AND (:actor::text IS NULL OR actor_id = :actor OR strpos(lower(actor_name), lower(:actor)) > 0)
                          AND (:action::text IS NULL OR action = :action OR starts_with(action, :action || '.'))
                          AND (:text::text IS NULL OR target = ANY(:named::text[]) OR strpos(lower(concat_ws(' ', actor_name, action, target, address, detail::text)), lower(:text)) > 0)
                        ORDER BY seq DESC LIMIT :limit
                        """)
                .param("before", filter.before())
                .param("from", utc(filter.from()))
                .param("to", utc(filter.to()))
                .param("actor", filter.actor())
                .param("action", filter.action())
                .param("text", filter.text())
                .param("named", filter.named().toArray(String[]::new))
                .param("limit", limit)
                .query(AuditStore::entry)
                .list();
    }

    private static @Nullable OffsetDateTime utc(@Nullable Instant at) {
        return at == null ? null : at.atOffset(ZoneOffset.UTC);
    }

    private static AuditEntry entry(ResultSet row, int number) throws SQLException {
        return new AuditEntry(
                new TenantId(row.getObject("tenant_id", UUID.class)),
                row.getLong("seq"),
                row.getObject("id", UUID.class),
                row.getObject("at", OffsetDateTime.class).toInstant(),
                row.getString("actor_kind"),
                row.getString("actor_id"),
                row.getString("actor_name"),
                row.getString("action"),
                row.getString("target"),
                row.getString("outcome"),
                row.getString("address"),
                row.getString("detail"),
                row.getBytes("previous"),
                row.getBytes("hash"));
    }
}
