package io.cybershield.workflow;

import static io.cybershield.workflow.TestFlows.fetch;
import static io.cybershield.workflow.TestFlows.start;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Standstill;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Runs of a company that is suspended by another node while they are at work. */
class SuspendedRunsIT {
    private static final TestApplication APP = TestFlows.reachingApplication();

    @Test
    void whatIsBeingDoneEndsAndIsKeptAndTheNextStepWaits() throws IOException {
        Client admin = APP.newTenant();
        var flows = new TestFlows(admin);
        try (var outside = new Outside()) {
            CountDownLatch first = outside.holds("/first");
            String run =
                    flows.start(
                            flows.publish(
                                    List.of(
                                            start(),
                                            fetch("first", outside.url("/first")),
                                            fetch("second", outside.url("/second"))),
                                    "start.out->first",
                                    "first.out->second"),
                            Map.of());
            Awaitility.await().until(() -> outside.asked("/first") == 1);

            set(admin, "state = 'suspended', suspended_reason = 'elsewhere', suspended_at = now()");
            // Another node did it, so this one has to see it.
            Awaitility.await()
                    .atMost(Duration.ofSeconds(1))
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> APP.bean(Standstill.class).holds(new TenantId(admin.tenant())));
            first.countDown();

            // The outcome is in the journal: what waits now is the second step, in nobody's hands.
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> waiting(admin).equals(List.of("second")));
            Awaitility.await()
                    .during(Duration.ofSeconds(2))
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> outside.asked("/second") == 0);
            assertThat(waiting(admin)).containsExactly("second");

            set(admin, "state = 'active', suspended_reason = NULL, suspended_at = NULL");

            flows.await(run, "succeeded");
            assertThat(outside.asked()).containsExactly("/first", "/second");
        }
    }

    private static void set(Client admin, String what) {
        APP.database()
                .asOwner(
                        "UPDATE platform.tenant SET %s WHERE id = '%s'"
                                .formatted(what, admin.tenant()));
    }

    private static List<String> waiting(Client admin) {
        return APP.bean(Transactions.class)
                .callAs(
                        Scope.platform("test"),
                        () ->
                                APP.bean(JdbcClient.class)
                                        .sql(
                                                """
                                                SELECT step FROM platform.workflow_dispatch
                                                WHERE tenant_id = :tenant AND lease_until IS NULL
                                                """)
                                        .param("tenant", admin.tenant())
                                        .query(String.class)
                                        .list());
    }
}
