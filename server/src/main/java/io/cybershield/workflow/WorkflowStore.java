package io.cybershield.workflow;

import io.cybershield.flow.Drawing;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Problems;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Workflows and their published versions in the tenant's schema. Every method needs an open
 * transaction in the tenant's scope.
 */
@Component
final class WorkflowStore implements Versions.Source {
    private static final TypeReference<Map<String, @Nullable Object>> SETTINGS =
            new TypeReference<>() {};
    private final JdbcClient jdbc;
    private final JsonMapper json;

    WorkflowStore(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    record Stored(
            UUID id,
            String name,
            String description,
            String state,
            Drawing draft,
            int revision,
            @Nullable Integer published,
            Instant updatedAt,
            String updatedBy) {}

    /** A published version; never changes. */
    record Version(UUID workflow, int version, String hash, Drawing drawing) {}

    /** A trigger of a published version. */
    record Trigger(UUID workflow, int version, String node, Map<String, @Nullable Object> config) {}

    void insert(UUID id, Drawing draft, @Nullable String template, Instant at, Principal by) {
        jdbc.sql(
                        """
                        INSERT INTO workflows (id, name, description, state, draft, template, created_at, updated_at, updated_by)
                        VALUES (:id, :name, :description, 'draft', :draft::jsonb, :template, :at, :at, :by)
                        """)
                .param("id", id)
                .param("name", draft.name())
                .param("description", draft.description())
                .param("draft", json.writeValueAsString(draft))
                .param("template", template)
                .param("at", Columns.utc(at))
                .param("by", by.name())
                .update();
        edited(id, 1, at, by);
    }

    /** Keeps who had a hand in this revision of the draft. */
    void edited(UUID id, int revision, Instant at, Principal by) {
        jdbc.sql(
                        """
                        INSERT INTO workflow_edits (workflow_id, revision, editor, name, at)
                        VALUES (:id, :revision, :editor, :name, :at)
                        ON CONFLICT DO NOTHING
                        """)
                .param("id", id)
                .param("revision", revision)
                .param("editor", by.kind() + ":" + by.id())
                .param("name", by.name())
                .param("at", Columns.utc(at))
                .update();
    }

    Optional<Stored> find(UUID id) {
        return jdbc.sql("SELECT * FROM workflows WHERE id = :id")
                .param("id", id)
                .query(this::stored)
                .optional();
    }

    Stored get(UUID id) {
        return find(id).orElseThrow(() -> Problems.NOT_FOUND.because("There is no such workflow."));
    }

    /** For publishing: nobody else changes it until the transaction ends. */
    Stored lock(UUID id) {
        return jdbc.sql("SELECT * FROM workflows WHERE id = :id FOR UPDATE")
                .param("id", id)
                .query(this::stored)
                .optional()
                .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such workflow."));
    }

    /** By name. */
    List<Stored> list(@Nullable String afterName, int limit) {
        return jdbc.sql(
                        """
                        SELECT * FROM workflows WHERE (:after::text IS NULL OR (name || ' ' || id::text) > :after)
                        ORDER BY name || ' ' || id::text LIMIT :limit
                        """)
                .param("after", afterName)
                .param("limit", limit)
                .query(this::stored)
                .list();
    }

    /** False when somebody saved meanwhile. */
    boolean saveDraft(UUID id, Drawing draft, int expectedRevision, Instant at, Principal by) {
        boolean saved =
                jdbc.sql(
                                        """
                                        UPDATE workflows SET draft = :draft::jsonb, name = :name, description = :description,
                                               revision = revision + 1, updated_at = :at, updated_by = :by
                                        WHERE id = :id AND revision = :revision
                                        """)
                                .param("draft", json.writeValueAsString(draft))
                                .param("name", draft.name())
                                .param("description", draft.description())
                                .param("at", Columns.utc(at))
                                .param("by", by.name())
                                .param("id", id)
                                .param("revision", expectedRevision)
                                .update()
                        == 1;
        if (saved) {
            edited(id, expectedRevision + 1, at, by);
        }
        return saved;
    }

    /** Which revision was published last; 0 if none was, or it is not known. */
    int publishedRevision(UUID id) {
        return jdbc.sql("SELECT coalesce(published_revision, 0) FROM workflows WHERE id = :id")
                .param("id", id)
                .query(Integer.class)
                .single();
    }

    int publish(
            UUID id,
            Drawing drawing,
            String hash,
            List<Drawing.Box> triggers,
            Instant at,
            String by) {
        int version =
                jdbc.sql(
                                "SELECT coalesce(max(version), 0) + 1 FROM workflow_versions WHERE"
                                        + " workflow_id = :id")
                        .param("id", id)
                        .query(Integer.class)
                        .single();
        jdbc.sql(
                        """
                        INSERT INTO workflow_versions (workflow_id, version, hash, definition, published_at, published_by)
                        VALUES (:id, :version, :hash, :definition, :at, :by)
                        """)
                .param("id", id)
                .param("version", version)
                .param("hash", hash)
                .param("definition", json.writeValueAsString(drawing))
                .param("at", Columns.utc(at))
                .param("by", by)
                .update();
        for (Drawing.Box box : drawing.nodes()) {
            jdbc.sql(
                            "INSERT INTO workflow_nodes (workflow_id, version, key, type, name,"
                                    + " config) VALUES (:id, :version, :key, :type, :name,"
                                    + " :config::jsonb)")
                    .param("id", id)
                    .param("version", version)
                    .param("key", box.key())
                    .param("type", box.type())
                    .param("name", box.name())
                    .param("config", json.writeValueAsString(box.config()))
                    .update();
        }
        for (Drawing.Arrow arrow : drawing.edges()) {
            jdbc.sql(
                            "INSERT INTO workflow_edges (workflow_id, version, from_node, port,"
                                    + " to_node) VALUES (:id, :version, :from, :port, :to)")
                    .param("id", id)
                    .param("version", version)
                    .param("from", arrow.from())
                    .param("port", arrow.port())
                    .param("to", arrow.to())
                    .update();
        }
        jdbc.sql("DELETE FROM workflow_triggers WHERE workflow_id = :id").param("id", id).update();
        for (Drawing.Box box : triggers) {
            jdbc.sql(
                            "INSERT INTO workflow_triggers (workflow_id, node, kind, config) VALUES"
                                    + " (:id, :node, :kind, :config::jsonb)")
                    .param("id", id)
                    .param("node", box.key())
                    .param("kind", box.type())
                    .param("config", json.writeValueAsString(box.config()))
                    .update();
        }
        jdbc.sql(
                        "UPDATE workflows SET state = 'published', published_version = :version,"
                                + " published_revision = revision WHERE id = :id")
                .param("version", version)
                .param("id", id)
                .update();
        return version;
    }

    /** One line of the list of versions. */
    record Published(
            int version,
            String hash,
            Instant publishedAt,
            String publishedBy,
            int nodes,
            int runs) {}

    /** Newest first. */
    List<Published> versions(UUID workflow, @Nullable Integer before, int limit) {
        return jdbc.sql(
                        """
                        SELECT v.version, v.hash, v.published_at, v.published_by,
                               (SELECT count(*) FROM workflow_nodes n WHERE n.workflow_id = v.workflow_id AND n.version = v.version) AS nodes,
                               (SELECT count(*) FROM workflow_instances i
                                WHERE i.workflow_id = v.workflow_id AND i.version = v.version AND i.ended_at IS NULL) AS runs
                        FROM workflow_versions v WHERE v.workflow_id = :id AND (:before::int IS NULL OR v.version < :before)
                        ORDER BY v.version DESC LIMIT :limit
                        """)
                .param("id", workflow)
                .param("before", before)
                .param("limit", limit)
                .query((row, _) ->
                        new Published(
                                row.getInt("version"),
                                row.getString("hash"),
                                row.getTimestamp("published_at").toInstant(),
                                row.getString("published_by"),
                                row.getInt("nodes"),
                                row.getInt("runs")))
                .list();
    }

    /** Back from the archive, as it was: in use if a version of it was, else a draft. */
    void restore(UUID id) {
        jdbc.sql(
                        "UPDATE workflows SET state = CASE WHEN published_version IS NULL THEN"
                                + " 'draft' ELSE 'published' END WHERE id = :id")
                .param("id", id)
                .update();
    }

    void archive(UUID id) {
        jdbc.sql("UPDATE workflows SET state = 'archived' WHERE id = :id").param("id", id).update();
    }

    Optional<Version> version(UUID workflow, int version) {
        return jdbc.sql(
                        "SELECT hash, definition FROM workflow_versions WHERE workflow_id = :id AND"
                                + " version = :version")
                .param("id", workflow)
                .param("version", version)
                .query((row, _) ->
                        new Version(
                                workflow,
                                version,
                                row.getString("hash"),
                                json.readValue(row.getString("definition"), Drawing.class)))
                .optional();
    }

    @Override
    public Optional<Drawing> published(UUID workflow, int version) {
        return version(workflow, version).map(Version::drawing);
    }

    @Override
    public Optional<Integer> withHash(UUID workflow, String hash) {
        return jdbc.sql(
                        "SELECT version FROM workflow_versions WHERE workflow_id = :id AND hash ="
                                + " :hash ORDER BY version DESC LIMIT 1")
                .param("id", workflow)
                .param("hash", hash)
                .query(Integer.class)
                .optional();
    }

    @SuppressWarnings("NullAway") // a setting may be null
    private Map<String, @Nullable Object> settings(String text) {
        return json.readValue(text, SETTINGS);
    }

    /** Triggers of one kind in all published workflows of the tenant. */
    List<Trigger> triggers(String kind) {
        return jdbc.sql(
                        """
                        SELECT t.workflow_id, w.published_version, t.node, t.config FROM workflow_triggers t
                        JOIN workflows w ON w.id = t.workflow_id AND w.state = 'published' WHERE t.kind = :kind
                        ORDER BY t.workflow_id
                        """)
                .param("kind", kind)
                .query((row, _) ->
                        new Trigger(
                                Columns.uuid(row, "workflow_id"),
                                row.getInt("published_version"),
                                row.getString("node"),
                                settings(row.getString("config"))))
                .list();
    }

    /**
     * @param runs how many there were
     */
    record Usage(int runs, @Nullable Instant last) {}

    Usage usage(UUID workflow) {
        return jdbc.sql(
                        "SELECT count(*) AS runs, max(started_at) AS last FROM workflow_instances"
                                + " WHERE workflow_id = :id")
                .param("id", workflow)
                .query((row, _) -> new Usage(row.getInt("runs"), Columns.instant(row, "last")))
                .single();
    }

    private Stored stored(ResultSet row, int number) throws SQLException {
        return new Stored(
                Columns.uuid(row, "id"),
                row.getString("name"),
                row.getString("description"),
                row.getString("state"),
                json.readValue(row.getString("draft"), Drawing.class),
                row.getInt("revision"),
                row.getObject("published_version", Integer.class),
                row.getTimestamp("updated_at").toInstant(),
                row.getString("updated_by"));
    }
}
