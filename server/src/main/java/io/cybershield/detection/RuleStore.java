package io.cybershield.detection;

import io.cybershield.platform.Ids;
import io.cybershield.platform.Page;
import io.cybershield.platform.Scope;
import io.cybershield.sigma.CorrelationRule;
import io.cybershield.sigma.FilterRule;
import io.cybershield.sigma.Level;
import io.cybershield.sigma.Refusal;
import io.cybershield.sigma.RuleHeader;
import io.cybershield.sigma.SigmaRule;
import io.swagger.v3.oas.annotations.media.Schema;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The current tenant's rules; call inside a transaction. */
@Component
class RuleStore {
    private final JdbcClient jdbc;
    private final JdbcTemplate template;
    private final Ids ids;
    private final Clock clock;
    private final JsonMapper json;

    RuleStore(JdbcClient jdbc, JdbcTemplate template, Ids ids, Clock clock, JsonMapper json) {
        this.jdbc = jdbc;
        this.template = template;
        this.ids = ids;
        this.clock = clock;
        this.json = json;
    }

    enum Origin {
        SHIPPED,
        IMPORTED;

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    record Revision(long number, String shipped) {}

    /**
     * A rule file that loaded.
     *
     * @param ruleIds of the rules that are taken from it
     * @param active those of them that are neither disabled nor in quarantine
     */
    record LoadedFile(String file, String text, Set<String> ruleIds, Set<String> active) {}

    /** What a row says that another kind of rule has, too. */
    private record Row(
            String kind,
            String file,
            String ruleId,
            String title,
            Level level,
            String logSource,
            List<String> tags,
            String text,
            @Nullable String description,
            @Nullable String author,
            List<String> references) {
        static Row of(SigmaRule r) {
            return of("rule", r, r.logSource().toString(), r.text());
        }

        static Row of(CorrelationRule r) {
            String type = r.type().name().toLowerCase(Locale.ROOT);
            return of("correlation", r, "correlation=" + type, r.text());
        }

        private static Row of(String kind, RuleHeader r, String logSource, String text) {
            return new Row(
                    kind,
                    r.path(),
                    r.id(),
                    r.title(),
                    r.level(),
                    logSource,
                    r.tags(),
                    text,
                    r.description(),
                    r.author(),
                    r.references());
        }

        static Row of(FilterRule r) {
            return new Row(
                    "filter",
                    r.path(),
                    r.id(),
                    r.title(),
                    Level.INFORMATIONAL,
                    r.logSource().toString(),
                    List.of(),
                    r.text(),
                    r.description(),
                    null,
                    List.of());
        }
    }

    record RuleView(
            UUID id,
            String ruleId,
            String title,
            Severity level,
            @Schema(allowableValues = {"live", "refused", "disabled", "quarantined"}) String state,
            String logsource,
            List<String> tags,
            String file,
            @Nullable String problem,
            @Nullable Integer line,
            @Nullable String mend,
            long hits,
            @Nullable Instant lastHitAt,
            @Schema(allowableValues = {"shipped", "imported"}) String origin,
            @Schema(allowableValues = {"rule", "correlation", "filter"}) String kind,
            @Nullable String quarantine,
            @Nullable Instant quarantinedAt,
            RuleCoverage.@Nullable View coverage) {
        RuleView seen(RuleCoverage.@Nullable View coverage) {
            return new RuleView(
                    id,
                    ruleId,
                    title,
                    level,
                    state,
                    logsource,
                    tags,
                    file,
                    problem,
                    line,
                    mend,
                    hits,
                    lastHitAt,
                    origin,
                    kind,
                    quarantine,
                    quarantinedAt,
                    coverage);
        }
    }

    record RuleDetail(
            UUID id,
            String ruleId,
            String title,
            Severity level,
            @Schema(allowableValues = {"live", "refused", "disabled", "quarantined"}) String state,
            String logsource,
            List<String> tags,
            String file,
            @Nullable String problem,
            @Nullable Integer line,
            @Nullable String mend,
            long hits,
            @Nullable Instant lastHitAt,
            @Schema(allowableValues = {"shipped", "imported"}) String origin,
            @Schema(allowableValues = {"rule", "correlation", "filter"}) String kind,
            @Nullable String quarantine,
            @Nullable Instant quarantinedAt,
            RuleCoverage.@Nullable View coverage,
            String text,
            @Nullable String description,
            @Nullable String author,
            List<String> references,
            @Nullable CostView cost) {}

    /**
     * What a rule cost in the batches that were measured.
     *
     * @param runs events that it was tried on
     * @param stepsPerRun a step is roughly one short comparison
     * @param budget steps that an event of ordinary size may take
     */
    @Schema(name = "RuleCost")
    record CostView(
            long runs,
            long stepsPerRun,
            long cutOff,
            long budget,
            Instant since,
            Instant measuredAt) {}

    /**
     * @param blind rules that are on and could not fire on anything seen so far
     * @param lookingSince when looking at events began; null before the first
     */
    @Schema(name = "RuleSummary")
    record Summary(
            long files,
            long loaded,
            long refused,
            long disabled,
            long quarantined,
            long correlations,
            long filters,
            long live,
            long blind,
            @Nullable Instant lookingSince,
            long eventsSeen) {}

    record Counts(
            long files,
            long loaded,
            long refused,
            long disabled,
            long quarantined,
            long correlations,
            long filters) {}

    @Schema(name = "RuleRefusal")
    record RefusalView(String file, @Nullable Integer line, String problem, String mend) {}

    record RuleImportView(
            UUID id,
            String fileName,
            int files,
            int loaded,
            int refused,
            int unchanged,
            List<RefusalView> refusals,
            Instant at) {}

    Optional<Revision> revision() {
        return jdbc.sql("SELECT revision, shipped FROM rule_set")
                .query((row, _) -> new Revision(row.getLong(1), row.getString(2)))
                .optional();
    }

    /** One writer at a time, and every node compiles anew. */
    void raiseRevision(String shipped) {
        jdbc.sql(
                        """
                        INSERT INTO rule_set (revision, shipped) VALUES (1, ?)
                        ON CONFLICT (only_one) DO UPDATE SET revision = rule_set.revision + 1, shipped = excluded.shipped
                        """)
                .param(shipped)
                .update();
    }

    void raiseRevision() {
        jdbc.sql("UPDATE rule_set SET revision = revision + 1").update();
    }

    List<LoadedFile> loadedFiles() {
        return jdbc.sql(
                        """
                        SELECT file, text, array_agg(rule_id) AS rule_ids,
                               coalesce(array_agg(rule_id) FILTER (WHERE enabled AND quarantined_at IS NULL), '{}') AS active
                        FROM rule WHERE problem IS NULL GROUP BY file, text ORDER BY file
                        """)
                .query((row, _) ->
                        new LoadedFile(
                                row.getString("file"),
                                row.getString("text"),
                                Set.copyOf(strings(row.getArray("rule_ids"))),
                                Set.copyOf(strings(row.getArray("active")))))
                .list();
    }

    /**
     * Puts in what was read: rules by their id, refused files by their path.
     *
     * @return how many files were there already, unchanged
     */
    int put(RuleReading reading, Origin origin) {
        Map<String, String> known = hashes();
        Map<String, byte[]> hashOf = new HashMap<>();
        reading.texts().forEach((file, text) -> hashOf.put(file, Hashes.of(List.of(text))));
        var rows = new ArrayList<Object[]>();
        Set<String> changed = new HashSet<>();
        Set<String> all = new HashSet<>();
        var now = clock.instant().atOffset(ZoneOffset.UTC);
        var loaded = new ArrayList<Row>();
        reading.rules().forEach(rule -> loaded.add(Row.of(rule)));
        reading.correlations().forEach(rule -> loaded.add(Row.of(rule)));
        reading.filters().forEach(rule -> loaded.add(Row.of(rule)));
        for (Row rule : loaded) {
            byte[] hash = hashOf.getOrDefault(rule.file(), new byte[0]);
            all.add(rule.file());
            if (HexFormat.of().formatHex(hash).equals(known.get(rule.ruleId()))) {
                continue;
            }
            changed.add(rule.file());
            rows.add(
                    new Object[] {
                        ids.next(),
                        rule.kind(),
                        rule.file(),
                        rule.ruleId(),
                        rule.title(),
                        Severity.values()[rule.level().ordinal()].wire(),
                        rule.logSource(),
                        rule.tags().toArray(new String[0]),
                        origin.wire(),
                        rule.text(),
                        hash,
                        rule.description(),
                        rule.author(),
                        rule.references().toArray(new String[0]),
                        now
                    });
        }
        template.batchUpdate(
                """
                INSERT INTO rule (id, kind, file, rule_id, title, level, log_source, tags, origin, text, text_hash,
                    description, author, rule_references, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?::text[], ?, ?, ?, ?, ?, ?::text[], ?)
                ON CONFLICT (rule_id) WHERE problem IS NULL DO UPDATE SET
                    quarantined_at = NULL, quarantine = NULL, kind = excluded.kind, file = excluded.file, title = excluded.title, level = excluded.level,
                    log_source = excluded.log_source, tags = excluded.tags, origin = excluded.origin,
                    text = excluded.text, text_hash = excluded.text_hash, description = excluded.description,
                    author = excluded.author, rule_references = excluded.rule_references,
                    updated_at = excluded.updated_at
                """,
                rows);
        putRefusals(reading.refusals(), reading.texts(), origin, now);
        jdbc.sql("DELETE FROM rule WHERE problem IS NOT NULL AND file = ANY (?)")
                .param(all.toArray(new String[0]))
                .update();
        return all.size() - changed.size();
    }

    private void putRefusals(
            List<Refusal> refusals,
            Map<String, String> texts,
            Origin origin,
            java.time.OffsetDateTime now) {
        var rows = new ArrayList<Object[]>();
        for (Refusal refusal : refusals) {
            String text = texts.getOrDefault(refusal.file(), "");
            rows.add(
                    new Object[] {
                        ids.next(),
                        refusal.file(),
                        refusal.file(),
                        refusal.file().substring(refusal.file().lastIndexOf('/') + 1),
                        origin.wire(),
                        refusal.problem(),
                        refusal.line(),
                        refusal.mend(),
                        text.replace('\0', '\uFFFD'),
                        Hashes.of(List.of(text)),
                        now
                    });
        }
        template.batchUpdate(
                """
                INSERT INTO rule (id, file, rule_id, title, level, log_source, tags, origin, enabled, problem, problem_line,
                    mend, text, text_hash, updated_at)
                VALUES (?, ?, ?, ?, 'info', '', '{}', ?, false, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (file) WHERE problem IS NOT NULL DO UPDATE SET
                    problem = excluded.problem, problem_line = excluded.problem_line, mend = excluded.mend,
                    text = excluded.text, text_hash = excluded.text_hash, updated_at = excluded.updated_at
                """,
                rows);
    }

    private Map<String, String> hashes() {
        var known = new HashMap<String, String>();
        jdbc.sql("SELECT rule_id, encode(text_hash, 'hex') AS hash FROM rule WHERE problem IS NULL")
                .query(row -> {
                    known.put(row.getString("rule_id"), row.getString("hash"));
                });
        return known;
    }

    void keepImport(RuleImportView done) {
        jdbc.sql(
                        """
                        INSERT INTO rule_import (id, file_name, files, loaded, refused, unchanged, refusals, at, imported_by)
                        VALUES (?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?)
                        """)
                .params(
                        done.id(),
                        done.fileName(),
                        done.files(),
                        done.loaded(),
                        done.refused(),
                        done.unchanged(),
                        json.writeValueAsString(done.refusals()),
                        done.at().atOffset(ZoneOffset.UTC),
                        Scope.current().principal().name())
                .update();
    }

    /** Rows in the order of their ids, so that two batches never wait for each other. */
    void addHits(Map<String, Long> hits, Instant at) {
        var rows = new ArrayList<Object[]>();
        new TreeMap<>(hits)
                .forEach((rule, count) ->
                        rows.add(new Object[] {count, at.atOffset(ZoneOffset.UTC), rule}));
        template.batchUpdate(
                "UPDATE rule SET hits = hits + ?, last_hit_at = ? WHERE rule_id = ? AND problem IS"
                        + " NULL",
                rows);
    }

    Counts counts() {
        return jdbc.sql(
                        """
                        SELECT count(DISTINCT file) AS files,
                               count(DISTINCT file) FILTER (WHERE problem IS NULL) AS loaded,
                               count(DISTINCT file) FILTER (WHERE problem IS NOT NULL) AS refused,
                               count(*) FILTER (WHERE problem IS NULL AND NOT enabled) AS disabled,
                               count(*) FILTER (WHERE problem IS NULL AND enabled AND quarantined_at IS NOT NULL),
                               count(*) FILTER (WHERE problem IS NULL AND kind = 'correlation'),
                               count(*) FILTER (WHERE problem IS NULL AND kind = 'filter')
                        FROM rule
                        """)
                .query((row, _) ->
                        new Counts(
                                row.getLong(1),
                                row.getLong(2),
                                row.getLong(3),
                                row.getLong(4),
                                row.getLong(5),
                                row.getLong(6),
                                row.getLong(7)))
                .single();
    }

    /**
     * @param only ids of rules to choose from; null for all
     * @param cursor the last row's id
     */
    Page<RuleView> list(
            @Nullable String state,
            @Nullable Set<String> only,
            @Nullable String search,
            @Nullable String cursor,
            int limit) {
        var where = new ArrayList<String>();
        var values = new ArrayList<Object>();
        where.add("true");
        switch (state == null ? "" : state) {
            case "live" -> where.add("enabled AND problem IS NULL AND quarantined_at IS NULL");
            case "quarantined" ->
                    where.add("enabled AND problem IS NULL AND quarantined_at IS NOT NULL");
            case "refused" -> where.add("problem IS NOT NULL");
            case "disabled" -> where.add("NOT enabled AND problem IS NULL");
            default -> {}
        }
        if (only != null) {
            where.add("rule_id = ANY (?) AND problem IS NULL");
            values.add(only.toArray(new String[0]));
        }
        if (search != null && !search.isBlank()) {
            where.add(
                    "strpos(lower(title || ' ' || file || ' ' || rule_id || ' ' ||"
                            + " array_to_string(tags, ' ')), ?) > 0");
            values.add(search.strip().toLowerCase(Locale.ROOT));
        }
        if (cursor != null) {
            try {
                where.add("(lower(title), id) > (SELECT lower(title), id FROM rule WHERE id = ?)");
                values.add(UUID.fromString(cursor));
            } catch (IllegalArgumentException e) {
                throw io.cybershield.platform.Problems.MALFORMED.because(
                        "The cursor is not one that this list gave out.");
            }
        }
        values.add(limit + 1);
        List<RuleView> rows =
                jdbc.sql(
                                "SELECT * FROM rule WHERE "
                                        + String.join(" AND ", where)
                                        + " ORDER BY lower(title), id LIMIT ?")
                        .params(values)
                        .query(RuleStore::view)
                        .list();
        return Page.of(rows, limit, v -> v.id().toString());
    }

    Optional<RuleDetail> find(
            UUID id,
            Function<String, RuleCoverage.@Nullable View> coverage,
            Function<String, @Nullable CostView> cost) {
        return jdbc.sql("SELECT * FROM rule WHERE id = ?")
                .param(id)
                .query((row, n) -> {
                    RuleView v = view(row, n);
                    return new RuleDetail(
                            v.id(),
                            v.ruleId(),
                            v.title(),
                            v.level(),
                            v.state(),
                            v.logsource(),
                            v.tags(),
                            v.file(),
                            v.problem(),
                            v.line(),
                            v.mend(),
                            v.hits(),
                            v.lastHitAt(),
                            v.origin(),
                            v.kind(),
                            v.quarantine(),
                            v.quarantinedAt(),
                            coverage.apply(v.ruleId()),
                            row.getString("text"),
                            row.getString("description"),
                            row.getString("author"),
                            strings(row.getArray("rule_references")),
                            v.state().equals("refused") ? null : cost.apply(v.ruleId()));
                })
                .optional();
    }

    /** Its own id and title; empty where the tenant has no such loaded rule. */
    Optional<String> ruleIdOf(UUID id) {
        return jdbc.sql("SELECT rule_id FROM rule WHERE id = ? AND problem IS NULL")
                .param(id)
                .query((row, _) -> row.getString(1))
                .optional();
    }

    /**
     * @return our id of the rule; empty when it was there already
     */
    Optional<UUID> quarantine(String ruleId, String reason, Instant at) {
        return jdbc.sql(
                        """
                        UPDATE rule SET quarantined_at = ?, quarantine = ?
                        WHERE rule_id = ? AND problem IS NULL AND quarantined_at IS NULL RETURNING id
                        """)
                .params(at.atOffset(ZoneOffset.UTC), reason, ruleId)
                .query((row, _) -> UUID.fromString(row.getString(1)))
                .optional();
    }

    /**
     * @return whether it was in quarantine
     */
    boolean release(UUID id) {
        return jdbc.sql(
                                "UPDATE rule SET quarantined_at = NULL, quarantine = NULL WHERE id"
                                        + " = ? AND quarantined_at IS NOT NULL")
                        .param(id)
                        .update()
                > 0;
    }

    void enable(UUID id, boolean enabled) {
        jdbc.sql("UPDATE rule SET enabled = ? WHERE id = ? AND problem IS NULL")
                .params(enabled, id)
                .update();
    }

    private static RuleView view(ResultSet row, int number) throws SQLException {
        String problem = row.getString("problem");
        int line = row.getInt("problem_line");
        Timestamp lastHit = row.getTimestamp("last_hit_at");
        Timestamp quarantined = row.getTimestamp("quarantined_at");
        return new RuleView(
                row.getObject("id", UUID.class),
                row.getString("rule_id"),
                row.getString("title"),
                Severity.find(row.getString("level")).orElse(Severity.INFO),
                problem != null
                        ? "refused"
                        : !row.getBoolean("enabled")
                                ? "disabled"
                                : quarantined != null ? "quarantined" : "live",
                row.getString("log_source"),
                strings(row.getArray("tags")),
                row.getString("file"),
                problem,
                line == 0 ? null : Integer.valueOf(line),
                row.getString("mend"),
                row.getLong("hits"),
                lastHit == null ? null : lastHit.toInstant(),
                row.getString("origin"),
                row.getString("kind"),
                row.getString("quarantine"),
                quarantined == null ? null : quarantined.toInstant(),
                null);
    }

    static List<String> strings(Array array) throws SQLException {
        return List.of((String[]) array.getArray());
    }
}
