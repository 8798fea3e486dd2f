package io.cybershield.workflow;

import static io.cybershield.workflow.TestFlows.fetch;
import static io.cybershield.workflow.TestFlows.node;
import static io.cybershield.workflow.TestFlows.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Circuit breaker, rate limit and Retry-After, by connection and tenant. */
class TrafficIT {
    private static final TestApplication APP = TestFlows.reachingApplication();
    private Outside outside;
    private Client admin;
    private TestFlows flows;

    @BeforeEach
    void tenant() throws IOException {
        outside = new Outside();
        admin = APP.newTenant();
        flows = new TestFlows(admin);
    }

    @AfterEach
    void close() {
        outside.close();
    }

    private UUID fetching(TestFlows by, String path) {
        return by.publish(List.of(start(), fetch("fetch", outside.url(path))), "start.out->fetch");
    }

    private String target() {
        URI uri = URI.create(outside.url("/"));
        return uri.getHost() + ":" + uri.getPort();
    }

    private JsonNode connection() {
        for (JsonNode one : admin.get("/api/v1/connections").json().get("items")) {
            if (one.get("target").asString().equals(target())) {
                return one;
            }
        }
        throw new AssertionError("Nothing is known of " + target());
    }

    private void breakIt() {
        outside.answers("/down", 500);
        UUID workflow = fetching(flows, "/down");
        for (int i = 0; i < 5; i++) {
            flows.await(flows.start(workflow, Map.of()), "failed");
        }
    }

    @Test
    void whatFailsFiveTimesIsLeftAloneAndTheRunSaysWhy() {
        breakIt();
        assertThat(connection().get("state").asString()).isEqualTo("open");
        UUID fine = fetching(flows, "/fine");
        String held = flows.start(fine, Map.of());
        await().atMost(Duration.ofSeconds(10)).until(() -> options(held).get("held").size() == 1);
        assertThat(options(held).get("held").get(0).get("why").asString())
                .contains(target())
                .contains("calls in a row failed");
        assertThat(flows.step(held, "fetch").get("state").asString()).isEqualTo("queued");
        assertThat(flows.step(held, "fetch").get("attempts").asInt())
                .as("no attempt is used up")
                .isLessThanOrEqualTo(1);
        assertThat(outside.asked("/fine")).isZero();
        assertThat(connection().get("waiting").asInt()).isEqualTo(1);

        var closed =
                admin.post(
                        "/api/v1/connections/close",
                        Map.of("connector", "http", "target", target()));
        assertThat(closed.status()).as(closed.body()).isEqualTo(200);
        flows.await(held, "succeeded");
        assertThat(outside.asked("/fine")).isEqualTo(1);
        assertThat(admin.get("/api/v1/audit").body()).contains("connection.closed");
    }

    @Test
    void aRunThatWaitsForAConnectionIsKilledLikeAnyOther() {
        breakIt();
        String held = flows.start(fetching(flows, "/fine"), Map.of());
        await().atMost(Duration.ofSeconds(10)).until(() -> options(held).get("held").size() == 1);
        admin.post("/api/v1/runs/" + held + "/stop", Map.of("mode", "kill", "reason", "Too long"));
        assertThat(flows.run(held).get("state").asString()).isEqualTo("cancelled");
        admin.post("/api/v1/connections/close", Map.of("connector", "http", "target", target()));
        String next = flows.start(fetching(flows, "/next"), Map.of());
        flows.await(next, "succeeded");
        assertThat(outside.asked("/fine")).isZero();
    }

    @Test
    void anotherTenantsFailuresHoldNobodyElse() {
        breakIt();
        Client other = APP.newTenant();
        var theirs = new TestFlows(other);
        String run = theirs.start(fetching(theirs, "/fine"), Map.of());
        theirs.await(run, "succeeded");
        assertThat(other.get("/api/v1/connections").json().get("items")).isEmpty();
        assertThat(
                        other.post(
                                        "/api/v1/connections/close",
                                        Map.of("connector", "http", "target", target()))
                                .status())
                .isEqualTo(404);
        assertThat(connection().get("state").asString()).isEqualTo("open");
    }

    @Test
    void afterThePauseOneCallTriesAndTheOthersFollow() {
        breakIt();
        outside.answers("/down", 200);
        var waiting = new ArrayList<String>();
        UUID fine = fetching(flows, "/fine");
        for (int i = 0; i < 5; i++) {
            waiting.add(flows.start(fine, Map.of()));
        }
        for (String run : waiting) {
            org.awaitility.Awaitility.await()
                    .atMost(Duration.ofSeconds(45))
                    .until(() -> flows.run(run).get("state").asString().equals("succeeded"));
        }
        assertThat(outside.asked("/fine")).isEqualTo(5);
        assertThat(connection().get("state").asString()).isEqualTo("closed");
    }

    @Test
    void whoeverAsksToBeLeftAloneIs() {
        outside.answers("/busy", 429, "3");
        Map<String, Object> retry =
                Map.of("retry", Map.of("maxAttempts", 2, "delaySeconds", 0, "backoff", "fixed"));
        UUID workflow =
                flows.publish(
                        List.of(
                                start(),
                                node(
                                        "fetch",
                                        "http-get",
                                        Map.of("url", outside.url("/busy")),
                                        retry)),
                        "start.out->fetch");
        Instant began = Instant.now();
        String run = flows.start(workflow, Map.of());
        flows.awaitStep(run, "fetch", "retry-at");
        outside.answers("/busy", 200);
        String other = flows.start(fetching(flows, "/other"), Map.of());
        flows.await(run, "succeeded");
        flows.await(other, "succeeded");
        assertThat(Instant.now()).isAfter(began.plusSeconds(3));
        assertThat(Instant.parse(flows.step(other, "fetch").get("endedAt").asString()))
                .as("the other run leaves it alone, too")
                .isAfter(began.plusSeconds(3));
        assertThat(outside.asked("/busy")).isEqualTo(2);
    }

    @Test
    void aRateLimitIsKeptInTheOrderOfArrival() {
        var limit =
                admin.put(
                        "/api/v1/connections/limit",
                        Map.of(
                                "connector",
                                "http",
                                "target",
                                target(),
                                "perMinute",
                                60,
                                "burst",
                                2));
        assertThat(limit.status()).as(limit.body()).isEqualTo(200);
        UUID workflow = fetching(flows, "/limited");
        Instant began = Instant.now();
        var runs = new ArrayList<String>();
        for (int i = 0; i < 6; i++) {
            runs.add(flows.start(workflow, Map.of()));
        }
        for (String run : runs) {
            flows.await(run, "succeeded");
        }
        assertThat(Duration.between(began, Instant.now()))
                .as("two at once, then one a second")
                .isGreaterThan(Duration.ofMillis(3_500));
        assertThat(outside.asked("/limited")).isEqualTo(6);
        assertThat(admin.get("/api/v1/audit").body()).contains("connection.limited");
    }

    @Test
    void onlyAnAdministratorChangesWhatGoesOverAConnection() {
        Client author = APP.newColleague(admin, "workflow-author");
        var limit = Map.of("connector", "http", "target", "example.org", "perMinute", 1);
        assertThat(author.put("/api/v1/connections/limit", limit).status()).isEqualTo(403);
        assertThat(
                        author.post(
                                        "/api/v1/connections/close",
                                        Map.of("connector", "http", "target", "example.org"))
                                .status())
                .isEqualTo(403);
        assertThat(author.get("/api/v1/connections").status()).isEqualTo(200);
        var bad =
                admin.put(
                        "/api/v1/connections/limit",
                        Map.of("connector", "http", "target", "example.org", "perMinute", 0));
        assertThat(bad.status()).isEqualTo(422);
    }

    private JsonNode options(String run) {
        return admin.get("/api/v1/runs/" + run + "/options").json();
    }
}
