package io.cybershield.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TenantSchemas;
import io.cybershield.platform.Transactions;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** How long one analyst waits for 200 customers; figures are in docs/benchmarks.md. */
@Tag("long")
class ProviderFanOutIT {
    private static final int CUSTOMERS = 200;
    private static final int INCIDENTS = 40;
    private static final int ASKED = 30;
    private final TestApplication app = TestApplication.shared();

    @Test
    void twoHundredCustomersAreShownInOnePage() throws Exception {
        Client provider = app.newTenant("Northwind SOC " + UUID.randomUUID());
        String token = Files.readString(app.data().resolve("operator.token")).strip();
        Client cli = app.anonymous();
        cli.send(
                cli.json(
                                "/api/v1/operator/tenants/" + provider.tenant() + "/provider",
                                "POST",
                                Map.of("provider", true))
                        .header("Authorization", "Bearer " + token));
        Client ann = app.newColleague(provider, "analyst");
        assertThat(
                        provider.put(
                                        "/api/v1/provider/people/" + ann.account(),
                                        Map.of(
                                                "role",
                                                "provider-analyst",
                                                "code",
                                                app.codeAtOnce(provider)))
                                .status())
                .isEqualTo(200);
        for (int i = 0; i < CUSTOMERS; i++) {
            customer(provider, i);
        }
        JsonNode page = measured("all customers", ann, "/api/v1/provider/customers?limit=200");
        assertThat(page.get("items").size()).isEqualTo(CUSTOMERS);
        for (JsonNode one : page.get("items")) {
            assertThat(one.get("trouble").isNull()).as(one.toString()).isTrue();
            assertThat(one.at("/health/openTotal").asLong()).isEqualTo(INCIDENTS);
        }
        JsonNode merged = measured("open incidents", ann, "/api/v1/provider/incidents?limit=100");
        assertThat(merged.get("items").size()).isEqualTo(100);
        assertThat(merged.get("unread").size()).isZero();
    }

    private JsonNode measured(String what, Client who, String path) {
        var millis = new ArrayList<Long>();
        JsonNode answer = null;
        for (int i = 0; i <= ASKED; i++) {
            long begun = System.nanoTime();
            answer = who.get(path).json();
            millis.add((System.nanoTime() - begun) / 1_000_000);
        }
        long first = millis.removeFirst();
        Collections.sort(millis);
        System.out.printf(
                Locale.ROOT,
                "%d customers, %s: first %d ms, then p50 %d, p95 %d, max %d ms of %d%n",
                CUSTOMERS,
                what,
                first,
                millis.get(millis.size() / 2),
                millis.get(millis.size() * 95 / 100),
                millis.getLast(),
                millis.size());
        assertThat(answer).isNotNull();
        return answer;
    }

    /** As if it had signed up and agreed; what both take is measured elsewhere. */
    private void customer(Client provider, int number) {
        var tenant = new TenantId(UUID.randomUUID());
        app.bean(TenantSchemas.class).ensure(tenant);
        UUID grant = UUID.randomUUID();
        for (String statement :
                List.of(
                        "INSERT INTO platform.tenant (id, name) VALUES ('%1$s', 'Customer %4$03d')",
                        """
                        INSERT INTO platform.delegation_request (id, tenant_id, code_hash, code_expires_at, roles, until, note,
                            created_name, created_at, used_at, customer_id)
                        VALUES ('%2$s', '%3$s', sha256('%2$s'), now(), '{provider-analyst}', now() + interval '9 days', '', 'x',
                            now(), now(), '%1$s')
                        """,
                        """
                        INSERT INTO platform.delegation (id, tenant_id, provider_id, provider_name, roles, until, note,
                            agreed_name, agreed_at)
                        VALUES ('%2$s', '%1$s', '%3$s', 'x', '{provider-analyst}', now() + interval '9 days', '', 'x', now())
                        """)) {
            app.database()
                    .asOwner(statement.formatted(tenant.value(), grant, provider.tenant(), number));
        }
        app.bean(Transactions.class)
                .callAs(
                        Scope.tenant(tenant, Principal.system("test")),
                        () ->
                                app.bean(JdbcClient.class)
                                        .sql(
                                                """
                                                INSERT INTO incident (id, number, title, summary, severity, state, host_key, risk,
                                                    opened_at, first_finding_at, last_finding_at, last_added_at)
                                                SELECT gen_random_uuid(), i, 'Incident ' || i, '', 1 + i % 5, 'new', 'h', 1,
                                                    now() - i * interval '7 minutes', now(), now(), now()
                                                FROM generate_series(1, ?) i
                                                """)
                                        .param(INCIDENTS)
                                        .update());
    }
}
