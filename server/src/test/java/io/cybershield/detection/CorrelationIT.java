package io.cybershield.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Correlation, coverage, quarantine and explanation on the real database. */
class CorrelationIT {
    private static final TestApplication APP = TestApplication.shared();
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Instant START = Instant.parse("2026-11-20T10:00:00Z");

    private static <T> T in(Client tenant, Supplier<T> work) {
        return APP.bean(Transactions.class)
                .callAs(
                        Scope.tenant(new TenantId(tenant.tenant()), Principal.system("test")),
                        work);
    }

    private static void run(Client tenant, Runnable work) {
        in(
                tenant,
                () -> {
                    work.run();
                    return true;
                });
    }

    private static JsonNode take(Client tenant, String name, String text) {
        in(
                tenant,
                () -> {
                    try {
                        return APP.bean(Rules.class)
                                .take(
                                        name,
                                        new ByteArrayInputStream(
                                                text.getBytes(StandardCharsets.UTF_8)));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
        return tenant.get("/api/v1/rules/summary").json();
    }

    private static String source(Client tenant, String kind) {
        JsonNode made =
                tenant.post(
                                "/api/v1/sources",
                                Map.of("name", "source " + UUID.randomUUID(), "kind", kind))
                        .json();
        return made.get("source").get("id").asString() + " " + made.get("token").asString();
    }

    private static void send(Client tenant, String source, String type, String body) {
        String[] of = source.split(" ");
        Response taken =
                tenant.send(
                        tenant.request("/api/v1/ingest/" + of[0])
                                .header("Authorization", "Bearer " + of[1])
                                .header("Content-Type", type)
                                .POST(BodyPublishers.ofString(body)));
        assertThat(taken.status()).as(taken.body()).isEqualTo(202);
    }

    private static List<JsonNode> findings(Client tenant, String rule) {
        var found = new ArrayList<JsonNode>();
        tenant.get("/api/v1/findings?limit=200")
                .json()
                .get("items")
                .forEach(f -> {
                    if (f.get("ruleId").asString().equals(rule)) {
                        found.add(f);
                    }
                });
        return found;
    }

    private static List<JsonNode> await(Client tenant, String rule, int count) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> findings(tenant, rule), all -> all.size() >= count);
    }

    private static String event(Instant at, String kind, String user) {
        return "{\"time\":\"%s\",\"logsource\":{\"category\":\"test\"},\"kind\":\"%s\",\"user\":\"%s\",\"host\":\"web01\"}"
                .formatted(at, kind, user);
    }

    private static String events(Instant from, String kind, String user, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> event(from.plusSeconds(i), kind, user))
                .collect(Collectors.joining("\n"));
    }

    @Test
    void manyFailuresAreOneFindingInAnIncidentAndTheFailuresAreNone() {
        Client admin = APP.newTenant();
        Client other = APP.newTenant();
        for (Client tenant : List.of(admin, other)) {
            JsonNode summary =
                    take(
                            tenant,
                            "all.yml",
                            TestRules.BASES + "---\n" + TestRules.guessing(5, false));
            assertThat(summary.get("correlations").asInt()).isGreaterThan(1);
        }
        String source = source(admin, "json");
        String others = source(other, "json");
        Instant now = Instant.now().minusSeconds(60);

        // Four here and four there are not eight: tenants do not feed each other.
        send(other, others, "application/x-ndjson", events(now, "failed", "ada", 4));
        send(admin, source, "application/x-ndjson", events(now, "failed", "ada", 4));
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> taken(admin) == 4 && taken(other) == 4);
        assertThat(findings(admin, TestRules.GUESSING)).isEmpty();
        send(
                admin,
                source,
                "application/x-ndjson",
                events(now.plusSeconds(10), "failed", "ada", 2));

        JsonNode finding = await(admin, TestRules.GUESSING, 1).getFirst();
        assertThat(finding.get("severity").asString()).isEqualTo("high");
        assertThat(finding.get("host").asString()).isEqualTo("web01");
        assertThat(finding.get("eventIds")).hasSize(5);
        assertThat(finding.get("correlation").get("value").asString()).isEqualTo("5");
        assertThat(finding.get("correlation").get("condition").asString()).isEqualTo(">= 5");
        assertThat(finding.get("correlation").get("group").get(0).get("value").asString())
                .isEqualTo("ada");
        String incident = finding.get("incidentId").asString();
        assertThat(admin.get("/api/v1/incidents/" + incident).json().get("host").asString())
                .isEqualTo("web01");

        // An event says which correlations it went into, also those in the middle of the window.
        String first = finding.get("eventIds").get(0).asString();
        assertThat(
                        admin.get("/api/v1/events/" + first)
                                .json()
                                .get("findings")
                                .get(0)
                                .get("id")
                                .asString())
                .isEqualTo(finding.get("id").asString());

        assertThat(findings(admin, TestRules.FAILED)).isEmpty();
        assertThat(findings(other, TestRules.GUESSING)).isEmpty();
        assertThat(rule(admin, TestRules.FAILED).get("hits").asInt()).isEqualTo(6);
        assertThat(other.get("/api/v1/findings").json().get("items")).isEmpty();
    }

    private static long taken(Client tenant) {
        return tenant.get("/api/v1/rules/correlation").json().get("taken").asLong();
    }

    private static JsonNode rule(Client tenant, String ruleId) {
        JsonNode row = tenant.get("/api/v1/rules?q=" + ruleId).json().get("items").get(0);
        return tenant.get("/api/v1/rules/" + row.get("id").asString()).json();
    }

    private static Occurrence occurrence(long second, String rule, String user) {
        return new Occurrence(
                new UUID(second, user.hashCode()).toString(),
                START.plusSeconds(second).toEpochMilli(),
                List.of(rule),
                Map.of("user", user, "port", 7));
    }

    private static void feed(Client tenant, String line, List<Occurrence> hits) {
        run(
                tenant,
                () ->
                        APP.bean(CorrelationStore.class)
                                .feed(
                                        APP.bean(io.cybershield.platform.Ids.class).next(),
                                        line,
                                        Instant.now(),
                                        hits.size(),
                                        JSON.writeValueAsString(hits)));
    }

    private static void correlate(Client tenant) {
        run(tenant, () -> APP.bean(Correlations.class).take());
    }

    private static final class PowerCut extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void findsTheSameAndOnceWhateverStopsBetweenBatches() {
        Client admin = APP.newTenant();
        take(
                admin,
                "all.yml",
                TestRules.BASES
                        + "---\n"
                        + TestRules.guessing(3, false)
                        + "---\n"
                        + TestRules.MORE);
        var random = new Random(7);
        List<List<Occurrence>> batches = new ArrayList<>();
        long second = 0;
        for (int i = 0; i < 60; i++) {
            var batch = new ArrayList<Occurrence>();
            for (int j = 0; j < 5; j++) {
                second += random.nextInt(40);
                batch.add(
                        occurrence(
                                second,
                                random.nextInt(4) == 0 ? TestRules.ACCEPTED : TestRules.FAILED,
                                random.nextBoolean() ? "ada" : "bob"));
            }
            batches.add(batch);
        }
        ActiveRules active = in(admin, () -> APP.bean(Rules.class).current());
        var straight = new CorrelationLine(active.correlations(), active.known(), true);
        var expected = new ArrayList<String>();
        batches.forEach(batch ->
                straight.take(batch).stream()
                        .filter(hit -> !active.silenced().contains(hit.rule().id()))
                        .forEach(hit ->
                                expected.add(
                                        hit.rule().id()
                                                + hit.group()
                                                + hit.lastMillis()
                                                + hit.eventIds())));
        assertThat(expected).hasSizeGreaterThan(10);

        Correlations correlations = APP.bean(Correlations.class);
        for (List<Occurrence> batch : batches) {
            feed(admin, "history-of-a-test", batch);
            if (random.nextInt(3) == 0) {
                correlations.forget(); // another node takes over, or this one starts again
            }
            if (random.nextBoolean()) {
                assertThatThrownBy(() ->
                                run(
                                        admin,
                                        () -> {
                                            correlations.take();
                                            throw new PowerCut();
                                        }))
                        .isInstanceOf(PowerCut.class);
            }
            if (random.nextInt(3) > 0) {
                correlate(admin);
            }
        }
        correlate(admin);
        assertThat(told(admin)).containsExactlyInAnyOrderElementsOf(expected);
    }

    private static List<String> told(Client tenant) {
        return in(
                tenant,
                () ->
                        APP
                                .bean(FindingStore.class)
                                .list(null, null, null, 200)
                                .items()
                                .reversed()
                                .stream()
                                .filter(f -> f.correlation() != null)
                                .map(f -> {
                                    Map<String, String> group = new java.util.LinkedHashMap<>();
                                    f.correlation()
                                            .group()
                                            .forEach(v -> group.put(v.field(), v.value()));
                                    return f.ruleId()
                                            + group
                                            + f.occurredAt().toEpochMilli()
                                            + f.eventIds().stream().map(UUID::toString).toList();
                                })
                                .toList());
    }

    @Test
    void aCorrelationThatIsChangedBeginsAnewAndTheOthersKeepWhatTheyKnow() {
        for (boolean restarted : List.of(false, true)) {
            Client admin = APP.newTenant();
            take(admin, "bases.yml", TestRules.BASES);
            take(admin, "guessing.yml", TestRules.guessing(3, false));
            String twin =
                    TestRules.guessing(3, false)
                            .replace(TestRules.GUESSING, TestRules.SLOW)
                            .replace("name: guessing", "name: twin");
            take(admin, "twin.yml", twin);
            feed(
                    admin,
                    "live",
                    List.of(
                            occurrence(0, TestRules.FAILED, "ada"),
                            occurrence(1, TestRules.FAILED, "ada")));
            correlate(admin);

            take(admin, "guessing.yml", TestRules.guessing(2, false));
            if (restarted) {
                APP.bean(Correlations.class).forget();
            }
            feed(admin, "live", List.of(occurrence(2, TestRules.FAILED, "ada")));
            correlate(admin);
            assertThat(findings(admin, TestRules.SLOW)).as("unchanged").hasSize(1);
            assertThat(findings(admin, TestRules.GUESSING)).as("changed").isEmpty();
            feed(admin, "live", List.of(occurrence(3, TestRules.FAILED, "ada")));
            correlate(admin);
            assertThat(findings(admin, TestRules.GUESSING)).hasSize(1);
            assertThat(admin.get("/api/v1/rules/correlation").json().get("forgotten").asInt())
                    .isOne();

            // Only the title is another: nothing is forgotten.
            take(admin, "twin.yml", twin.replace("Many sign-ins failed", "Another title"));
            correlate(admin);
            assertThat(admin.get("/api/v1/rules/correlation").json().get("forgotten").asInt())
                    .isOne();
        }
    }

    @Test
    void whatIsLateOrHasNoGroupIsCounted() {
        Client admin = APP.newTenant();
        take(admin, "all.yml", TestRules.BASES + "---\n" + TestRules.guessing(3, false));
        feed(
                admin,
                "live",
                List.of(
                        occurrence(10_000, TestRules.FAILED, "ada"),
                        occurrence(0, TestRules.FAILED, "ada"),
                        new Occurrence(
                                UUID.randomUUID().toString(),
                                START.plusSeconds(10_000).toEpochMilli(),
                                List.of(TestRules.FAILED),
                                Map.of())));
        correlate(admin);
        JsonNode tally = admin.get("/api/v1/rules/correlation").json();
        assertThat(tally.get("taken").asInt()).isEqualTo(3);
        assertThat(tally.get("late").asInt()).isOne();
        assertThat(tally.get("ungrouped").asInt()).isOne();
        assertThat(tally.get("waiting").asInt()).isZero();
    }

    @Test
    void beyondItsBoundTheFeedIsCountedAndNotKept() {
        Client admin = APP.newTenant();
        take(admin, "all.yml", TestRules.BASES + "---\n" + TestRules.guessing(3, false));
        run(
                admin,
                () -> {
                    for (int i = 0; i < CorrelationStore.MOST_WAITING; i++) {
                        assertThat(
                                        APP.bean(CorrelationStore.class)
                                                .feed(
                                                        UUID.randomUUID(),
                                                        "live",
                                                        Instant.now(),
                                                        0,
                                                        "[]"))
                                .isTrue();
                    }
                    APP.bean(CorrelationFeed.class)
                            .put(
                                    Map.of("live", List.of(occurrence(0, TestRules.FAILED, "ada"))),
                                    Instant.now());
                });
        assertThat(admin.get("/api/v1/rules/correlation").json().get("overflowed").asInt()).isOne();
    }

    @Test
    void aHistoryThatNothingComesToEndsAndClosesItsWindows() {
        Client admin = APP.newTenant();
        take(
                admin,
                "all.yml",
                TestRules.BASES
                        + "---\n"
                        + TestRules.guessing(3, false)
                        + "---\n"
                        + TestRules.MORE);
        feed(admin, "old", List.of(occurrence(0, TestRules.FAILED, "ada")));
        correlate(admin);
        assertThat(findings(admin, TestRules.SLOW)).isEmpty();
        run(
                admin,
                () ->
                        APP.bean(org.springframework.jdbc.core.simple.JdbcClient.class)
                                .sql(
                                        "UPDATE correlation_line SET touched_at = now() - interval"
                                                + " '6 minutes'")
                                .update());
        correlate(admin);
        assertThat(findings(admin, TestRules.SLOW)).hasSize(1);
        assertThat(in(admin, () -> APP.bean(CorrelationStore.class).line("old").isEmpty()))
                .isTrue();
    }

    @Test
    void saysWhatIsBlindAndSinceWhenItLooked() {
        Client admin = APP.newTenant();
        JsonNode before = take(admin, "bases.yml", TestRules.BASES);
        assertThat(before.get("lookingSince").isNull()).isTrue();
        assertThat(rule(admin, TestRules.FAILED).get("coverage").isNull()).isTrue();

        send(
                admin,
                source(admin, "json"),
                "application/x-ndjson",
                "{\"logsource\":{\"category\":\"test\"},\"colour\":\"blue\"}");
        JsonNode blind =
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .until(
                                () -> rule(admin, TestRules.FAILED).get("coverage"),
                                c -> !c.isNull());
        assertThat(blind.get("state").asString()).isEqualTo("blind-fields");
        assertThat(blind.get("fields").get(0).asString()).isEqualTo("kind");
        JsonNode summary = admin.get("/api/v1/rules/summary").json();
        assertThat(summary.get("lookingSince").isNull()).isFalse();
        assertThat(summary.get("blind").asInt()).isPositive();
        assertThat(
                        admin.get("/api/v1/rules?coverage=blind&q=" + TestRules.FAILED)
                                .json()
                                .get("items"))
                .hasSize(1);

        send(
                admin,
                source(admin, "linux"),
                "application/x-ndjson",
                event(Instant.now(), "failed", "ada"));
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() ->
                        rule(admin, TestRules.FAILED)
                                .get("coverage")
                                .get("state")
                                .asString()
                                .equals("live"));
    }

    @Test
    void explainsOwnEventsOnly() {
        Client admin = APP.newTenant();
        Client other = APP.newTenant();
        take(admin, "all.yml", TestRules.BASES + "---\n" + TestRules.guessing(9, true));
        take(other, "all.yml", TestRules.BASES + "---\n" + TestRules.guessing(9, true));
        send(
                admin,
                source(admin, "json"),
                "application/x-ndjson",
                event(Instant.now(), "failed", "ada"));
        JsonNode finding = await(admin, TestRules.FAILED, 1).getFirst();
        String event = finding.get("eventIds").get(0).asString();
        String failed = rule(admin, TestRules.FAILED).get("id").asString();
        String accepted = rule(admin, TestRules.ACCEPTED).get("id").asString();
        String guessing = rule(admin, TestRules.GUESSING).get("id").asString();

        JsonNode hit = explain(admin, failed, event).json();
        assertThat(hit.get("outcome").asString()).isEqualTo("fires");
        assertThat(hit.get("selections").get(0).get("answers").get(0).get("given").asString())
                .isEqualTo("failed");
        JsonNode miss = explain(admin, accepted, event).json();
        assertThat(miss.get("outcome").asString()).isEqualTo("condition-false");
        assertThat(miss.get("why").get(0).asString()).contains("kind").contains("accepted");
        JsonNode part = explain(admin, guessing, event).json();
        assertThat(part.get("outcome").asString()).isEqualTo("fires");
        assertThat(part.get("why").get(0).asString())
                .contains("The event counts: >= 9 for each user");
        assertThat(
                        admin.get(
                                        "/api/v1/findings/"
                                                + finding.get("id").asString()
                                                + "/explanation")
                                .json()
                                .get("outcome")
                                .asString())
                .isEqualTo("fires");

        String own = rule(other, TestRules.FAILED).get("id").asString();
        assertThat(explain(other, own, event).status()).isEqualTo(404);
        assertThat(explain(other, failed, event).status()).isEqualTo(404);
        assertThat(
                        other.get(
                                        "/api/v1/findings/"
                                                + finding.get("id").asString()
                                                + "/explanation")
                                .status())
                .isEqualTo(404);
        assertThat(other.post("/api/v1/rules/" + failed + "/release", Map.of()).status())
                .isEqualTo(404);
    }

    private static Response explain(Client tenant, String rule, String event) {
        return tenant.get("/api/v1/rules/" + rule + "/explanation?event=" + event);
    }

    @Test
    void aRuleThatCostsTooMuchGoesIntoQuarantineUntilSomebodyPutsItBack() {
        Client admin = APP.newTenant();
        take(admin, "dear.yml", RulePolicyTest.dear());
        String id = "dea40000-0000-4000-8000-000000000001";
        assertThat(rule(admin, id).get("state").asString()).isEqualTo("live");
        String line =
                "{\"logsource\":{\"category\":\"test\"},\"text\":\"%s\"}"
                        .formatted("never".repeat(1_500));
        send(
                admin,
                source(admin, "json"),
                "application/x-ndjson",
                String.join("\n", java.util.Collections.nCopies(6, line)));
        JsonNode rule =
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .until(
                                () -> rule(admin, id),
                                r -> r.get("state").asString().equals("quarantined"));
        assertThat(rule.get("quarantine").asString()).contains("budget of 5,000,000 steps");
        assertThat(rule.get("cost").get("runs").asInt()).isPositive();
        assertThat(
                        in(admin, () -> APP.bean(Rules.class).current()).set().rules().stream()
                                .noneMatch(r -> r.id().equals(id)))
                .isTrue();
        assertThat(admin.get("/api/v1/rules?state=quarantined").json().get("items")).hasSize(1);
        assertThat(admin.get("/api/v1/rules/summary").json().get("quarantined").asInt()).isOne();
        assertThat(admin.get("/api/v1/audit?action=rule.quarantined").json().get("items"))
                .singleElement()
                .satisfies(entry ->
                        assertThat(entry.get("target").asString())
                                .isEqualTo("rule:" + rule.get("id").asString()));

        String path = "/api/v1/rules/" + rule.get("id").asString() + "/release";
        Client auditor = APP.newColleague(admin, "auditor");
        assertThat(auditor.post(path, Map.of()).status()).isEqualTo(403);
        assertThat(admin.post(path, Map.of()).json().get("state").asString()).isEqualTo("live");
        assertThat(admin.post(path, Map.of()).status()).isEqualTo(409);
        assertThat(admin.get("/api/v1/audit?action=rule.released").json().get("items")).hasSize(1);
    }
}
