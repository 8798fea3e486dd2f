package io.cybershield.workflow.bundle;

import io.cybershield.flow.Drawing;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Keys, and where imported workflows came from. In the tenant's scope. */
@Component
class BundleStore {
    private final JdbcClient jdbc;
    private final JsonMapper json;

    BundleStore(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    /**
     * A key that is trusted.
     *
     * @param id SHA-256 of the key
     * @param key X.509 in Base64
     * @param own whether the company signs with it itself
     */
    record Key(String id, String key, String name, boolean own, Instant addedAt, String addedBy) {}

    List<Key> keys() {
        return jdbc.sql("SELECT * FROM workflow_bundle_keys ORDER BY sealed IS NULL, name, id")
                .query((row, _) ->
                        new Key(
                                row.getString("id"),
                                row.getString("public_key"),
                                row.getString("name"),
                                row.getBytes("sealed") != null,
                                row.getTimestamp("added_at").toInstant(),
                                row.getString("added_by")))
                .list();
    }

    Optional<Key> key(String id) {
        return keys().stream().filter(key -> key.id().equals(id)).findFirst();
    }

    Optional<byte[]> sealed(String id) {
        return jdbc.sql(
                        "SELECT sealed FROM workflow_bundle_keys WHERE id = :id AND sealed IS NOT"
                                + " NULL")
                .param("id", id)
                .query(byte[].class)
                .optional();
    }

    /** One after the other, so that a company never gets two keys of its own. */
    void lockOwn() {
        jdbc.sql(
                        "SELECT pg_advisory_xact_lock(hashtext('workflow-bundle-key|' ||"
                                + " platform.current_tenant()))")
                .query(row -> {});
    }

    /** False if it is there already. */
    boolean insert(Key key, byte @Nullable [] sealed) {
        return jdbc.sql(
                                """
                                INSERT INTO workflow_bundle_keys (id, public_key, name, sealed, added_at, added_by)
                                VALUES (:id, :key, :name, :sealed, :at, :by) ON CONFLICT DO NOTHING
                                """)
                        .param("id", key.id())
                        .param("key", key.key())
                        .param("name", key.name())
                        .param("sealed", sealed)
                        .param("at", key.addedAt().atOffset(ZoneOffset.UTC))
                        .param("by", key.addedBy())
                        .update()
                == 1;
    }

    /** Never the company's own. */
    boolean remove(String id) {
        return jdbc.sql("DELETE FROM workflow_bundle_keys WHERE id = :id AND sealed IS NULL")
                        .param("id", id)
                        .update()
                == 1;
    }

    /** A workflow as it stands here. */
    record Here(
            UUID id,
            String name,
            String state,
            int revision,
            @Nullable Integer published,
            Drawing draft) {}

    List<Here> named(String name) {
        return query("name = :value ORDER BY id LIMIT 5", name);
    }

    Optional<Here> find(UUID id) {
        return query("id = :value", id).stream().findFirst();
    }

    private List<Here> query(String which, Object value) {
        return jdbc.sql(
                        "SELECT id, name, state, revision, published_version, draft FROM workflows"
                                + " WHERE "
                                + which)
                .param("value", value)
                .query((row, _) ->
                        new Here(
                                row.getObject("id", UUID.class),
                                row.getString("name"),
                                row.getString("state"),
                                row.getInt("revision"),
                                row.getObject("published_version", Integer.class),
                                json.readValue(row.getString("draft"), Drawing.class)))
                .list();
    }

    /**
     * Where a workflow came from.
     *
     * @param version that it was there, the last that was imported
     */
    record Origin(UUID workflow, int version, Instant made) {}

    Optional<Origin> origin(String key, String source) {
        return jdbc.sql(
                        "SELECT workflow_id, version, made_at FROM workflow_origins WHERE key_id ="
                                + " :key AND source = :source")
                .param("key", key)
                .param("source", source)
                .query((row, _) ->
                        new Origin(
                                row.getObject("workflow_id", UUID.class),
                                row.getInt("version"),
                                row.getTimestamp("made_at").toInstant()))
                .optional();
    }

    void came(String key, String source, Origin origin, Instant at) {
        jdbc.sql(
                        """
                        INSERT INTO workflow_origins (key_id, source, workflow_id, version, made_at, imported_at)
                        VALUES (:key, :source, :workflow, :version, :made, :at)
                        ON CONFLICT (key_id, source) DO UPDATE SET workflow_id = excluded.workflow_id, version = excluded.version,
                            made_at = excluded.made_at, imported_at = excluded.imported_at
                        """)
                .param("key", key)
                .param("source", source)
                .param("workflow", origin.workflow())
                .param("version", origin.version())
                .param("made", origin.made().atOffset(ZoneOffset.UTC))
                .param("at", at.atOffset(ZoneOffset.UTC))
                .update();
    }

    boolean hasSecret(String name) {
        return jdbc.sql("SELECT EXISTS (SELECT 1 FROM workflow_secrets WHERE name = :name)")
                .param("name", name)
                .query(Boolean.class)
                .single();
    }
}
