package io.cybershield.billing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.platform.Principal;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Quotas;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.dao.DataAccessException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Plans that bind: over HTTP, against a server that has them, with limits small enough to reach.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BillingIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String PLANS =
            """
            {"currency": "EUR", "trialDays": 14, "fallback": "unlimited", "plans": [
              {"name": "tiny", "title": "Tiny", "offered": true, "monthlyCents": 1000,
               "limits": {"users": 3, "endpoints": 5, "eventsPerDay": 20, "retentionDays": 7, "runsPerMonth": 3}},
              {"name": "large", "title": "Large", "offered": true, "monthlyCents": 9000,
               "limits": {"users": 5, "eventsPerDay": 2000, "runsPerMonth": 10}},
              {"name": "unlimited", "title": "Unlimited", "offered": false, "monthlyCents": 0, "limits": {}}
            ]}
            """;
    private TestApplication app;

    @BeforeAll
    void aServerWithPlans() throws IOException {
        Path plans = Files.writeString(Files.createTempFile("plans", ".json"), PLANS);
        app =
                TestApplication.boot(
                        Map.of(
                                "cybershield.billing.enabled",
                                true,
                                "cybershield.billing.plans",
                                plans.toString()));
    }

    @AfterAll
    void stop() {
        app.close();
    }

    // ---- plans

    @Test
    void aServerWithoutPlansLimitsNothingCountsNothingAndDoesNotNag() {
        var plain = TestApplication.shared();
        Client admin = plain.newTenant();
        assertThat(plain.anonymous().get("/api/v1/plans").json().get("plans")).isEmpty();
        JsonNode billing = admin.get("/api/v1/billing").json();
        assertThat(billing.get("enabled").asBoolean()).isFalse();
        assertThat(billing.get("meters")).isEmpty();
        assertThat(admin.get("/api/v1/billing/invoices").json().get("items")).isEmpty();
        assertThat(admin.put("/api/v1/billing/plan", Map.of("plan", "starter")).problem())
                .isEqualTo("invalid");
        var quotas = plain.bean(Quotas.class);
        quotas.takeEvents(new TenantId(admin.tenant()), Integer.MAX_VALUE);
        start(admin, workflow(admin, "manual", Map.of()));
        for (String table :
                List.of("subscription", "usage_day", "event_allowance", "plan_notice")) {
            assertThat(rows(plain, table, admin)).as(table).isZero();
        }
    }

    @Test
    void thePlanIsChosenWhenSigningUpAndBeginsWithATrial() {
        JsonNode offers = app.anonymous().get("/api/v1/plans").json();
        assertThat(offers.get("plans").valueStream().map(p -> p.get("name").asString()))
                .containsExactly("tiny", "large");
        var wrong = app.anonymous().post("/api/v1/sign-up", form("x@example.org", "unlimited"));
        assertThat(wrong.status()).isEqualTo(422);
        assertThat(wrong.json().at("/errors/0/pointer").asString()).isEqualTo("#/plan");
        // A known address is answered as any other, with a good plan and with a bad one.
        String known = app.newTenant().email();
        assertThat(app.anonymous().post("/api/v1/sign-up", form(known, "large")).status())
                .isEqualTo(202);
        assertThat(app.anonymous().post("/api/v1/sign-up", form(known, "gold")).body())
                .isEqualTo(
                        app.anonymous()
                                .post("/api/v1/sign-up", form("y@example.org", "gold"))
                                .body());
        String email = "large-" + UUID.randomUUID() + "@example.org";
        Client admin = app.anonymous();
        admin.post("/api/v1/sign-up", form(email, "large"));
        String token = TestApplication.token(app.mailedLink(email, "/verify"));
        assertThat(admin.post("/api/v1/sign-up/verify", Map.of("token", token)).status())
                .isEqualTo(200);
        admin.signIn(email, TestApplication.PASSWORD).setUpSecondFactor();
        JsonNode billing = admin.get("/api/v1/billing").json();
        assertThat(billing.get("title").asString()).isEqualTo("Large");
        assertThat(Instant.parse(billing.get("trialUntil").asString()))
                .isBetween(
                        Instant.now().plus(Duration.ofDays(13)),
                        Instant.now().plus(Duration.ofDays(14)));
        // The first one, where none was chosen.
        assertThat(app.newTenant().get("/api/v1/billing").json().get("plan").asString())
                .isEqualTo("tiny");
    }

    @Test
    void subscribingAgainChangesNothingAndCanBeUndone() {
        var subscriptions = app.bean(Subscriptions.class);
        var tenant = new TenantId(UUID.randomUUID());
        subscriptions.subscribe(tenant, "large");
        subscriptions.subscribe(tenant, "tiny");
        assertThat(subscriptions.historyOf(tenant))
                .extracting(Subscription::plan)
                .containsExactly("large");
        subscriptions.withdraw(tenant);
        subscriptions.withdraw(tenant);
        assertThat(subscriptions.historyOf(tenant)).isEmpty();
        // Who has no subscription, such as who was there before, has no limits.
        assertThat(subscriptions.planOf(tenant).limits().isNone()).isTrue();
    }

    @Test
    void onlyAdministratorsSeeAndChangeThePlanAndTheTrailHasIt() {
        Client admin = newTenant("tiny");
        Client analyst = app.newColleague(admin, "analyst");
        assertThat(analyst.get("/api/v1/billing").problem()).isEqualTo("denied");
        assertThat(analyst.get("/api/v1/billing/invoices").problem()).isEqualTo("denied");
        assertThat(analyst.put("/api/v1/billing/plan", Map.of("plan", "large")).problem())
                .isEqualTo("denied");
        assertThat(admin.put("/api/v1/billing/plan", Map.of("plan", "unlimited")).status())
                .isEqualTo(422);
        JsonNode changed = admin.put("/api/v1/billing/plan", Map.of("plan", "large")).json();
        assertThat(changed.get("plan").asString()).isEqualTo("large");
        assertThat(admin.put("/api/v1/billing/plan", Map.of("plan", "large")).status())
                .isEqualTo(200);
        var trail = admin.get("/api/v1/audit?action=billing.plan-changed").json().get("items");
        assertThat(trail).hasSize(1);
        assertThat(trail.get(0).at("/detail/before").asString()).isEqualTo("tiny");
    }

    // ---- people

    @Test
    void anInvitationBeyondThePlanIsRefusedWithTheNumbersUntilThereIsRoom() {
        Client admin = newTenant("tiny");
        Client bob = app.newColleague(admin, "analyst");
        Response third = invite(admin, "third-" + UUID.randomUUID());
        assertThat(third.status()).isEqualTo(201);
        Response fourth = invite(admin, "fourth");
        assertThat(fourth.status()).isEqualTo(409);
        assertThat(fourth.problem()).isEqualTo("plan-users-used-up");
        assertThat(fourth.json().get("limit").asInt()).isEqualTo(3);
        assertThat(fourth.json().get("used").asInt()).isEqualTo(3);
        assertThat(fourth.json().get("detail").asString())
                .contains("Tiny has 3 users", "3 are active or invited", "Disable somebody");
        // Inviting the same person again takes no further place.
        assertThat(
                        admin.post(
                                        "/api/v1/invitations",
                                        Map.of(
                                                "email",
                                                third.json().get("email").asString(),
                                                "role",
                                                "analyst"))
                                .status())
                .isEqualTo(201);
        assertThat(meter(admin, "users").get("state").asString()).isEqualTo("full");
        // Room is made by disabling; who was disabled comes back only if there is room.
        admin.patch("/api/v1/users/" + bob.account(), Map.of("disabled", true));
        assertThat(invite(admin, "fifth").status()).isEqualTo(201);
        var back = admin.patch("/api/v1/users/" + bob.account(), Map.of("disabled", false));
        assertThat(back.problem()).isEqualTo("plan-users-used-up");
        // Nobody is thrown out by a smaller plan, and a larger one helps at once.
        admin.put("/api/v1/billing/plan", Map.of("plan", "large"));
        assertThat(
                        admin.patch("/api/v1/users/" + bob.account(), Map.of("disabled", false))
                                .status())
                .isEqualTo(200);
        JsonNode smaller = admin.put("/api/v1/billing/plan", Map.of("plan", "tiny")).json();
        assertThat(smaller.at("/choices/0/over/0").asString()).isEqualTo("users");
        assertThat(admin.get("/api/v1/users").status()).isEqualTo(200);
    }

    @Test
    void invitationsAtOnceDoNotGetPastTheLimitTogether() throws Exception {
        Client admin = newTenant("tiny");
        admin.get("/api/v1/session");
        try (var threads = Executors.newFixedThreadPool(8)) {
            Callable<Integer> invites = () -> invite(admin, UUID.randomUUID().toString()).status();
            var answers =
                    threads.invokeAll(Collections.nCopies(16, invites)).stream()
                            .map(f -> f.resultNow())
                            .toList();
            assertThat(answers).containsOnly(201, 409);
            assertThat(Collections.frequency(answers, 201)).isEqualTo(2);
        }
    }

    // ---- machines

    /** Of which something was heard lately; one more than the plan has is told and taken. */
    @Test
    void machinesAreCountedAndNeverRefused() throws Exception {
        Client admin = newTenant("tiny");
        var door = door(admin);
        String lately = Instant.now().minus(Duration.ofDays(29)).toString();
        String longAgo = Instant.now().minus(Duration.ofDays(31)).toString();
        var lines = new ArrayList<String>();
        for (String host : List.of("a", "b", "B", "c", "d")) {
            lines.add(
                    "{\"host\":\"%s\",\"time\":\"%s\",\"message\":\"x\"}".formatted(host, lately));
        }
        lines.add("{\"host\":\"gone\",\"time\":\"%s\",\"message\":\"x\"}".formatted(longAgo));
        assertThat(door.send(lines).statusCode()).isEqualTo(202);
        awaitMachines(admin, 4, "high");
        assertThat(door.send(List.of("{\"host\":\"e\"}", "{\"host\":\"f\"}")).statusCode())
                .isEqualTo(202);
        awaitMachines(admin, 6, "full");
        app.bean(Notices.class).tick();
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() ->
                        mails(admin).stream()
                                .anyMatch(m ->
                                        m.startsWith(
                                                "Your CyberShield plan's machines are used up")));
        assertThat(meter(newTenant("tiny"), "endpoints").get("used").asInt()).isZero();
    }

    private static void awaitMachines(Client admin, int used, String state) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> {
                    JsonNode machines = meter(admin, "endpoints");
                    assertThat(machines.get("used").asInt()).isEqualTo(used);
                    assertThat(machines.get("state").asString()).isEqualTo(state);
                    assertThat(machines.get("refused").asInt()).isZero();
                });
    }

    // ---- events

    @Test
    void recordsBeyondTheDayAreRefusedCountedAndNeverMoreThanThePlanTaken() throws Exception {
        Client admin = newTenant("tiny");
        var door = door(admin);
        try (var threads = Executors.newFixedThreadPool(8)) {
            Callable<Integer> sends = () -> door.send(3).statusCode();
            var answers =
                    threads.invokeAll(Collections.nCopies(24, sends)).stream()
                            .map(f -> f.resultNow())
                            .toList();
            assertThat(answers).containsOnly(202, 429);
            assertThat(Collections.frequency(answers, 202)).as("6 times 3 of 20").isEqualTo(6);
        }
        var refused = door.send(3);
        assertThat(refused.headers().firstValueAsLong("Retry-After").orElse(0))
                .isBetween(1L, 86_401L);
        JsonNode problem = JSON.readTree(refused.body());
        assertThat(problem.get("type").asString()).isEqualTo("/problems/plan-events-used-up");
        assertThat(problem.get("limit").asInt()).isEqualTo(20);
        assertThat(problem.get("detail").asString()).contains("Tiny has 20 events a day");
        assertThat(door.send(2).statusCode()).as("two still fit").isEqualTo(202);
        assertThat(door.send(1).statusCode()).isEqualTo(429);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> {
                    JsonNode events = meter(admin, "events");
                    assertThat(events.get("used").asInt()).isEqualTo(20);
                    assertThat(events.get("refused").asInt()).isEqualTo(18 * 3 + 3 + 1);
                    assertThat(events.get("state").asString()).isEqualTo("full");
                });
        JsonNode source = admin.get("/api/v1/sources").json().at("/items/0");
        assertThat(source.get("refused").asInt()).isEqualTo(18 * 3 + 3 + 1);
        assertThat(source.get("received").asInt()).isEqualTo(20);
        // A larger plan opens the door at once.
        admin.put("/api/v1/billing/plan", Map.of("plan", "large"));
        assertThat(door.send(30).statusCode()).isEqualTo(202);
    }

    @Test
    void nodesTogetherTakeNoMoreThanThePlanAndARestartForgetsNothing() throws Exception {
        Client admin = newTenant("large");
        var tenant = new TenantId(admin.tenant());
        var nodes = List.of(node(), node(), node());
        long taken;
        try (var threads = Executors.newFixedThreadPool(9)) {
            var work = new ArrayList<Callable<Long>>();
            for (int i = 0; i < 9; i++) {
                PlanQuotas node = nodes.get(i % 3);
                work.add(() -> takeAll(node, tenant, 7));
            }
            taken = threads.invokeAll(work).stream().mapToLong(f -> f.resultNow()).sum();
        }
        assertThat(taken).isLessThanOrEqualTo(2000);
        // All but what is left of a block on each node, less than one request.
        assertThat(taken).isGreaterThan(2000 - 3 * 7);
        // Killed: what is left of its block is lost. Ended: it goes back.
        nodes.get(0).stop();
        nodes.get(1).stop();
        nodes.get(2).stop();
        var again = node();
        assertThat(taken + takeAll(again, tenant, 1)).isEqualTo(2000);
        assertThat(takeAll(node(), tenant, 1)).isZero();
    }

    private PlanQuotas node() {
        return new PlanQuotas(
                app.bean(Subscriptions.class),
                app.bean(UsageStore.class),
                app.bean(io.cybershield.platform.Transactions.class),
                Clock.systemUTC());
    }

    private static long takeAll(PlanQuotas node, TenantId tenant, int each) {
        long taken = 0;
        try {
            for (; ; taken += each) {
                node.takeEvents(tenant, each);
            }
        } catch (ProblemException e) {
            assertThat(e.problem().slug()).isEqualTo("plan-events-used-up");
            return taken;
        }
    }

    @Test
    void aFileThatThePlanHasNoRoomForIsRefusedInWordsAndCounted() {
        Client admin = newTenant("tiny");
        String lines =
                IntStream.range(0, 30)
                        .mapToObj(i -> "{\"message\":\"line " + i + "\"}")
                        .collect(Collectors.joining("\n"));
        String part =
                "--cut\r\n"
                    + "Content-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n"
                        + lines
                        + "\r\n--cut--\r\n";
        String id =
                admin.send(
                                admin.csrf(admin.request("/api/v1/uploads"))
                                        .header("Content-Type", "multipart/form-data; boundary=cut")
                                        .POST(BodyPublishers.ofString(part)))
                        .json()
                        .get("id")
                        .asString();
        JsonNode ended =
                Awaitility.await()
                        .atMost(Duration.ofSeconds(20))
                        .until(
                                () -> admin.get("/api/v1/uploads/" + id).json(),
                                upload -> !upload.get("state").asString().equals("reading"));
        assertThat(ended.get("records").asInt()).isZero();
        assertThat(ended.get("refused").asInt()).isEqualTo(30);
        assertThat(ended.at("/problems/0/problem").asString())
                .contains("Reading stopped", "Tiny has 20 events a day");
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> meter(admin, "events").get("refused").asInt() == 30);
        assertThat(meter(admin, "events").get("used").asInt()).isZero();
    }

    // ---- runs

    @Test
    void runsBeyondTheMonthDoNotStartAndWhatIsTriggeredIsCounted() throws Exception {
        Client admin = newTenant("tiny");
        UUID manual = workflow(admin, "manual", Map.of());
        UUID hooked = workflow(admin, "webhook", Map.of("auth", "none"));
        URI hook =
                app.address()
                        .resolve(
                                URI.create(trigger(admin, hooked).get("address").asString())
                                        .getPath());
        assertThat(start(admin, manual).status()).isEqualTo(201);
        assertThat(post(hook).statusCode()).isEqualTo(202);
        assertThat(start(admin, manual).status()).isEqualTo(201);
        assertThat(meter(admin, "runs").get("used").asInt()).isEqualTo(3);
        Response refused = start(admin, manual);
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.problem()).isEqualTo("plan-runs-used-up");
        assertThat(refused.json().get("limit").asInt()).isEqualTo(3);
        assertThat(refused.json().get("detail").asString())
                .contains("Tiny has 3 workflow runs a month", "Nothing was started");
        assertThat(post(hook).statusCode()).isEqualTo(409);
        assertThat(post(hook).statusCode()).isEqualTo(409);
        assertThat(admin.get("/api/v1/runs").json().get("items")).hasSize(3);
        JsonNode runs = meter(admin, "runs");
        assertThat(runs.get("used").asInt()).isEqualTo(3);
        assertThat(runs.get("refused").asInt()).isEqualTo(2);
        assertThat(
                        trigger(admin, hooked)
                                .get("counts")
                                .valueStream()
                                .filter(c -> c.get("what").asString().equals("plan"))
                                .mapToInt(c -> c.get("count").asInt())
                                .sum())
                .isEqualTo(2);
        admin.put("/api/v1/billing/plan", Map.of("plan", "large"));
        assertThat(post(hook).statusCode()).isEqualTo(202);
    }

    // ---- notices

    @Test
    void administratorsAreToldOnceAtEightyPercentAndOnceWhenItIsUsedUp() throws Exception {
        Client admin = newTenant("tiny");
        var notices = app.bean(Notices.class);
        var door = door(admin);
        notices.tick();
        assertThat(mails(admin)).isEmpty();
        door.send(16);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> meter(admin, "events").get("used").asInt() == 16);
        assertThat(meter(admin, "events").get("state").asString()).isEqualTo("high");
        notices.tick();
        notices.tick();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> mails(admin).size() == 1);
        assertThat(mails(admin).getFirst()).startsWith("80 % of your CyberShield plan's events");
        door.send(4);
        notices.tick();
        notices.tick();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> mails(admin).size() == 2);
        assertThat(mails(admin))
                .anyMatch(subject -> subject.endsWith("events of the day are used up"));
        notices.tick();
        assertThat(rows(app, "plan_notice", admin)).isEqualTo(2);
    }

    @Test
    void administratorsAreToldBeforeTheTrialEnds() {
        Client admin = newTenant("tiny");
        app.database()
                .asOwner(
                        "UPDATE platform.subscription SET trial_until = now() + interval '2 days'"
                                + " WHERE tenant_id = '"
                                + admin.tenant()
                                + "'");
        app.bean(Notices.class).tick();
        app.bean(Notices.class).tick();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !mails(admin).isEmpty());
        assertThat(mails(admin)).containsExactly("Your CyberShield trial ends soon");
    }

    // ---- invoices

    @Test
    void eachMonthThatCostSomethingHasOneInvoiceAndNumbersHaveNoGap() throws Exception {
        Client admin = newTenant("tiny");
        subscribedSince(admin, 3, "date_trunc('month', now() - interval '3 months')");
        var invoices = app.bean(Invoices.class);
        try (var threads = Executors.newFixedThreadPool(6)) {
            threads.invokeAll(
                    Collections.nCopies(
                            6,
                            () -> {
                                invoices.tick();
                                return true;
                            }));
        }
        JsonNode items = admin.get("/api/v1/billing/invoices").json().get("items");
        assertThat(items).hasSize(3);
        assertThat(items.valueStream().map(i -> i.get("number").asString().substring(12)))
                .containsExactly("0003", "0002", "0001");
        assertThat(items.valueStream().map(i -> i.get("totalCents").asInt())).containsOnly(1000);
        YearMonth last = YearMonth.now(ZoneOffset.UTC).minusMonths(1);
        assertThat(items.get(0).get("month").asString()).isEqualTo(last.toString());
        // Paged by number.
        JsonNode first = admin.get("/api/v1/billing/invoices?limit=2").json();
        assertThat(first.get("items")).hasSize(2);
        assertThat(
                        admin.get("/api/v1/billing/invoices?cursor=" + first.get("next").asString())
                                .json()
                                .get("items"))
                .hasSize(1);
        String id = items.get(0).get("id").asString();
        assertThat(admin.get("/api/v1/billing/invoices/" + id).json()).isEqualTo(items.get(0));
        Response csv = admin.get("/api/v1/billing/invoices/" + id + "/csv");
        assertThat(csv.header("Content-Type")).startsWith("text/csv");
        assertThat(csv.body().lines()).hasSize(2);
        assertThat(csv.body()).contains("\"10.00\",\"10.00\",\"EUR\"");
    }

    @Test
    void anotherCompanysInvoiceDoesNotExist() {
        Client admin = newTenant("tiny");
        subscribedSince(admin, 1, "date_trunc('month', now() - interval '1 month')");
        app.bean(Invoices.class).tick();
        String id = admin.get("/api/v1/billing/invoices").json().at("/items/0/id").asString();
        assertThat(id).isNotEmpty();
        Client other = newTenant("tiny");
        for (String path : List.of("", "/csv")) {
            var theirs = other.get("/api/v1/billing/invoices/" + id + path);
            var nobodys = other.get("/api/v1/billing/invoices/" + UUID.randomUUID() + path);
            assertThat(theirs.status()).isEqualTo(404);
            assertThat(theirs.body().replaceAll("[0-9a-f-]{36}", "ID"))
                    .isEqualTo(nobodys.body().replaceAll("[0-9a-f-]{36}", "ID"));
        }
        assertThat(other.get("/api/v1/billing/invoices").json().get("items")).isEmpty();
    }

    @Test
    void nobodyChangesAnInvoiceAndNoCompanyWritesItsOwnUsageOrPlan() {
        Client admin = newTenant("tiny");
        subscribedSince(admin, 1, "date_trunc('month', now() - interval '1 month')");
        app.bean(Invoices.class).tick();
        for (String attack :
                List.of(
                        "UPDATE platform.invoice SET total_cents = 1",
                        "DELETE FROM platform.invoice",
                        "TRUNCATE platform.invoice",
                        "UPDATE platform.subscription SET monthly_cents = 0",
                        "UPDATE platform.subscription SET trial_until = 'infinity'")) {
            assertThatThrownBy(() -> sql(Subscriptions.PLATFORM, attack))
                    .as(attack)
                    .isInstanceOf(DataAccessException.class)
                    .hasStackTraceContaining("permission denied");
        }
        var tenant =
                Scope.tenant(
                        new TenantId(admin.tenant()),
                        new Principal(Principal.Kind.USER, "eve", "Eve"));
        for (String attack :
                List.of(
                        "UPDATE platform.subscription SET plan = 'unlimited'",
                        "DELETE FROM platform.subscription",
                        "DELETE FROM platform.usage_day",
                        "UPDATE platform.usage_day SET amount = 0",
                        "UPDATE platform.event_allowance SET granted = 0",
                        "DELETE FROM platform.plan_notice",
                        "DELETE FROM platform.invoice")) {
            assertThatThrownBy(() -> sql(tenant, attack))
                    .as(attack)
                    .isInstanceOf(DataAccessException.class)
                    .hasStackTraceContaining("permission denied");
        }
    }

    // ---- helpers

    private void sql(Scope scope, String statement) {
        var database = app.database();
        database.transactions().runAs(scope, () -> database.jdbc().sql(statement).update());
    }

    private static long rows(TestApplication in, String table, Client admin) {
        return in.database()
                .transactions()
                .callAs(
                        Subscriptions.PLATFORM,
                        () ->
                                in.database()
                                        .jdbc()
                                        .sql(
                                                "SELECT count(*) FROM platform."
                                                        + table
                                                        + " WHERE tenant_id = ?")
                                        .param(admin.tenant())
                                        .query(Long.class)
                                        .single());
    }

    private void subscribedSince(Client admin, int months, String from) {
        assertThat(months).isPositive();
        app.database()
                .asOwner(
                        "SET timezone = 'UTC'; UPDATE platform.subscription SET trial_until = NULL,"
                                + " from_at = "
                                + from
                                + " WHERE tenant_id = '"
                                + admin.tenant()
                                + "'");
    }

    private static Map<String, Object> form(String email, String plan) {
        return Map.of(
                "company",
                "Plan Ltd",
                "name",
                "Pia",
                "email",
                email,
                "password",
                TestApplication.PASSWORD,
                "plan",
                plan);
    }

    private Client newTenant(String plan) {
        Client admin = app.newTenant();
        if (!plan.equals("tiny")) {
            admin.put("/api/v1/billing/plan", Map.of("plan", plan));
        }
        return admin;
    }

    private static Response invite(Client admin, String name) {
        return admin.post(
                "/api/v1/invitations", Map.of("email", name + "@example.org", "role", "analyst"));
    }

    private static JsonNode meter(Client admin, String name) {
        return admin.get("/api/v1/billing")
                .json()
                .get("meters")
                .valueStream()
                .filter(m -> m.get("meter").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private List<String> mails(Client admin) {
        return app.anonymous()
                .get("/api/v1/developer/mailbox?limit=200")
                .json()
                .get("items")
                .valueStream()
                .filter(m -> m.get("to").asString().equals(admin.email()))
                .map(m -> m.get("subject").asString())
                .filter(subject -> subject.contains("plan") || subject.contains("trial"))
                .toList();
    }

    private record Door(URI address, String token) {
        HttpResponse<String> send(int records) throws IOException, InterruptedException {
            return send(
                    IntStream.range(0, records)
                            .mapToObj(i -> "{\"message\":\"one of many " + i + "\"}")
                            .toList());
        }

        HttpResponse<String> send(List<String> lines) throws IOException, InterruptedException {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(address)
                                    .header("Authorization", "Bearer " + token)
                                    .header("Content-Type", "application/x-ndjson")
                                    .POST(BodyPublishers.ofString(String.join("\n", lines)))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
        }
    }

    private Door door(Client admin) {
        JsonNode made =
                admin.post("/api/v1/sources", Map.of("name", "door", "kind", "json")).json();
        return new Door(
                app.address().resolve("/api/v1/ingest/" + made.at("/source/id").asString()),
                made.get("token").asString());
    }

    private static HttpResponse<String> post(URI hook) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(hook)
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode trigger(Client client, UUID workflow) {
        return client.get("/api/v1/workflows/" + workflow + "/triggers").json().at("/items/0");
    }

    private static Response start(Client client, UUID workflow) {
        return client.post("/api/v1/workflows/" + workflow + "/runs", Map.of());
    }

    /** A published workflow: a trigger, then something that ends at once. */
    private static UUID workflow(Client client, String trigger, Map<String, Object> config) {
        String id =
                client.post("/api/v1/workflows", Map.of("name", "Test"))
                        .json()
                        .get("id")
                        .asString();
        int revision = client.get("/api/v1/workflows/" + id).json().get("revision").asInt();
        var drawing =
                Map.of(
                        "name",
                        "Test",
                        "description",
                        "",
                        "nodes",
                        List.of(
                                box("start", trigger, config),
                                box("next", "condition", Map.of("expression", "true"))),
                        "edges",
                        List.of(Map.of("from", "start", "port", "out", "to", "next")));
        client.send(
                client.csrf(
                        client.json("/api/v1/workflows/" + id + "/draft", "PUT", drawing)
                                .header("If-Match", "\"" + revision + "\"")));
        assertThat(client.post("/api/v1/workflows/" + id + "/publish", Map.of()).status())
                .isEqualTo(200);
        return UUID.fromString(id);
    }

    private static Map<String, Object> box(String key, String type, Map<String, Object> config) {
        return Map.of("key", key, "type", type, "name", key, "config", config, "x", 0, "y", 0);
    }
}
