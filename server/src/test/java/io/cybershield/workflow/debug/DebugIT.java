package io.cybershield.workflow.debug;

import static io.cybershield.workflow.Drawn.awaitRun;
import static io.cybershield.workflow.Drawn.box;
import static io.cybershield.workflow.Drawn.create;
import static io.cybershield.workflow.Drawn.drawing;
import static io.cybershield.workflow.Drawn.edge;
import static io.cybershield.workflow.Drawn.publish;
import static io.cybershield.workflow.Drawn.published;
import static io.cybershield.workflow.Drawn.save;
import static io.cybershield.workflow.Drawn.start;
import static io.cybershield.workflow.Drawn.well;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.workflow.Drawn;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Trying drafts, replaying runs, and tests as a gate, over HTTP and a real database. */
class DebugIT {
    private static final TestApplication APP = TestApplication.shared();
    private static final String SECRET = "correct-horse-battery";
    private Client admin;

    @BeforeEach
    void tenant() {
        admin = APP.newTenant();
    }

    /** start -> each over trigger.items (double) -> big? -(true)-> mail; (false) -> done */
    private Map<String, Object> sum(String bound) {
        return drawing(
                "Sum",
                List.of(
                        box("start", "manual", Map.of()),
                        box("each", "for-each", Map.of("items", "trigger.items")),
                        box("double", "set", Map.of("vars", Map.of("twice", "item * 2"))),
                        box(
                                "total",
                                "transform",
                                Map.of("expression", "{\"sum\": $sum(trigger.items)}")),
                        box(
                                "big",
                                "condition",
                                Map.of("expression", "steps.total.output.sum > " + bound)),
                        box(
                                "mail",
                                "send-email",
                                Map.of(
                                        "to", admin.email(),
                                        "subject", "Big: {{ steps.total.output.sum }}",
                                        "text", "It is big.")),
                        box("pause", "wait", Map.of("seconds", 1))),
                List.of(
                        edge("start", "out", "each"),
                        edge("each", "each", "double"),
                        edge("double", "out", "each"),
                        edge("each", "done", "total"),
                        edge("total", "out", "big"),
                        edge("big", "true", "mail"),
                        edge("big", "false", "pause")));
    }

    private static Map<String, Object> input(Integer... items) {
        return Map.of("items", List.of(items));
    }

    private UUID finished(UUID workflow, Integer... items) {
        UUID run = start(admin, workflow, input(items));
        awaitRun(admin, run, "succeeded");
        return run;
    }

    private Response tryIt(Client who, UUID workflow, Map<String, ?> more) {
        var body = new HashMap<String, @Nullable Object>();
        body.put("input", input(1, 2));
        body.put("breakpoints", List.of());
        body.put("after", -1);
        body.put("single", false);
        body.put("decide", "approve");
        body.putAll(more);
        return who.post("/api/v1/workflows/" + workflow + "/try", body);
    }

    private static JsonNode step(JsonNode answer, String id) {
        return answer.get("steps")
                .valueStream()
                .filter(s -> s.get("step").asString().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aDraftIsTriedWithoutTouchingAnything() {
        UUID id = create(admin);
        well(save(admin, id, sum("2"), 1));
        JsonNode tried = well(tryIt(admin, id, Map.of())).json();
        assertThat(tried.get("state").asString()).isEqualTo("succeeded");
        assertThat(step(tried, "mail").get("simulated").asBoolean()).isTrue();
        assertThat(step(tried, "each[1]/double").get("output").get("twice").asInt()).isEqualTo(4);
        assertThat(admin.get("/api/v1/runs").json().get("items")).isEmpty();
        assertThat(admin.get("/api/v1/developer/mailbox?limit=200").body())
                .doesNotContain("Big: 3");
        // What is on the canvas and not saved is tried just so.
        JsonNode canvas = well(tryIt(admin, id, Map.of("definition", sum("100")))).json();
        assertThat(step(canvas, "mail").get("state").asString()).isEqualTo("skipped");
        assertThat(canvas.get("tookMillis").asLong()).isEqualTo(1000);
    }

    @Test
    void aPinnedOutputIsKeptWithTheWorkflowAndNoRunReadsIt() {
        UUID id = published(admin, sum("2"));
        String pins = "/api/v1/workflows/" + id + "/pins/";
        well(admin.put(pins + "total", Map.of("output", Map.of("sum", 0))));
        JsonNode tried = well(tryIt(admin, id, Map.of())).json();
        assertThat(step(tried, "total").get("pinned").asBoolean()).isTrue();
        assertThat(step(tried, "mail").get("state").asString()).isEqualTo("skipped");
        JsonNode run = admin.get("/api/v1/runs/" + finished(id, 1, 2)).json();
        assertThat(run.toString()).contains("\"sum\":3");
        assertThat(admin.put(pins + "each", Map.of("output", Map.of())).status()).isEqualTo(422);
        assertThat(admin.put(pins + "none", Map.of("output", Map.of())).status()).isEqualTo(404);
        assertThat(
                        admin.put(pins + "total", Map.of("output", Map.of("a", "x".repeat(70_000))))
                                .status())
                .isEqualTo(422);
        assertThat(
                        APP.newColleague(admin, "analyst")
                                .put(pins + "total", Map.of("output", Map.of()))
                                .status())
                .isEqualTo(403);
        assertThat(well(admin.delete(pins + "total")).json().get("pins")).isEmpty();
    }

    @Test
    void itStopsAtABreakpointStepsAndRunsToHere() {
        UUID id = create(admin);
        well(save(admin, id, sum("2"), 1));
        JsonNode stopped = well(tryIt(admin, id, Map.of("breakpoints", List.of("big")))).json();
        assertThat(stopped.at("/stop/step").asString()).isEqualTo("big");
        assertThat(stopped.at("/stop/context/steps/total/output/sum").asInt()).isEqualTo(3);
        var on = new HashMap<String, @Nullable Object>();
        on.put("after", stopped.at("/stop/position").asInt());
        on.put("at", stopped.get("at").asString());
        on.put("single", true);
        JsonNode next = well(tryIt(admin, id, on)).json();
        assertThat(next.at("/stop/step").asString()).isEqualTo("mail");
        assertThat(next.at("/stop/config/subject").asString()).isEqualTo("Big: 3");
        JsonNode here = well(tryIt(admin, id, Map.of("until", "total"))).json();
        assertThat(here.at("/stop/before").asBoolean()).isFalse();
        assertThat(here.get("state").asString()).isEqualTo("running");
    }

    @Test
    void whatCannotBeRunOrDoesNotEndIsRefusedWithItsReason() {
        UUID id = create(admin);
        assertThat(tryIt(admin, id, Map.of()).problem()).isEqualTo("draft-not-runnable");
        var endless =
                drawing(
                        "Endless",
                        List.of(
                                box("start", "manual", Map.of()),
                                box(
                                        "again",
                                        "while",
                                        Map.of("condition", "true", "maxRounds", 10_000)),
                                box("a", "set", Map.of("vars", Map.of("x", "1")))),
                        List.of(
                                edge("start", "out", "again"),
                                edge("again", "each", "a"),
                                edge("a", "out", "again")));
        Response long_ = tryIt(admin, id, Map.of("definition", endless));
        assertThat(long_.problem()).as(long_.body()).isEqualTo("simulation-too-long");
    }

    @Test
    void aFinishedRunComesOutTheSameToTheByte() {
        UUID run = finished(published(admin, sum("2")), 1, 2, 3);
        JsonNode check = well(admin.get("/api/v1/runs/" + run + "/replay")).json();
        assertThat(check.get("identical").asBoolean()).as(check.toString()).isTrue();
        assertThat(check.get("computed").asInt()).isGreaterThanOrEqualTo(6);
        assertThat(check.get("brokenEntry").isNull()).isTrue();
    }

    @Test
    void aJournalThatWasChangedIsToldWithItsEntry() {
        UUID run = finished(published(admin, sum("2")), 1, 2);
        tamper(
                run,
                "UPDATE workflow_journal SET event = replace(event, '\"sum\":3', '\"sum\":4') WHERE"
                        + " run_id = :run");
        JsonNode check = well(admin.get("/api/v1/runs/" + run + "/replay")).json();
        assertThat(check.get("identical").asBoolean()).isFalse();
        assertThat(check.get("brokenEntry").asInt()).isPositive();
        JsonNode difference = check.get("differences").get(0);
        assertThat(difference.get("what").asString()).contains("total");
        assertThat(difference.get("stored").asString()).contains("\"sum\":4");
        assertThat(difference.get("again").asString()).contains("\"sum\":3");
    }

    @Test
    void aRowThatSaysSomethingElseThanItsJournalIsTold() {
        UUID run = finished(published(admin, sum("2")), 1, 2);
        Drawn.inTenant(
                APP,
                admin,
                () ->
                        APP.bean(JdbcClient.class)
                                .sql(
                                        "UPDATE workflow_executions SET port = 'false' WHERE run_id"
                                                + " = :run AND step = 'big'")
                                .param("run", run)
                                .update());
        JsonNode check = well(admin.get("/api/v1/runs/" + run + "/replay")).json();
        assertThat(check.get("identical").asBoolean()).isFalse();
        assertThat(check.get("rows").get(0).get("step").asString()).isEqualTo("big");
        assertThat(check.get("rows").get(0).get("what").asString()).isEqualTo("port");
    }

    /** As the owner of the database: the tenant itself cannot change its journal. */
    private void tamper(UUID run, String sql) {
        String schema =
                Drawn.inTenant(
                        APP,
                        admin,
                        () ->
                                APP.bean(JdbcClient.class)
                                        .sql("SELECT current_schema()")
                                        .query(String.class)
                                        .single());
        String table = "\"" + schema + "\".workflow_journal";
        APP.database().asOwner("ALTER TABLE " + table + " NO FORCE ROW LEVEL SECURITY");
        APP.database()
                .asOwner(sql.replace("workflow_journal", table).replace(":run", "'" + run + "'"));
        APP.database().asOwner("ALTER TABLE " + table + " FORCE ROW LEVEL SECURITY");
    }

    @Test
    void anotherVersionIsTriedOnTheSameAnswers() {
        UUID id = published(admin, sum("2"));
        UUID run = finished(id, 1, 2);
        JsonNode same = well(admin.get("/api/v1/runs/" + run + "/comparison?version=1")).json();
        assertThat(same.get("same").asBoolean()).as(same.toString()).isTrue();
        well(save(admin, id, sum("100"), 2));
        JsonNode other = well(admin.get("/api/v1/runs/" + run + "/comparison")).json();
        assertThat(other.get("same").asBoolean()).isFalse();
        JsonNode mail = step(other, "mail");
        assertThat(mail.at("/before/state").asString()).isEqualTo("succeeded");
        assertThat(mail.at("/after/state").asString()).isEqualTo("skipped");
        assertThat(other.get("unused").get(0).asString()).isEqualTo("mail");
        assertThat(admin.get("/api/v1/runs/" + run + "/comparison?version=9").status())
                .isEqualTo(404);
    }

    @Test
    void aRunBecomesACaseWithoutItsSecrets() {
        well(admin.put("/api/v1/secrets/api_key", Map.of("value", SECRET)));
        UUID id = published(admin, sum("2"));
        var given = new HashMap<String, @Nullable Object>(input(1, 2));
        given.put("note", "Basic " + base64("user:" + SECRET));
        given.put("plain", "it is " + SECRET + "!");
        given.put("headers", Map.of("Authorization", "Bearer of-somebody-else", "Accept", "x"));
        UUID run = start(admin, id, given);
        awaitRun(admin, run, "succeeded");
        Response made =
                well(
                        admin.post(
                                "/api/v1/workflows/" + id + "/tests/cases",
                                Map.of("run", run, "name", "from a run")));
        String text = made.json().get("text").asString();
        assertThat(made.json().get("failures")).as(made.body()).isEmpty();
        assertThat(text)
                .doesNotContain(SECRET)
                .doesNotContain("of-somebody-else")
                .doesNotContain(base64("user:" + SECRET))
                .contains("[secrets.api_key]")
                .contains("[removed]")
                .contains("Accept: x");
        JsonNode bench =
                well(admin.put(
                                "/api/v1/workflows/" + id + "/tests",
                                Map.of("text", text, "gate", true, "revision", 0)))
                        .json();
        assertThat(bench.get("gate").asBoolean()).isTrue();
        JsonNode summary =
                well(admin.post("/api/v1/workflows/" + id + "/tests/run", Map.of())).json();
        assertThat(summary.get("passed").asBoolean()).as(summary.toString()).isTrue();
        assertThat(summary.get("missedNodes").get(0).asString()).isEqualTo("pause");
        // The same name twice would hide which one fails.
        assertThat(
                        admin.post(
                                        "/api/v1/workflows/" + id + "/tests/cases",
                                        Map.of("run", run, "name", "from a run"))
                                .status())
                .isEqualTo(422);
    }

    @Test
    void whatFailsItsTestsIsNotPublished() {
        UUID id = published(admin, sum("2"));
        UUID run = finished(id, 1, 2);
        String text =
                well(admin.post(
                                "/api/v1/workflows/" + id + "/tests/cases",
                                Map.of("run", run, "name", "three is big")))
                        .json()
                        .get("text")
                        .asString();
        well(
                admin.put(
                        "/api/v1/workflows/" + id + "/tests",
                        Map.of("text", text, "gate", true, "revision", 0)));
        well(save(admin, id, sum("100"), 2));
        Response refused = publish(admin, id);
        assertThat(refused.problem()).isEqualTo("tests-failed");
        assertThat(refused.json().get("errors").toString()).contains("three is big", "mail");
        well(save(admin, id, sum("1"), 3));
        assertThat(publish(admin, id).status()).isEqualTo(200);
    }

    @Test
    void aGateWithoutCasesOrCoverageStaysShut() {
        UUID id = create(admin);
        well(save(admin, id, sum("2"), 1));
        well(
                admin.put(
                        "/api/v1/workflows/" + id + "/tests",
                        Map.of("text", "", "gate", true, "revision", 0)));
        assertThat(publish(admin, id).problem()).isEqualTo("tests-failed");
        String half =
                """
                coverage: {nodes: 100, edges: 100}
                cases:
                  - name: small
                    input: {items: [1]}
                    expect: {state: succeeded}
                """;
        well(
                admin.put(
                        "/api/v1/workflows/" + id + "/tests",
                        Map.of("text", half, "gate", true, "revision", 1)));
        Response refused = publish(admin, id);
        assertThat(refused.problem()).isEqualTo("tests-failed");
        assertThat(refused.json().get("errors").toString()).contains("100 %");
        assertThat(
                        admin.put(
                                        "/api/v1/workflows/" + id + "/tests",
                                        Map.of("text", "cases: [", "gate", false, "revision", 2))
                                .status())
                .isEqualTo(422);
        assertThat(
                        admin.put(
                                        "/api/v1/workflows/" + id + "/tests",
                                        Map.of("text", half, "gate", false, "revision", 1))
                                .status())
                .as("an older revision")
                .isEqualTo(422);
    }

    @Test
    void whoWeakensTheTestsDoesNotPublishByFourEyes() {
        Client author = APP.newColleague(admin, "workflow-author");
        Client second = APP.newColleague(admin, "workflow-author");
        UUID id = create(author);
        well(save(author, id, sum("2"), 1));
        well(
                second.put(
                        "/api/v1/workflows/" + id + "/tests",
                        Map.of("text", "cases: []", "gate", false, "revision", 0)));
        well(admin.put("/api/v1/workflow-rules", Map.of("fourEyes", true)));
        JsonNode review =
                well(author.post(
                                "/api/v1/workflows/" + id + "/reviews",
                                Map.of("revision", 2, "note", "")))
                        .json();
        String decide = "/api/v1/workflow-reviews/" + review.get("id").asString() + "/decision";
        var verdict = Map.of("verdict", "publish", "hash", review.get("hash").asString());
        assertThat(second.post(decide, verdict).problem()).isEqualTo("own-edit");
        assertThat(admin.post(decide, verdict).status()).isEqualTo(200);
    }

    @Test
    void aRunThatAPersonStoppedOrThatGoesOnIsNoCase() {
        UUID id =
                published(
                        admin,
                        drawing(
                                "Wait",
                                List.of(
                                        box("start", "manual", Map.of()),
                                        box("pause", "wait", Map.of("seconds", 3600))),
                                List.of(edge("start", "out", "pause"))));
        UUID run = start(admin, id, Map.of());
        var request = Map.of("run", run, "name", "x");
        String cases = "/api/v1/workflows/" + id + "/tests/cases";
        assertThat(admin.post(cases, request).problem()).isEqualTo("run-not-repeatable");
        well(admin.post("/api/v1/runs/" + run + "/cancel", Map.of()));
        assertThat(admin.post(cases, request).problem()).isEqualTo("run-not-repeatable");
        assertThat(
                        well(admin.get("/api/v1/runs/" + run + "/replay"))
                                .json()
                                .get("identical")
                                .asBoolean())
                .isTrue();
    }

    @Test
    void anotherTenantTriesReplaysAndReadsNothing() {
        UUID id = published(admin, sum("2"));
        UUID run = finished(id, 1);
        Client stranger = APP.newTenant();
        String workflow = "/api/v1/workflows/" + id;
        assertThat(tryIt(stranger, id, Map.of()).status()).isEqualTo(404);
        assertThat(stranger.get(workflow + "/bench").status()).isEqualTo(404);
        assertThat(stranger.put(workflow + "/pins/total", Map.of("output", Map.of())).status())
                .isEqualTo(404);
        assertThat(
                        stranger.put(
                                        workflow + "/tests",
                                        Map.of("text", "", "gate", false, "revision", 0))
                                .status())
                .isEqualTo(404);
        assertThat(stranger.get("/api/v1/runs/" + run + "/replay").status()).isEqualTo(404);
        assertThat(stranger.get("/api/v1/runs/" + run + "/comparison").status()).isEqualTo(404);
        // A run of one's own workflow only: not one of another workflow of the same tenant.
        UUID other = published(admin, sum("5"));
        assertThat(
                        admin.post(
                                        "/api/v1/workflows/" + other + "/tests/cases",
                                        Map.of("run", run, "name", "x"))
                                .status())
                .isEqualTo(404);
    }

    private static String base64(String text) {
        return java.util.Base64.getEncoder()
                .encodeToString(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
