package io.cybershield.workflow.review;

import io.cybershield.platform.Principal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Who edited drafts, reviews, and the company's rule. Every method needs an open transaction in the
 * tenant's scope; those that change something, the workflow's lock.
 */
@Component
final class ReviewStore {
    private static final String SELECT =
            """
            SELECT r.*, w.name AS workflow_name,
                   CASE WHEN r.state = 'open' AND w.revision <> r.revision THEN 'outdated' ELSE r.state END AS shown
            FROM workflow_reviews r JOIN workflows w ON w.id = r.workflow_id
            """;
    private final JdbcClient jdbc;

    ReviewStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Names a person in the tables for good, whatever they are called later. */
    static String key(Principal by) {
        return by.kind() + ":" + by.id();
    }

    /**
     * Somebody who saved the draft since it was last published.
     *
     * @param key empty for savings from before ids were kept
     */
    record Editor(String key, String name) {
        boolean is(Principal by) {
            return key.isEmpty() ? name.equals(by.name()) : key.equals(ReviewStore.key(by));
        }
    }

    /**
     * @param base version in use when it was asked for
     * @param state {@code open, outdated, published, refused} or {@code withdrawn}
     * @param version that it became
     */
    record Review(
            UUID id,
            UUID workflow,
            String workflowName,
            int revision,
            String hash,
            @Nullable Integer base,
            String state,
            String askedBy,
            String askedName,
            Instant askedAt,
            String note,
            @Nullable String decidedName,
            @Nullable Instant decidedAt,
            @Nullable String comment,
            @Nullable Integer version) {}

    List<Editor> editors(UUID workflow) {
        return jdbc.sql(
                        """
                        SELECT editor, name FROM (
                            SELECT DISTINCT ON (e.editor, e.name) e.editor, e.name, e.revision
                            FROM workflow_edits e JOIN workflows w ON w.id = e.workflow_id
                            WHERE e.workflow_id = :id AND e.revision > coalesce(w.published_revision, 0)
                            ORDER BY e.editor, e.name, e.revision) d
                        ORDER BY revision
                        """)
                .param("id", workflow)
                .query((row, _) -> new Editor(row.getString("editor"), row.getString("name")))
                .list();
    }

    void insert(
            UUID id,
            UUID workflow,
            int revision,
            String hash,
            @Nullable Integer base,
            String note,
            Instant at,
            Principal by) {
        jdbc.sql(
                        """
                        INSERT INTO workflow_reviews (id, workflow_id, revision, hash, base_version, state, asked_by, asked_name, asked_at, note)
                        VALUES (:id, :workflow, :revision, :hash, :base, 'open', :by, :name, :at, :note)
                        """)
                .param("id", id)
                .param("workflow", workflow)
                .param("revision", revision)
                .param("hash", hash)
                .param("base", base)
                .param("by", key(by))
                .param("name", by.name())
                .param("at", at.atOffset(ZoneOffset.UTC))
                .param("note", note)
                .update();
    }

    /** Open ones of the workflow that are about an older draft. */
    void outdate(UUID workflow, int revision) {
        jdbc.sql(
                        "UPDATE workflow_reviews SET state = 'outdated' WHERE workflow_id ="
                                + " :workflow AND state = 'open' AND revision <> :revision")
                .param("workflow", workflow)
                .param("revision", revision)
                .update();
    }

    /** True if it was open still, and now is decided. */
    boolean decide(UUID review, String state, @Nullable String comment, Instant at, Principal by) {
        return jdbc.sql(
                                """
                                UPDATE workflow_reviews SET state = :state, decided_by = :by, decided_name = :name, decided_at = :at,
                                       comment = :comment
                                WHERE id = :id AND state = 'open'
                                """)
                        .param("state", state)
                        .param("by", key(by))
                        .param("name", by.name())
                        .param("at", at.atOffset(ZoneOffset.UTC))
                        .param("comment", comment)
                        .param("id", review)
                        .update()
                == 1;
    }

    void became(UUID review, int version) {
        jdbc.sql("UPDATE workflow_reviews SET version = :version WHERE id = :id")
                .param("version", version)
                .param("id", review)
                .update();
    }

    /** Whether this person has just agreed to this very draft; only its publishing is to follow. */
    boolean agreed(UUID workflow, int revision, String hash, Principal by) {
        return jdbc.sql(
                        """
                        SELECT EXISTS (SELECT 1 FROM workflow_reviews
                                       WHERE workflow_id = :workflow AND revision = :revision AND hash = :hash
                                         AND state = 'published' AND version IS NULL AND decided_by = :by AND asked_by <> :by)
                        """)
                .param("workflow", workflow)
                .param("revision", revision)
                .param("hash", hash)
                .param("by", key(by))
                .query(Boolean.class)
                .single();
    }

    Optional<Review> find(UUID review) {
        return jdbc.sql(SELECT + " WHERE r.id = :id")
                .param("id", review)
                .query(ReviewStore::review)
                .optional();
    }

    Optional<Review> open(UUID workflow) {
        return jdbc.sql(SELECT + " WHERE r.workflow_id = :workflow AND r.state = 'open'")
                .param("workflow", workflow)
                .query(ReviewStore::review)
                .optional();
    }

    /** Newest first. */
    List<Review> list(@Nullable UUID workflow, boolean open, @Nullable UUID before, int limit) {
        return jdbc.sql(
                        SELECT
                                + """
                                 WHERE (:workflow::uuid IS NULL OR r.workflow_id = :workflow)
                                   AND (NOT :open OR (r.state = 'open' AND w.revision = r.revision))
                                   AND (:before::uuid IS NULL OR r.id < :before)
                                 ORDER BY r.id DESC LIMIT :limit
                                """)
                .param("workflow", workflow)
                .param("open", open)
                .param("before", before)
                .param("limit", limit)
                .query(ReviewStore::review)
                .list();
    }

    private static Review review(ResultSet row, int number) throws SQLException {
        var decided = row.getTimestamp("decided_at");
        return new Review(
                row.getObject("id", UUID.class),
                row.getObject("workflow_id", UUID.class),
                row.getString("workflow_name"),
                row.getInt("revision"),
                row.getString("hash"),
                row.getObject("base_version", Integer.class),
                row.getString("shown"),
                row.getString("asked_by"),
                row.getString("asked_name"),
                row.getTimestamp("asked_at").toInstant(),
                row.getString("note"),
                row.getString("decided_name"),
                decided == null ? null : decided.toInstant(),
                row.getString("comment"),
                row.getObject("version", Integer.class));
    }

    /**
     * The company's rule.
     *
     * @param offAt when it ends, if somebody has switched it off
     * @param offBy key of who did
     */
    record Rule(
            boolean fourEyes,
            @Nullable Instant offAt,
            @Nullable String offBy,
            @Nullable String offName) {
        static final Rule NONE = new Rule(false, null, null, null);

        boolean holds(Instant now) {
            return fourEyes && (offAt == null || now.isBefore(offAt));
        }
    }

    Rule rule() {
        return jdbc.sql("SELECT * FROM workflow_rules")
                .query((row, _) -> {
                    var off = row.getTimestamp("off_at");
                    return new Rule(
                            row.getBoolean("four_eyes"),
                            off == null ? null : off.toInstant(),
                            row.getString("off_by"),
                            row.getString("off_name"));
                })
                .optional()
                .orElse(Rule.NONE);
    }

    /** For changing it: one after the other, also before there is a row. */
    Rule lockRule() {
        jdbc.sql(
                        "SELECT pg_advisory_xact_lock(hashtext('workflow-rules|' ||"
                                + " platform.current_tenant()))")
                .query(row -> {});
        return rule();
    }

    void setRule(Rule rule, Instant at, Principal by) {
        jdbc.sql(
                        """
                        INSERT INTO workflow_rules (four_eyes, off_at, off_by, off_name, changed_at, changed_by)
                        VALUES (:on, :offAt, :offBy, :offName, :at, :by)
                        ON CONFLICT (tenant_id) DO UPDATE SET four_eyes = :on, off_at = :offAt, off_by = :offBy, off_name = :offName,
                            changed_at = :at, changed_by = :by
                        """)
                .param("on", rule.fourEyes())
                .param("offAt", rule.offAt() == null ? null : rule.offAt().atOffset(ZoneOffset.UTC))
                .param("offBy", rule.offBy())
                .param("offName", rule.offName())
                .param("at", at.atOffset(ZoneOffset.UTC))
                .param("by", by.name())
                .update();
    }
}
