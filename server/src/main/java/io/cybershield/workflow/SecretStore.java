package io.cybershield.workflow;

import io.cybershield.flow.Scrubber;
import io.cybershield.flow.Secrets;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantKeys;
import io.cybershield.platform.Transactions;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The current tenant's secrets, sealed for their tenant and name. Values come out only for a node
 * that acts.
 */
@Component
class SecretStore implements Secrets {
    private static final int MOST_SCRUBBED = 10_000;
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final TenantKeys keys;

    SecretStore(Transactions transactions, JdbcClient jdbc, TenantKeys keys) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.keys = keys;
    }

    /** What people may know of a secret. */
    record Line(String name, Instant updatedAt, String updatedBy) {}

    @Override
    public Optional<String> find(String name) {
        return transactions.call(() ->
                jdbc.sql("SELECT sealed FROM workflow_secrets WHERE name = :name")
                        .param("name", name)
                        .query(byte[].class)
                        .optional()
                        .map(sealed ->
                                new String(
                                        keys.open(Scope.currentTenant(), purpose(name), sealed),
                                        StandardCharsets.UTF_8)));
    }

    /** All of them, so that they can be taken out of something; never to be shown or kept. */
    Scrubber scrubber() {
        return transactions.call(() -> {
            var values = new TreeMap<String, String>();
            for (Line line : list("", MOST_SCRUBBED)) {
                find(line.name()).ifPresent(value -> values.put(line.name(), value));
            }
            return Scrubber.of(values);
        });
    }

    List<Line> list(String after, int limit) {
        return jdbc.sql(
                        """
                        SELECT name, updated_at, updated_by FROM workflow_secrets WHERE name > :after ORDER BY name LIMIT :limit
                        """)
                .param("after", after)
                .param("limit", limit)
                .query((row, _) ->
                        new Line(
                                row.getString("name"),
                                row.getTimestamp("updated_at").toInstant(),
                                row.getString("updated_by")))
                .list();
    }

    /** True when there was none of that name before. */
    boolean put(String name, String value, Instant at, String by) {
        return jdbc.sql(
                        """
                        INSERT INTO workflow_secrets (name, sealed, updated_at, updated_by) VALUES (:name, :sealed, :at, :by)
                        ON CONFLICT (tenant_id, name) DO UPDATE SET sealed = :sealed, updated_at = :at, updated_by = :by
                        RETURNING (xmax = 0)
                        """)
                .param("name", name)
                .param(
                        "sealed",
                        keys.seal(
                                Scope.currentTenant(),
                                purpose(name),
                                value.getBytes(StandardCharsets.UTF_8)))
                .param("at", Columns.utc(at))
                .param("by", by)
                .query(Boolean.class)
                .single();
    }

    boolean delete(String name) {
        return jdbc.sql("DELETE FROM workflow_secrets WHERE name = :name")
                        .param("name", name)
                        .update()
                == 1;
    }

    /** Sealed for this place: copied to another row or tenant, it does not open. */
    private static String purpose(String name) {
        return "workflow-secret|" + Scope.currentTenant() + "|" + name;
    }
}
