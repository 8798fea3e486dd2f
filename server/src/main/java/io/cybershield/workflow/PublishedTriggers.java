package io.cybershield.workflow;

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
 * Triggers of the versions in use. Every method needs an open transaction in the tenant's scope.
 */
@Component
public final class PublishedTriggers {
    private static final TypeReference<Map<String, @Nullable Object>> SETTINGS =
            new TypeReference<>() {};
    private static final String SELECT =
            """
            SELECT t.workflow_id, w.name AS workflow_name, w.published_version, t.node, n.name, t.kind, t.config
            FROM workflow_triggers t JOIN workflows w ON w.id = t.workflow_id AND w.state = 'published'
            JOIN workflow_nodes n ON n.workflow_id = t.workflow_id AND n.version = w.published_version AND n.key = t.node
            """;
    private final JdbcClient jdbc;
    private final JsonMapper json;

    PublishedTriggers(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    /**
     * @param node its key in the drawing
     * @param name as people called it
     */
    public record Trigger(
            UUID workflow,
            String workflowName,
            int version,
            String node,
            String name,
            String kind,
            Map<String, @Nullable Object> config) {
        /** A setting as text; empty when absent. */
        public String text(String setting) {
            Object value = config.get(setting);
            return value == null ? "" : value.toString();
        }

        public long number(String setting, long otherwise) {
            return config.get(setting) instanceof Number number ? number.longValue() : otherwise;
        }
    }

    /** What being asked for came to. */
    public enum Held {
        YES,
        /** Somebody publishes or archives the workflow at this moment. */
        BUSY,
        GONE
    }

    /** Whether the tenant has the workflow, in whatever state. */
    public boolean exists(UUID workflow) {
        return jdbc.sql("SELECT EXISTS (SELECT 1 FROM workflows WHERE id = :workflow)")
                .param("workflow", workflow)
                .query(Boolean.class)
                .single();
    }

    public Optional<Trigger> find(UUID workflow, String node) {
        return one(workflow, node, "");
    }

    /**
     * The trigger, which nobody publishes away before this transaction ends; waits for who does.
     */
    public Optional<Trigger> hold(UUID workflow, String node) {
        return one(workflow, node, " FOR KEY SHARE OF w");
    }

    /** As {@link #hold}, for callers that hold other locks and so must not wait. */
    public Held holdNow(UUID workflow, String node) {
        if (one(workflow, node, " FOR KEY SHARE OF w SKIP LOCKED").isPresent()) {
            return Held.YES;
        }
        return find(workflow, node).isPresent() ? Held.BUSY : Held.GONE;
    }

    /** In the drawing's order of keys. */
    public List<Trigger> of(UUID workflow) {
        return jdbc.sql(SELECT + " WHERE t.workflow_id = :workflow ORDER BY t.node")
                .param("workflow", workflow)
                .query((row, _) -> trigger(row))
                .list();
    }

    public List<Trigger> ofKind(String kind) {
        return jdbc.sql(SELECT + " WHERE t.kind = :kind ORDER BY t.workflow_id, t.node")
                .param("kind", kind)
                .query((row, _) -> trigger(row))
                .list();
    }

    private Optional<Trigger> one(UUID workflow, String node, String lock) {
        return jdbc.sql(SELECT + " WHERE t.workflow_id = :workflow AND t.node = :node" + lock)
                .param("workflow", workflow)
                .param("node", node)
                .query((row, _) -> trigger(row))
                .optional();
    }

    private Trigger trigger(java.sql.ResultSet row) throws java.sql.SQLException {
        return new Trigger(
                Columns.uuid(row, "workflow_id"),
                row.getString("workflow_name"),
                row.getInt("published_version"),
                row.getString("node"),
                row.getString("name"),
                row.getString("kind"),
                settings(row.getString("config")));
    }

    @SuppressWarnings("NullAway") // a setting may be null
    private Map<String, @Nullable Object> settings(String text) {
        return json.readValue(text, SETTINGS);
    }
}
