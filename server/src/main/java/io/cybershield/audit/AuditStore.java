package io.cybershield.audit;

import io.cybershield.platform.Principal;
import io.cybershield.platform.Script;
import io.cybershield.platform.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.PreparedStatementCallback;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The chain in the tenant's schema; every method runs in the caller's transaction. */
@Component
class AuditStore {
    /** Sets the audit chains' advisory locks apart from others of the same tenant. */
    private static final long CHAIN_LOCK = 0x6175_6469_745fL;

    private final JdbcClient jdbc;
    private final JdbcTemplate template;

    AuditStore(JdbcClient jdbc, JdbcTemplate template) {
        this.jdbc = jdbc;
        this.template = template;
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

    private static final Head NONE = new Head(0, new byte[0]);

    /**
     * Puts entries at the end of the chain, which is held from here until the transaction ends.
     *
     * @return the entries with their places, in the order given
     */
    List<AuditEntry> append(TenantId tenant, List<Draft> drafts) {
        var end = hold(tenant, drafts);
        Head head = end.head();
        List<String> details = end.details();
        var entries = new ArrayList<AuditEntry>(drafts.size());
        for (int i = 0; i < drafts.size(); i++) {
            Draft draft = drafts.get(i);
            var entry =
                    new AuditEntry(
                            tenant,
                            head.seq() + 1,
                            draft.id(),
                            draft.at(),
                            draft.by().kind().name(),
                            draft.by().id(),
                            draft.by().name(),
                            draft.action(),
                            draft.target(),
                            draft.outcome().name().toLowerCase(Locale.ROOT),
                            draft.address(),
                            details.get(i),
                            head.hash(),
                            new byte[0]);
            byte[] hash = entry.computeHash();
            entries.add(entry.hashed(hash));
            head = new Head(entry.seq(), hash);
        }
        var script = new Script();
        insert(script, entries);
        script.add(
                """
                INSERT INTO audit_head (seq, hash) VALUES (:seq, :hash)
                ON CONFLICT (tenant_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash
                """,
                Map.of("seq", head.seq(), "hash", head.hash()));
        script.run(jdbc);
        return entries;
    }

    /**
     * @param details as the database will print them, which is what the hashes are over
     */
    private record End(Head head, List<String> details) {}

    /**
     * Holds the chain. Three statements in one round trip: each sees what was committed before it
     * began, so the head is that of whoever held the chain last.
     */
    private End hold(TenantId tenant, List<Draft> drafts) {
        UUID key = tenant.value();
        return Objects.requireNonNull(
                template.execute(
                        """
                        SELECT pg_advisory_xact_lock(?);
                        SELECT seq, hash FROM audit_head;
                        SELECT d.detail::jsonb::text FROM unnest(?::text[]) WITH ORDINALITY d(detail, place) ORDER BY d.place
                        """,
                        (PreparedStatementCallback<End>)
                                statement -> {
                                    statement.setLong(
                                            1,
                                            key.getMostSignificantBits()
                                                    ^ key.getLeastSignificantBits()
                                                    ^ CHAIN_LOCK);
                                    statement.setObject(
                                            2,
                                            drafts.stream()
                                                    .map(Draft::detail)
                                                    .toArray(String[]::new));
                                    statement.execute();
                                    statement.getMoreResults();
                                    Head head = NONE;
                                    try (var rows = statement.getResultSet()) {
                                        if (rows.next()) {
                                            head = new Head(rows.getLong(1), rows.getBytes(2));
                                        }
                                    }
                                    statement.getMoreResults();
                                    var details = new ArrayList<String>(drafts.size());
                                    try (var rows = statement.getResultSet()) {
                                        while (rows.next()) {
                                            details.add(rows.getString(1));
                                        }
                                    }
                                    return new End(head, details);
                                }));
    }

    private static void insert(Script script, List<AuditEntry> entries) {
        script.add(
                """
                INSERT INTO audit_entry (seq, id, at, actor_kind, actor_id, actor_name, action, target,
                                         outcome, address, detail, previous, hash)
                SELECT * FROM unnest(:seqs::bigint[], :ids::uuid[], :ats::timestamptz[], :kinds::text[], :actors::text[],
                                     :names::text[], :actions::text[], :targets::text[], :outcomes::text[],
                                     :addresses::text[], :details::jsonb[], :previous::bytea[], :hashes::bytea[])
                """,
                Map.ofEntries(
                        Map.entry(
                                "seqs", entries.stream().map(AuditEntry::seq).toArray(Long[]::new)),
                        Map.entry("ids", entries.stream().map(AuditEntry::id).toArray(UUID[]::new)),
                        Map.entry("ats", texts(entries, e -> e.at().toString())),
                        Map.entry("kinds", texts(entries, AuditEntry::actorKind)),
                        Map.entry("actors", texts(entries, AuditEntry::actorId)),
                        Map.entry("names", texts(entries, AuditEntry::actorName)),
                        Map.entry("actions", texts(entries, AuditEntry::action)),
                        Map.entry("targets", texts(entries, AuditEntry::target)),
                        Map.entry("outcomes", texts(entries, AuditEntry::outcome)),
                        Map.entry("addresses", texts(entries, AuditEntry::address)),
                        Map.entry("details", texts(entries, AuditEntry::detail)),
                        Map.entry(
                                "previous",
                                entries.stream().map(AuditEntry::previous).toArray(byte[][]::new)),
                        Map.entry(
                                "hashes",
                                entries.stream().map(AuditEntry::hash).toArray(byte[][]::new))));
    }

    @SuppressWarnings("NullAway") // a column may hold nulls
    private static String[] texts(
            List<AuditEntry> entries, Function<AuditEntry, @Nullable String> of) {
        return entries.stream().map(of).toArray(String[]::new);
    }

    Head head() {
        return jdbc.sql("SELECT seq, hash FROM audit_head")
                .query((row, _) -> new Head(row.getLong(1), row.getBytes(2)))
                .optional()
                .orElse(NONE);
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
