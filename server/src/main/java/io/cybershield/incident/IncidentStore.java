package io.cybershield.incident;

import io.cybershield.detection.Severity;
import io.cybershield.incident.Grouping.Share;
import io.cybershield.incident.IncidentDetail.TaskView;
import io.cybershield.incident.TimelineEntry.Kind;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The current tenant's incidents; call inside a transaction. */
@Component
class IncidentStore {
    static final int MOST_ENTRIES = 500;
    private final JdbcClient jdbc;
    private final JdbcTemplate template;

    IncidentStore(JdbcClient jdbc, JdbcTemplate template) {
        this.jdbc = jdbc;
        this.template = template;
    }

    /** An incident as kept, with what only we need. */
    record Kept(
            IncidentView view,
            String summary,
            Instant firstFindingAt,
            @Nullable Instant respondedAt) {}

    /** Only one batch at a time looks for, or opens, incidents of a host. */
    void lockHost(String hostKey) {
        jdbc.sql(
                        "SELECT"
                            + " pg_advisory_xact_lock(hashtextextended(current_setting('app.tenant')"
                            + " || '|' || ?, 41))")
                .param(hostKey)
                .query(row -> {});
    }

    /**
     * The open incident of that host that the time from first to last touches, give or take the
     * window.
     */
    Optional<Kept> findOpen(String hostKey, Instant first, Instant last) {
        return jdbc.sql(
                        """
                        SELECT * FROM incident
                        WHERE host_key = ? AND state NOT IN ('resolved', 'closed')
                          AND last_finding_at >= ? AND first_finding_at <= ?
                        ORDER BY last_finding_at DESC LIMIT 1 FOR UPDATE
                        """)
                .params(hostKey, utc(first.minus(Grouping.WINDOW)), utc(last.plus(Grouping.WINDOW)))
                .query(IncidentStore::kept)
                .optional();
    }

    long nextNumber() {
        return jdbc.sql(
                        """
                        INSERT INTO incident_number (last) VALUES (1)
                        ON CONFLICT (only_one) DO UPDATE SET last = incident_number.last + 1 RETURNING last
                        """)
                .query(Long.class)
                .single();
    }

    void insert(Kept kept, String hostKey) {
        IncidentView v = kept.view();
        jdbc.sql(
                        """
                        INSERT INTO incident (id, number, title, summary, severity, state, host, host_key, risk, findings,
                            tags, opened_at, first_finding_at, last_finding_at, last_added_at)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """)
                .param(v.id())
                .param(v.number())
                .param(v.title())
                .param(kept.summary())
                .param(v.severity().id())
                .param(v.state().wire())
                .param(v.host())
                .param(hostKey)
                .param(v.risk())
                .param(v.findings())
                .param(v.tags().toArray(new String[0]))
                .param(utc(v.openedAt()))
                .param(utc(kept.firstFindingAt()))
                .param(utc(v.lastFindingAt()))
                .param(utc(v.openedAt()))
                .update();
    }

    void updateFindings(Kept kept, Instant now) {
        IncidentView v = kept.view();
        jdbc.sql(
                        """
                        UPDATE incident SET title = ?, summary = ?, severity = ?, risk = ?, findings = ?, tags = ?,
                            first_finding_at = ?, last_finding_at = ?, last_added_at = ?, version = version + 1
                        WHERE id = ?
                        """)
                .params(
                        v.title(),
                        kept.summary(),
                        v.severity().id(),
                        v.risk(),
                        v.findings(),
                        v.tags().toArray(new String[0]),
                        utc(kept.firstFindingAt()),
                        utc(v.lastFindingAt()),
                        utc(now),
                        v.id())
                .update();
    }

    /** Adds to each rule's share and gives back all shares. */
    List<Share> addShares(UUID incident, Collection<Share> shares) {
        List<Object[]> rows =
                shares.stream()
                        .sorted(Comparator.comparing(Share::ruleId))
                        .map(s ->
                                new Object[] {
                                    incident, s.ruleId(), s.title(), s.severity().id(), s.findings()
                                })
                        .toList();
        template.batchUpdate(
                """
                INSERT INTO incident_rule (incident_id, rule_id, title, severity, findings) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (incident_id, rule_id) DO UPDATE SET
                    findings = incident_rule.findings + excluded.findings, severity = excluded.severity
                """,
                rows);
        return shares(incident);
    }

    List<Share> shares(UUID incident) {
        return jdbc.sql(
                        "SELECT rule_id, title, severity, findings FROM incident_rule WHERE"
                                + " incident_id = ?")
                .param(incident)
                .query((row, _) ->
                        new Share(
                                row.getString(1),
                                row.getString(2),
                                Severity.ofId(row.getInt(3)),
                                row.getLong(4)))
                .list();
    }

    void addEntries(UUID incident, List<TimelineEntry> entries) {
        template.batchUpdate(
                """
                INSERT INTO incident_entry (id, incident_id, at, kind, actor, text, severity, ref_kind, ref_id)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                entries.stream()
                        .map(e ->
                                new Object[] {
                                    e.id(),
                                    incident,
                                    utc(e.at()),
                                    e.kind().wire(),
                                    e.actor(),
                                    e.text(),
                                    e.severity() == null ? null : e.severity().id(),
                                    e.ref() == null ? null : e.ref().kind(),
                                    e.ref() == null ? null : e.ref().id()
                                })
                        .toList());
    }

    Optional<Kept> find(UUID id) {
        return jdbc.sql("SELECT * FROM incident WHERE id = ?")
                .param(id)
                .query(IncidentStore::kept)
                .optional();
    }

    Optional<Kept> lock(UUID id) {
        return jdbc.sql("SELECT * FROM incident WHERE id = ? FOR UPDATE")
                .param(id)
                .query(IncidentStore::kept)
                .optional();
    }

    Page<IncidentView> list(
            @Nullable State state,
            @Nullable Severity severity,
            @Nullable String owner,
            @Nullable String search,
            @Nullable String cursor,
            int limit) {
        var where = new ArrayList<String>(List.of("true"));
        var values = new ArrayList<Object>();
        if (state != null) {
            where.add("state = ?");
            values.add(state.wire());
        }
        if (severity != null) {
            where.add("severity = ?");
            values.add(severity.id());
        }
        if (owner != null && !owner.isBlank()) {
            if (owner.equals("none")) {
                where.add("owner_id IS NULL");
            } else {
                where.add("owner_id = ?");
                values.add(owner);
            }
        }
        if (search != null && !search.isBlank()) {
            where.add(
                    "(strpos(lower(title || ' ' || coalesce(host, '') || ' ' ||"
                            + " array_to_string(tags, ' ')), ?) > 0 OR number::text = ?)");
            String text = search.strip().toLowerCase(Locale.ROOT);
            values.add(text);
            values.add(text.startsWith("#") ? text.substring(1) : text);
        }
        if (cursor != null) {
            where.add("number < ?");
            try {
                values.add(Long.parseLong(cursor));
            } catch (NumberFormatException e) {
                throw Problems.MALFORMED.because("The cursor is not one that this list gave out.");
            }
        }
        values.add(limit + 1);
        return Page.of(
                        jdbc.sql(
                                        "SELECT * FROM incident WHERE "
                                                + String.join(" AND ", where)
                                                + " ORDER BY number DESC LIMIT ?")
                                .params(values)
                                .query(IncidentStore::kept)
                                .list(),
                        limit,
                        k -> Long.toString(k.view().number()))
                .map(Kept::view);
    }

    /** The latest entries, oldest first. */
    List<TimelineEntry> entries(UUID incident) {
        return jdbc.sql(
                        """
                        SELECT * FROM (SELECT * FROM incident_entry WHERE incident_id = ? ORDER BY at DESC, id DESC LIMIT ?) e
                        ORDER BY at, id
                        """)
                .params(incident, MOST_ENTRIES)
                .query((row, _) -> {
                    int severity = row.getInt("severity");
                    String refKind = row.getString("ref_kind");
                    return new TimelineEntry(
                            row.getObject("id", UUID.class),
                            row.getTimestamp("at").toInstant(),
                            Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                            row.getString("actor"),
                            row.getString("text"),
                            severity == 0 ? null : Severity.ofId(severity),
                            refKind == null
                                    ? null
                                    : new TimelineEntry.Ref(refKind, row.getString("ref_id")));
                })
                .list();
    }

    List<TaskView> tasks(UUID incident) {
        return jdbc.sql("SELECT * FROM incident_task WHERE incident_id = ? ORDER BY id LIMIT 500")
                .param(incident)
                .query(IncidentStore::task)
                .list();
    }

    void addTask(UUID incident, TaskView task) {
        jdbc.sql(
                        """
                        INSERT INTO incident_task (id, incident_id, title, state, created_at, created_by)
                        VALUES (?, ?, ?, ?, ?, ?)
                        """)
                .params(
                        task.id(),
                        incident,
                        task.title(),
                        task.state(),
                        utc(task.createdAt()),
                        task.by())
                .update();
    }

    Optional<TaskView> setTask(UUID incident, UUID task, String state) {
        return jdbc.sql(
                        "UPDATE incident_task SET state = ? WHERE incident_id = ? AND id = ?"
                                + " RETURNING *")
                .params(state, incident, task)
                .query(IncidentStore::task)
                .optional();
    }

    /** Writes what people may change, and raises the version. */
    void change(
            UUID id,
            State state,
            Severity severity,
            IncidentView.@Nullable Owner owner,
            @Nullable Instant respondedAt) {
        jdbc.sql(
                        """
                        UPDATE incident SET state = ?, severity = ?, owner_id = ?, owner_name = ?, responded_at = ?,
                            version = version + 1
                        WHERE id = ?
                        """)
                .param(state.wire())
                .param(severity.id())
                .param(owner == null ? null : owner.id())
                .param(owner == null ? null : owner.name())
                .param(respondedAt == null ? null : utc(respondedAt))
                .param(id)
                .update();
    }

    void touch(UUID id) {
        jdbc.sql("UPDATE incident SET version = version + 1 WHERE id = ?").param(id).update();
    }

    private static TaskView task(ResultSet row, int number) throws SQLException {
        return new TaskView(
                row.getObject("id", UUID.class),
                row.getString("title"),
                row.getString("state"),
                row.getTimestamp("created_at").toInstant(),
                row.getString("created_by"));
    }

    private static Kept kept(ResultSet row, int number) throws SQLException {
        String owner = row.getString("owner_id");
        var responded = row.getTimestamp("responded_at");
        return new Kept(
                new IncidentView(
                        row.getObject("id", UUID.class),
                        row.getLong("number"),
                        row.getString("title"),
                        Severity.ofId(row.getInt("severity")),
                        State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                        row.getString("host"),
                        owner == null
                                ? null
                                : new IncidentView.Owner(owner, row.getString("owner_name")),
                        row.getInt("risk"),
                        row.getLong("findings"),
                        List.of((String[]) row.getArray("tags").getArray()),
                        row.getTimestamp("opened_at").toInstant(),
                        row.getTimestamp("last_finding_at").toInstant(),
                        false,
                        row.getLong("version")),
                row.getString("summary"),
                row.getTimestamp("first_finding_at").toInstant(),
                responded == null ? null : responded.toInstant());
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
