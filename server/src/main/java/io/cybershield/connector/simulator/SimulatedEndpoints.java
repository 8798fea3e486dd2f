package io.cybershield.connector.simulator;

import io.cybershield.platform.Page;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The state of the tenant's simulated endpoints, and the ledger of orders given to them. */
@Component
final class SimulatedEndpoints {
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final Clock clock;

    SimulatedEndpoints(Transactions transactions, JdbcClient jdbc, Clock clock) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * @param by who ordered the isolation; null while connected
     */
    @Schema(name = "SimulatedEndpoint")
    record Endpoint(
            String host,
            @Schema(allowableValues = {"connected", "isolated"}) String state,
            @Nullable Instant isolatedAt,
            @Nullable String by) {}

    /**
     * Like an endpoint manager that honours idempotency keys: a repeated key changes nothing but
     * its count.
     */
    void isolate(String host, String key) {
        transactions.run(() -> {
            boolean first =
                    jdbc.sql(
                                            """
                                            INSERT INTO simulator_order (idempotency_key, host, action, at) VALUES (:key, :host, 'isolate', :at)
                                            ON CONFLICT (tenant_id, idempotency_key) DO UPDATE SET repeats = simulator_order.repeats + 1
                                            RETURNING repeats
                                            """)
                                    .param("key", key)
                                    .param("host", host)
                                    .param("at", clock.instant().atOffset(ZoneOffset.UTC))
                                    .query(Integer.class)
                                    .single()
                            == 0;
            if (first) {
                jdbc.sql(
                                """
                                INSERT INTO simulator_endpoint (host, isolated_at, isolated_by) VALUES (:host, :at, :by)
                                ON CONFLICT (tenant_id, host) DO UPDATE SET isolated_at = excluded.isolated_at, isolated_by = excluded.isolated_by
                                """)
                        .param("host", host)
                        .param("at", clock.instant().atOffset(ZoneOffset.UTC))
                        .param("by", Scope.current().principal().name())
                        .update();
            }
        });
    }

    boolean isIsolated(String host) {
        return transactions.call(() ->
                jdbc.sql(
                                "SELECT isolated_at IS NOT NULL FROM simulator_endpoint WHERE host"
                                        + " = :host")
                        .param("host", host)
                        .query(Boolean.class)
                        .optional()
                        .orElse(false));
    }

    /** Ordered by host. */
    Page<Endpoint> list(@Nullable String after, int limit) {
        List<Endpoint> rows =
                transactions.call(() ->
                        jdbc.sql(
                                        "SELECT host, isolated_at, isolated_by FROM"
                                                + " simulator_endpoint WHERE host > :after ORDER BY"
                                                + " host LIMIT :n")
                                .param("after", after == null ? "" : after)
                                .param("n", limit + 1)
                                .query((row, _) -> {
                                    var at = row.getTimestamp("isolated_at");
                                    return new Endpoint(
                                            row.getString("host"),
                                            at == null ? "connected" : "isolated",
                                            at == null ? null : at.toInstant(),
                                            row.getString("isolated_by"));
                                })
                                .list());
        return Page.of(rows, limit, Endpoint::host);
    }
}
