package io.cybershield.workflow.insight;

import static io.cybershield.workflow.Drawn.awaitRun;
import static io.cybershield.workflow.Drawn.box;
import static io.cybershield.workflow.Drawn.drawing;
import static io.cybershield.workflow.Drawn.edge;
import static io.cybershield.workflow.Drawn.published;
import static io.cybershield.workflow.Drawn.start;
import static io.cybershield.workflow.Drawn.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.workflow.Drawn;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Figures of real runs, and of 3,000 made ones whose figures are known. */
class InsightIT {
    private static final TestApplication APP = TestApplication.shared();

    private static UUID checking(Client admin) {
        return published(
                admin,
                drawing(
                        "Check",
                        List.of(
                                box("start", "manual", Map.of()),
                                box("check", "condition", Map.of("expression", "trigger.x > 0")),
                                box(
                                        "mail",
                                        "send-email",
                                        Map.of("to", admin.email(), "subject", "s", "text", "t"))),
                        List.of(edge("start", "out", "check"), edge("check", "true", "mail"))));
    }

    private static JsonNode insights(Client who, UUID workflow) {
        return well(who.get("/api/v1/workflows/" + workflow + "/insights?days=7")).json();
    }

    private static JsonNode node(JsonNode insights, String key) {
        return insights.get("nodes")
                .valueStream()
                .filter(n -> n.get("key").asString().equals(key))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void realRunsAreCountedByNode() {
        Client admin = APP.newTenant();
        UUID id = checking(admin);
        awaitRun(admin, start(admin, id, Map.of("x", 1)), "succeeded");
        awaitRun(admin, start(admin, id, Map.of("x", 0)), "succeeded");
        awaitRun(admin, start(admin, id, Map.of()), "failed");
        JsonNode insights = insights(admin, id);
        assertThat(insights.at("/runs/total").asInt()).isEqualTo(3);
        assertThat(insights.at("/runs/failed").asInt()).isEqualTo(1);
        assertThat(insights.at("/runs/durations/p95").isNull()).isFalse();
        assertThat(node(insights, "check").get("failed").asInt()).isEqualTo(1);
        assertThat(node(insights, "mail").get("skipped").asInt()).isGreaterThanOrEqualTo(1);
        assertThat(node(insights, "mail").get("succeeded").asInt()).isEqualTo(1);
        assertThat(insights.at("/queue/queuedRuns").asInt()).isZero();
    }

    @Test
    void figuresOfManyRunsAreRightAndReadByIndex() {
        Client admin = APP.newTenant();
        UUID id = checking(admin);
        Drawn.inTenant(APP, admin, () -> made(id));
        JsonNode insights = insights(admin, id);
        assertThat(insights.at("/runs/total").asInt()).isEqualTo(3_000);
        assertThat(insights.at("/runs/failed").asInt()).isEqualTo(300);
        JsonNode mail = node(insights, "mail");
        assertThat(mail.get("steps").asInt()).isEqualTo(3_000);
        assertThat(mail.get("failed").asInt()).isEqualTo(300);
        assertThat(mail.get("retried").asInt()).isEqualTo(300);
        assertThat(mail.get("helped").asInt()).isZero();
        assertThat(mail.get("retries").asInt()).isEqualTo(600);
        // Durations are 10, 20, ... 30,000 milliseconds.
        assertThat(mail.at("/durations/p50").asLong()).isBetween(15_000L, 15_010L);
        assertThat(mail.at("/durations/p95").asLong()).isBetween(28_500L, 28_510L);
        assertThat(mail.at("/durations/p99").asLong()).isBetween(29_700L, 29_710L);
        var codes =
                insights.get("advice").valueStream().map(a -> a.get("code").asString()).toList();
        assertThat(codes)
                .containsExactlyInAnyOrder("missing-error-edge", "retries-never-help", "slow-node");
        assertThat(insights.get("advice").get(0).get("runs")).hasSize(3);

        String schema =
                Drawn.inTenant(
                        APP,
                        admin,
                        () ->
                                APP.bean(JdbcClient.class)
                                        .sql("SELECT current_schema()")
                                        .query(String.class)
                                        .single());
        for (String table : List.of("workflow_instances", "workflow_executions")) {
            APP.database().asOwner("ANALYZE \"" + schema + "\"." + table);
        }
        String plan =
                Drawn.inTenant(
                        APP,
                        admin,
                        () ->
                                String.join(
                                        "\n",
                                        APP.bean(JdbcClient.class)
                                                .sql(
                                                        """
                                                        EXPLAIN WITH recent AS (
                                                            SELECT id FROM workflow_instances
                                                            WHERE workflow_id = :id AND started_at >= now() - interval '1 minute'
                                                            ORDER BY started_at DESC LIMIT 10000)
                                                        SELECT count(*) FROM recent r JOIN workflow_executions e ON e.run_id = r.id
                                                        """)
                                                .param("id", id)
                                                .query(String.class)
                                                .list()));
        assertThat(plan).contains("workflow_executions_pkey").doesNotContain("Seq Scan");
    }

    @Test
    void allWorkflowsAreCountedTogetherAndAdviceNamesItsWorkflow() {
        Client admin = APP.newTenant();
        JsonNode empty = overall(admin);
        assertThat(empty.at("/runs/total").asInt()).isZero();
        assertThat(empty.get("workflows")).isEmpty();
        UUID first = checking(admin);
        UUID second = checking(admin);
        Drawn.inTenant(APP, admin, () -> made(first));
        awaitRun(admin, start(admin, second, Map.of("x", 1)), "succeeded");
        awaitRun(admin, start(admin, second, Map.of()), "failed");
        JsonNode all = overall(admin);
        assertThat(all.at("/runs/total").asInt()).isEqualTo(3_002);
        assertThat(all.at("/runs/failed").asInt()).isEqualTo(301);
        assertThat(all.get("workflows")).hasSize(2);
        assertThat(all.at("/workflows/0/id").asString()).isEqualTo(first.toString());
        assertThat(all.at("/workflows/0/durations/p50").asLong()).isBetween(15_000L, 15_010L);
        assertThat(all.at("/steps/retried").asInt()).isEqualTo(300);
        assertThat(all.at("/steps/helped").asInt()).isZero();
        assertThat(all.at("/slowest/0/key").asString()).isEqualTo("mail");
        assertThat(all.at("/failures/0/count").asInt()).isEqualTo(300);
        assertThat(all.at("/failures/0/workflowId").asString()).isEqualTo(first.toString());
        assertThat(all.get("failures")).hasSize(2);
        var advised = all.get("advice").valueStream().map(a -> a.get("code").asString()).toList();
        assertThat(advised).contains("missing-error-edge", "retries-never-help", "slow-node");
        assertThat(all.at("/advice/0/workflowId").asString()).isEqualTo(first.toString());
        assertThat(overall(APP.newTenant()).at("/runs/total").asInt())
                .as("another company sees nothing of it")
                .isZero();
    }

    @Test
    void whatWaitsForPeopleAndForTimesIsTold() {
        Client admin = APP.newTenant();
        UUID id =
                published(
                        admin,
                        drawing(
                                "Wait",
                                List.of(
                                        box("start", "manual", Map.of()),
                                        box(
                                                "ask",
                                                "approval",
                                                Map.of("title", "Sure?", "role", "responder")),
                                        box("hold", "wait", Map.of("seconds", 100_000)),
                                        box("note", "set", Map.of("vars", Map.of("a", "1")))),
                                List.of(
                                        edge("start", "out", "ask"),
                                        edge("start", "out", "hold"),
                                        edge("ask", "approved", "note"))));
        awaitRun(admin, start(admin, id, Map.of()), "waiting");
        JsonNode all = overall(admin);
        assertThat(all.at("/approvals/open").asInt()).isEqualTo(1);
        assertThat(all.at("/approvals/oldest").isNull()).isFalse();
        assertThat(all.at("/waits/open").asInt()).isEqualTo(1);
        assertThat(all.at("/tasks/open").asInt()).isZero();
        assertThat(all.at("/runs/live").asInt()).isEqualTo(1);
    }

    private static JsonNode overall(Client who) {
        return well(who.get("/api/v1/workflow-insights?days=7")).json();
    }

    private static int made(UUID workflow) {
        var jdbc = APP.bean(JdbcClient.class);
        jdbc.sql(
                        """
                        INSERT INTO workflow_instances (id, number, workflow_id, version, workflow_name, state, subject, started_by, started_at,
                                                        ended_at, steps_total)
                        SELECT gen_random_uuid(), 1000000 + i, :workflow, 1, 'Check', CASE WHEN i % 10 = 0 THEN 'failed' ELSE 'succeeded' END,
                               '', 'test', now() - interval '1 hour' - make_interval(secs => i), now() - interval '1 hour' - make_interval(secs => i) + make_interval(secs => i * 0.01), 3
                        FROM generate_series(1, 3000) i
                        """)
                .param("workflow", workflow)
                .update();
        return jdbc.sql(
                        """
                        INSERT INTO workflow_executions (run_id, step, state, epoch, attempts, started_at, ended_at)
                        SELECT id, 'mail', state, 1, CASE WHEN state = 'failed' THEN 3 ELSE 1 END, started_at, ended_at
                        FROM workflow_instances WHERE workflow_id = :workflow
                        """)
                .param("workflow", workflow)
                .update();
    }

    @Test
    void anotherTenantLearnsNothing() {
        Client admin = APP.newTenant();
        UUID id = checking(admin);
        assertThat(APP.newTenant().get("/api/v1/workflows/" + id + "/insights").status())
                .isEqualTo(404);
    }
}
