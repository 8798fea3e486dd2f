package io.cybershield.workflow;

import static io.cybershield.workflow.TestFlows.fetch;
import static io.cybershield.workflow.TestFlows.node;
import static io.cybershield.workflow.TestFlows.start;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Large values of runs: over HTTP, a real database, and a world that answers with megabytes. */
class PayloadIT {
    private static final TestApplication APP = TestFlows.reachingApplication();
    private static final int MEGABYTES = "long".equals(System.getProperty("suite")) ? 95 : 20;
    private LargeWorld world;
    private Client admin;
    private TestFlows flows;

    @BeforeEach
    void begin() throws IOException {
        world = new LargeWorld();
        admin = APP.newTenant();
        flows = new TestFlows(admin);
    }

    @AfterEach
    void end() {
        world.close();
    }

    private static Map<String, Object> transform(String key, String expression) {
        return node(key, "transform", Map.of("expression", expression));
    }

    private Scope scope(Client client) {
        return Scope.tenant(
                new TenantId(client.tenant()),
                new Principal(Principal.Kind.WORKFLOW, UUID.randomUUID().toString(), "Test"));
    }

    private JsonNode reference(String run, String step, String name) {
        for (JsonNode one : flows.step(run, step).get("payloads")) {
            if (one.get("name").asString().equals(name)) {
                return one;
            }
        }
        throw new AssertionError(flows.step(run, step) + " has no reference " + name);
    }

    @Test
    void aLargeAnswerGoesThroughAnIfATransformAndAnotherRequest() {
        int items = MEGABYTES * 1_000_000 / 300;
        String path = "/items/" + items;
        var workflow =
                flows.publish(
                        List.of(
                                start(),
                                fetch("get", world.url(path)),
                                node(
                                        "if",
                                        "condition",
                                        Map.of(
                                                "expression",
                                                "steps.get.output.status == 200 &&"
                                                        + " size(steps.get.output.json.items) == "
                                                        + items
                                                        + " && steps.get.output.json.items[3].name"
                                                        + " == 'n3'")),
                                transform(
                                        "shape",
                                        "{'last': steps.get.output.json.items["
                                                + (items - 1)
                                                + "].name, 'total': steps.get.output.json.total}"),
                                node(
                                        "send",
                                        "http-request-keyed",
                                        Map.of(
                                                "method",
                                                "POST",
                                                "url",
                                                world.url("/sink"),
                                                "body",
                                                "{{ steps.get.output.json }}"))),
                        "start.out->get",
                        "get.out->if",
                        "if.true->shape",
                        "shape.out->send");
        String run = flows.start(workflow, Map.of());
        flows.await(run, "succeeded");
        assertThat(flows.step(run, "shape").get("output").toString())
                .isEqualTo("{\"last\":\"n" + (items - 1) + "\",\"total\":" + items + "}");
        assertThat(world.received("/sink")).isEqualTo(world.sent(path));
        var step = flows.step(run, "get");
        assertThat(step.get("output").toString()).isEqualTo("{\"status\":200}");
        var json = reference(run, "get", "json");
        assertThat(json.get("bytes").asLong()).isGreaterThan(MEGABYTES * 950_000L);
        assertThat(json.get("kind").asString()).isEqualTo("object");
        String hash = json.get("hash").asString();
        assertThat(reference(run, "get", "body").get("hash").asString())
                .as("stored once")
                .isEqualTo(hash);
        assertThat(reference(run, "send", "body").get("in").asString()).isEqualTo("input");

        String at = "/api/v1/runs/" + run + "/payloads/" + hash;
        var preview = admin.get(at + "/preview").json();
        assertThat(preview.get("text").asString()).startsWith("{\"total\":" + items).hasSize(1024);
        var replay = admin.get("/api/v1/runs/" + run + "/replay");
        assertThat(replay.body()).contains("\"identical\":true");
        var journal =
                scope(admin)
                        .get(() ->
                                APP.bean(Transactions.class)
                                        .call(() ->
                                                APP.bean(JdbcClient.class)
                                                        .sql(
                                                                "SELECT max(length(event)) FROM"
                                                                        + " workflow_journal")
                                                        .query(Integer.class)
                                                        .single()));
        assertThat(journal).as("the journal holds references").isLessThan(4_000);
    }

    @Test
    void onlyWhoMayReadTheRunReadsItsPayloads() {
        var workflow =
                flows.publish(
                        List.of(start(), fetch("get", world.url("/items/1000"))), "start.out->get");
        String run = flows.start(workflow, Map.of());
        flows.await(run, "succeeded");
        var small =
                flows.publish(
                        List.of(start(), fetch("get", world.url("/small"))), "start.out->get");
        String other = flows.start(small, Map.of());
        flows.await(other, "succeeded");
        String hash = reference(run, "get", "json").get("hash").asString();
        String at = "/api/v1/runs/" + run + "/payloads/" + hash;
        var file = admin.get(at);
        assertThat(file.status()).isEqualTo(200);
        assertThat(file.header("Content-Disposition")).contains("attachment");
        assertThat(file.header("Content-Type")).startsWith("application/json");
        assertThat(file.json().get("items")).hasSize(1000);
        assertThat(admin.get(at + "?kind=text").header("Content-Type")).startsWith("text/plain");
        assertThat(admin.get(at + "?kind=html").status()).isEqualTo(422);
        assertThat(admin.get("/api/v1/runs/" + other + "/payloads/" + hash).status())
                .as("another run")
                .isEqualTo(404);
        assertThat(admin.get("/api/v1/runs/" + run + "/payloads/" + "0".repeat(64)).status())
                .isEqualTo(404);
        assertThat(admin.get("/api/v1/runs/" + run + "/payloads/%27--").status()).isEqualTo(404);
        Client stranger = APP.newTenant();
        assertThat(stranger.get(at).status()).isEqualTo(404);
        assertThat(stranger.get(at + "/preview").status()).isEqualTo(404);
        // The same content in another company is another content.
        var theirs = new TestFlows(stranger);
        var same =
                theirs.publish(
                        List.of(start(), fetch("get", world.url("/items/1000"))), "start.out->get");
        String their = theirs.start(same, Map.of());
        theirs.await(their, "succeeded");
        assertThat(stranger.get("/api/v1/runs/" + their + "/payloads/" + hash).status())
                .isEqualTo(200);
        assertThat(stranger.get(at).status()).isEqualTo(404);
    }

    @Test
    void dataThatLooksLikeAReferenceStaysData() {
        var first =
                flows.publish(
                        List.of(start(), fetch("get", world.url("/items/100"))), "start.out->get");
        String one = flows.start(first, Map.of());
        flows.await(one, "succeeded");
        var of = reference(one, "get", "json");
        var form =
                Map.of(
                        "@payload",
                        Map.of(
                                "hash",
                                of.get("hash").asString(),
                                "bytes",
                                of.get("bytes").asLong(),
                                "kind",
                                "object"));
        var workflow =
                flows.publish(
                        List.of(
                                start(),
                                transform("copy", "trigger.forged"),
                                transform("wrapped", "{'forged': trigger.forged}")),
                        "start.out->copy",
                        "copy.out->wrapped");
        String run =
                flows.start(
                        workflow,
                        Map.of(
                                "forged",
                                form,
                                "@refs",
                                form,
                                "items",
                                Map.of("@items", form.get("@payload")),
                                "large",
                                "x".repeat(20_000)));
        flows.await(run, "succeeded");
        assertThat(flows.step(run, "copy").at("/output/@payload/kind").asString())
                .isEqualTo("object");
        assertThat(flows.step(run, "wrapped").at("/output/forged/@payload/kind").asString())
                .isEqualTo("object");
        assertThat(flows.step(run, "wrapped").get("payloads")).isEmpty();
        assertThat(
                        admin.get("/api/v1/runs/" + run + "/payloads/" + of.get("hash").asString())
                                .status())
                .as("naming a hash gives no right to it")
                .isEqualTo(404);
        assertThat(admin.get("/api/v1/runs/" + run + "/replay").body())
                .contains("\"identical\":true");
    }

    @Test
    void aLoopGoesOverAListThatIsByReference() {
        var workflow =
                flows.publish(
                        List.of(
                                start(),
                                fetch("get", world.url("/items/60")),
                                node(
                                        "each",
                                        "for-each",
                                        Map.of(
                                                "items",
                                                "steps.get.output.json.items",
                                                "parallelism",
                                                4)),
                                node(
                                        "keep",
                                        "set",
                                        Map.of("vars", Map.of("n", "item.name", "i", "index")))),
                        "start.out->get",
                        "get.out->each",
                        "each.each->keep",
                        "keep.out->each");
        String run = flows.start(workflow, Map.of());
        flows.await(run, "succeeded");
        var output = flows.step(run, "each").get("output");
        assertThat(output.get("count").asInt()).isEqualTo(60);
        assertThat(output.get("succeeded").asInt()).isEqualTo(60);
        assertThat(flows.step(run, "each[41]/keep").at("/output/n").asString()).isEqualTo("n41");
        assertThat(admin.get("/api/v1/runs/" + run + "/replay").body())
                .contains("\"identical\":true");
    }

    @Test
    void aSecretIsTakenOutOfALargeAnswerAlsoOverTheBorderOfPieces() {
        String secret = "s3cr3t-zQ7kVx9mW4rTLp2eYd";
        admin.put("/api/v1/secrets/key", Map.of("value", secret));
        var workflow =
                flows.publish(
                        List.of(
                                start(),
                                node(
                                        "get",
                                        "http-get",
                                        Map.of(
                                                "url",
                                                world.url("/echo"),
                                                "headers",
                                                Map.of("X-Say", "{{ secrets.key }}"))),
                                transform("first", "steps.get.output.json.first")),
                        "start.out->get",
                        "get.out->first");
        String run = flows.start(workflow, Map.of());
        flows.await(run, "succeeded");
        String hash = reference(run, "get", "body").get("hash").asString();
        String body = admin.get("/api/v1/runs/" + run + "/payloads/" + hash + "?kind=text").body();
        assertThat(body).hasSizeGreaterThan(1_000_000).doesNotContain(secret);
        assertThat(body.split("\\[secrets\\.key]", -1)).hasSize(3);
        assertThat(flows.step(run, "first").at("/output/value").asString())
                .isEqualTo("[secrets.key]");
    }

    @Test
    void whatIsUsedWholeIsRefusedWithTheStepAndTheMend() {
        var workflow =
                flows.publish(
                        List.of(
                                start(),
                                fetch("get", world.url("/items/5000")),
                                transform("all", "$string(steps.get.output.json)")),
                        "start.out->get",
                        "get.out->all");
        String run = flows.start(workflow, Map.of());
        flows.await(run, "failed");
        assertThat(flows.step(run, "all").get("error").asString())
                .contains("steps.get.output.json")
                .contains("by reference")
                .contains("for-each");
    }

    @Test
    void damageIsToldAndNeverRead() {
        var workflow =
                flows.publish(
                        List.of(
                                start(),
                                fetch("get", world.url("/items/5000")),
                                node("wait", "wait", Map.of("signal", "go")),
                                transform("last", "steps.get.output.json.items[4999].name")),
                        "start.out->get",
                        "get.out->wait",
                        "wait.out->last");
        String run = flows.start(workflow, Map.of());
        flows.awaitStep(run, "wait", "waiting");
        String hash = reference(run, "get", "json").get("hash").asString();
        inTenant(
                """
                UPDATE workflow_payload_chunks SET data = set_byte(data, 50, get_byte(data, 50) # 1) WHERE number = 1
                """);
        var signalled = admin.post("/api/v1/runs/" + run + "/signals", Map.of("signal", "go"));
        assertThat(signalled.status()).as(signalled.body()).isLessThan(300);
        flows.await(run, "failed");
        assertThat(flows.step(run, "last").get("error").asString())
                .contains(hash)
                .contains("piece 1 is damaged");
        var unread =
                flows.publish(
                        List.of(start(), fetch("get", world.url("/items/100"))), "start.out->get");
        String other = flows.start(unread, Map.of());
        flows.await(other, "succeeded");
        inTenant("DELETE FROM workflow_payload_chunks WHERE number = 0");
        String gone = reference(other, "get", "json").get("hash").asString();
        for (String how : List.of("", "/preview")) {
            var answer = admin.get("/api/v1/runs/" + other + "/payloads/" + gone + how);
            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.body()).contains("payload-unreadable").contains("piece 0 is missing");
        }
    }

    private void inTenant(String sql) {
        scope(admin)
                .run(() ->
                        APP.bean(Transactions.class)
                                .run(() ->
                                        assertThat(APP.bean(JdbcClient.class).sql(sql).update())
                                                .isPositive()));
    }

    @Test
    void tooMuchIsRefusedAndNothingOfItIsKept() {
        var workflow =
                flows.publish(
                        List.of(start(), fetch("get", world.url("/items/400000"))),
                        "start.out->get");
        String run = flows.start(workflow, Map.of());
        flows.await(run, "failed");
        assertThat(flows.step(run, "get").get("error").asString())
                .contains("larger than 104857600 bytes");
        long left =
                scope(admin)
                        .get(() ->
                                APP.bean(Transactions.class)
                                        .call(() ->
                                                APP.bean(JdbcClient.class)
                                                        .sql(
                                                                "SELECT count(*) FROM"
                                                                    + " workflow_payload_chunks")
                                                        .query(Long.class)
                                                        .single()));
        assertThat(left).isZero();
    }
}
