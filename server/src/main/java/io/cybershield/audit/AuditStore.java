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
import java.util.HashMap;
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
                            wire(draft.outcome()),
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
     * What is looked for; null means no restriction.
     *
     * @param actor part of the actor's name, or the whole id
     * @param action one action, or a group of them by what stands before the point
     * @param target kind and id, or the kind alone
     * @param named targets that the text finds by their name
     */
    record Filter(
            @Nullable Instant from,
            @Nullable Instant to,
            @Nullable String actor,
            @Nullable String action,
            @Nullable String target,
            AuditTrail.@Nullable Outcome outcome,
            @Nullable String address,
            @Nullable String text,
            Set<String> named) {
        /** Whether it takes all entries of a time. */
        boolean onlyTime() {
            return actor == null
                    && action == null
                    && target == null
                    && outcome == null
                    && address == null
                    && text == null;
        }
    }

    /** Newest first, before one place in the chain. */
    List<AuditEntry> find(Filter filter, @Nullable Long before, int limit) {
        var where = where(filter);
        if (before != null) {
            where.and("seq < :before", "before", before);
        }
        return where.statement(jdbc, "SELECT * FROM audit_entry", "ORDER BY seq DESC LIMIT :limit")
                .param("limit", limit)
                .query(AuditStore::entry)
                .list();
    }

    /** Oldest first, between two places in the chain. */
    List<AuditEntry> between(Filter filter, long after, long last, int limit) {
        return where(filter)
                .and("seq > :after", "after", after)
                .and("seq <= :last", "last", last)
                .statement(jdbc, "SELECT * FROM audit_entry", "ORDER BY seq LIMIT :limit")
                .param("limit", limit)
                .query(AuditStore::entry)
                .list();
    }

    /**
     * The first and last place with an entry of a time; entries between them may be a little older
     * or newer. Zero twice when there is none.
     */
    Range range(@Nullable Instant from, @Nullable Instant to, long last) {
        return where(new Filter(from, to, null, null, null, null, null, null, Set.of()))
                .and("seq <= :last", "last", last)
                .statement(
                        jdbc,
                        "SELECT coalesce(min(seq), 0), coalesce(max(seq), 0) FROM audit_entry",
                        "")
                .query((row, _) -> new Range(row.getLong(1), row.getLong(2)))
                .single();
    }

    record Range(long first, long last) {}

    /** Only what is asked for stands in the statement, so that the planner can use the indices. */
    private static Where where(Filter filter) {
        var where = new Where();
        if (filter.from() != null) {
            where.and("at >= :from", "from", utc(filter.from()));
        }
        if (filter.to() != null) {
            where.and("at < :to", "to", utc(filter.to()));
        }
        if (filter.actor() != null) {
            where.and(
                    "(actor_id = :actor OR strpos(lower(actor_name), lower(:actor)) > 0)",
                    "actor",
                    filter.actor());
        }
        if (filter.action() != null) {
            where.and(
                    "(action = :action OR action LIKE :group)",
                    Map.of("action", filter.action(), "group", like(filter.action()) + ".%"));
        }
        if (filter.target() != null) {
            where.and(
                    "(target = :target OR target LIKE :kind)",
                    Map.of("target", filter.target(), "kind", like(filter.target()) + ":%"));
        }
        if (filter.outcome() != null) {
            where.and("outcome = :outcome", "outcome", wire(filter.outcome()));
        }
        if (filter.address() != null) {
            where.and("address = :address", "address", filter.address());
        }
        if (filter.text() != null) {
            where.and(
                    "(target = ANY(:named::text[]) OR strpos(lower(concat_ws(' ', actor_name,"
                            + " action, target, address, detail::text)), lower(:text)) > 0)",
                    Map.of("text", filter.text(), "named", filter.named().toArray(String[]::new)));
        }
        return where;
    }

    private static String like(String text) {
        return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
    }

    static String wire(AuditTrail.Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }

    private static final class Where {
        private final List<String> conditions = new ArrayList<>();
        private final Map<String, Object> values = new HashMap<>();

        Where and(String condition, String name, Object value) {
            return and(condition, Map.of(name, value));
        }

        Where and(String condition, Map<String, Object> with) {
            conditions.add(condition);
            values.putAll(with);
            return this;
        }

        JdbcClient.StatementSpec statement(JdbcClient jdbc, String select, String rest) {
            String where = conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
            return jdbc.sql(select + where + " " + rest).params(values);
        }
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
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
