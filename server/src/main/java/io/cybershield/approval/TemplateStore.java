package io.cybershield.approval;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Templates in the tenant's schema, in the caller's transaction. */
@Component
class TemplateStore {
    private static final TypeReference<Map<String, @Nullable Object>> SETTINGS =
            new TypeReference<>() {};
    private final JdbcClient jdbc;
    private final JsonMapper json;

    TemplateStore(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    List<TemplateView> list() {
        return jdbc.sql("SELECT * FROM approval_templates ORDER BY name").query(this::view).list();
    }

    Optional<TemplateView> find(String name) {
        return jdbc.sql("SELECT * FROM approval_templates WHERE name = :name")
                .param("name", name)
                .query(this::view)
                .optional();
    }

    /** False when it is at another revision than expected. */
    boolean save(
            String name,
            String description,
            Map<String, @Nullable Object> settings,
            int expected,
            Instant at,
            String by) {
        String sql =
                expected == 0
                        ? """
                        INSERT INTO approval_templates (name, description, settings, updated_at, updated_by)
                        VALUES (:name, :description, :settings::jsonb, :at, :by) ON CONFLICT DO NOTHING
                        """
                        : """
                        UPDATE approval_templates SET description = :description, settings = :settings::jsonb,
                               revision = revision + 1, updated_at = :at, updated_by = :by
                        WHERE name = :name AND revision = :expected
                        """;
        var statement =
                jdbc.sql(sql)
                        .param("name", name)
                        .param("description", description)
                        .param("settings", json.writeValueAsString(settings))
                        .param("at", at.atOffset(ZoneOffset.UTC))
                        .param("by", by);
        return (expected == 0 ? statement : statement.param("expected", expected)).update() == 1;
    }

    void delete(String name) {
        jdbc.sql("DELETE FROM approval_templates WHERE name = :name").param("name", name).update();
    }

    private TemplateView view(ResultSet row, int number) throws SQLException {
        return new TemplateView(
                row.getString("name"),
                row.getString("description"),
                json.readValue(row.getString("settings"), SETTINGS),
                row.getInt("revision"),
                row.getTimestamp("updated_at").toInstant(),
                row.getString("updated_by"));
    }
}
