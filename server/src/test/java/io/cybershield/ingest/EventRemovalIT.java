package io.cybershield.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.audit.AuditTrail;
import io.cybershield.ingest.EventRemoval.Came;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Repeated;
import io.cybershield.platform.Retention;
import io.cybershield.platform.Safekeeping;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** What is older than it is kept goes, and nothing else, on the real database. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EventRemovalIT {
    private static final String PLANS =
            """
            {"currency": "EUR", "trialDays": 0, "fallback": "unlimited", "plans": [
              {"name": "month", "title": "Month", "offered": true, "monthlyCents": 0, "limits": {"retentionDays": 30}},
              {"name": "quarter", "title": "Quarter", "offered": true, "monthlyCents": 0, "limits": {"retentionDays": 90}},
              {"name": "unlimited", "title": "Unlimited", "offered": true, "monthlyCents": 0, "limits": {}}
            ]}
            """;
    private static final AtomicInteger LINES = new AtomicInteger();
    private final LocalDate today = LocalDate.now(ZoneOffset.UTC);
    private TestApplication app;
    private Transactions transactions;
    private JdbcClient jdbc;

    @BeforeAll
    void aServerWithPlansThatRemovesNothingByItself() throws IOException {
        Path plans = Files.writeString(Files.createTempFile("plans", ".json"), PLANS);
        app =
                TestApplication.boot(
                        Map.of(
                                "cybershield.billing.enabled",
                                true,
                                "cybershield.billing.plans",
                                plans.toString()));
        for (Repeated worker : app.beans(Repeated.class)) {
            if (Set.of("RetentionWatch", "EventRemoval")
                    .contains(worker.getClass().getSimpleName())) {
                worker.stop();
            }
        }
        transactions = app.bean(Transactions.class);
        jdbc = app.bean(JdbcClient.class);
    }

    @AfterAll
    void stop() {
        app.close();
    }

    // ---- what goes

    @Test
    void whatIsOlderThanThePlanGoesAndTheNeighboursInTheSameTableStay() {
        Client ours = company("month", 30);
        Client theirs = company("quarter", 90);
        Client kept = company("unlimited", null);
        LocalDate old = today.minusDays(31);
        prepare(old);
        for (Client company : List.of(ours, theirs, kept)) {
            put(company, old, old, 3);
            put(company, today.minusDays(30), today.minusDays(30), 2);
        }
        int others = count(theirs) + count(kept);
        node(2).tick();
        assertThat(count(ours)).as("30 whole days besides the present one").isEqualTo(2);
        assertThat(count(theirs) + count(kept)).isEqualTo(others).isEqualTo(10);
        assertThat(minutes(ours)).isEqualTo(1);
        assertThat(minutes(theirs)).isEqualTo(2);
        var trail = trail(ours);
        assertThat(trail).hasSize(1);
        assertThat(trail.getFirst().at("/detail/events").asInt()).isEqualTo(3);
        assertThat(trail.getFirst().at("/detail/until").asString()).isEqualTo(old.toString());
        assertThat(trail(theirs)).isEmpty();
        JsonNode page = ours.get("/api/v1/billing").json().get("retention");
        assertThat(page.get("days").asInt()).isEqualTo(30);
        assertThat(page.get("keptFrom").asString()).isEqualTo(today.minusDays(30).toString());
        assertThat(page.get("oldest").asString()).isEqualTo(today.minusDays(30).toString());
        assertThat(page.get("goesOn").asString()).isEqualTo(today.plusDays(1).toString());
        assertThat(page.get("removed").asInt()).isEqualTo(3);
        assertThat(page.get("lastEvents").asInt()).isEqualTo(3);
        assertThat(page.get("lastOn").asString()).isEqualTo(today.toString());
        // Again, and nothing more is told.
        node(2).tick();
        assertThat(trail(ours)).hasSize(1);
        assertThat(ours.get("/api/v1/audit/verify").json().get("intact").asBoolean()).isTrue();
    }

    @Test
    void ageCountsFromTheLaterOfWhatHappenedAndWhatCameIn() {
        Client ours = company("month", 30);
        UUID uploaded = put(ours, today.minusDays(400), today, 1).getFirst();
        UUID late = put(ours, today.minusDays(31), today.minusDays(29), 1).getFirst();
        UUID ahead = put(ours, today.minusDays(30), today.minusDays(31), 1).getFirst();
        UUID old = put(ours, today.minusDays(400), today.minusDays(31), 1).getFirst();
        node(1).tick();
        assertThat(ids(ours)).containsExactlyInAnyOrder(uploaded, late, ahead).doesNotContain(old);
    }

    @Test
    void whatFindingsNameStaysWhateverItsAge() {
        Client ours = company("month", 30);
        LocalDate old = today.minusDays(60);
        List<UUID> events = put(ours, old, old, 6);
        UUID finding = UUID.randomUUID();
        in(
                ours,
                """
                INSERT INTO finding (id, event_id, rule_id, occurred_at, created_at, title, severity, tags, why)
                VALUES ('%s', '%s', 'a-rule', now(), now(), 'Found', 3, '{}', '[]')
                """
                        .formatted(finding, events.get(1)));
        in(
                ours,
                "INSERT INTO finding_event (finding_id, place, event_id) VALUES ('%s', 0, '%s')"
                        .formatted(finding, events.get(4)));
        node(2).tick();
        assertThat(ids(ours)).containsExactlyInAnyOrder(events.get(1), events.get(4));
        assertThat(trail(ours).getFirst().at("/detail/events").asInt()).isEqualTo(4);
        assertThat(ours.get("/api/v1/events/" + events.get(1)).status()).isEqualTo(200);
        // A finding of another company keeps nothing here.
        Client theirs = company("month", 30);
        UUID other = put(theirs, old, old, 1).getFirst();
        in(
                ours,
                "INSERT INTO finding_event (finding_id, place, event_id) VALUES ('%s', 1, '%s')"
                        .formatted(finding, other));
        node(2).tick();
        assertThat(ids(theirs)).isEmpty();
    }

    @Test
    void whoAsksForAnEventThatIsGoneIsToldWhy() {
        Client ours = company("month", 30);
        UUID gone = put(ours, today.minusDays(31), today.minusDays(31), 1).getFirst();
        node(10).tick();
        var answer = ours.get("/api/v1/events/" + gone);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().get("detail").asString())
                .contains("your plan keeps 30 days", "are not kept");
        String rule = ours.get("/api/v1/rules?limit=1").json().at("/items/0/id").asString();
        var explained = ours.get("/api/v1/rules/" + rule + "/explanation?event=" + gone);
        assertThat(explained.status()).isEqualTo(404);
        assertThat(explained.json().get("detail").asString()).contains("your plan keeps 30 days");
        // It says nothing about whose it was: another company's, and one that never was.
        Client theirs = company("month", 30);
        String words = answer.json().get("detail").asString();
        for (UUID id : List.of(gone, idOf(today.minusDays(31)))) {
            assertThat(theirs.get("/api/v1/events/" + id).json().get("detail").asString())
                    .isEqualTo(words);
        }
        assertThat(ours.get("/api/v1/events/" + idOf(today)).json().get("detail").asString())
                .doesNotContain("plan");
        JsonNode kept = ours.get("/api/v1/events/kept").json();
        assertThat(kept.get("keptFrom").asString()).isEqualTo(today.minusDays(30).toString());
        assertThat(kept.get("byPlan").asBoolean()).isTrue();
    }

    // ---- what does not

    @Test
    void nothingGoesWhileACompanyIsHeldOrStandsStillOrLeaves() {
        Client ours = company("month", 30);
        LocalDate old = today.minusDays(90);
        put(ours, old, old, 5);
        String id = ours.tenant().toString();
        app.database()
                .asOwner(
                        "INSERT INTO platform.legal_hold (id, tenant_id, reason, by_operator,"
                                + " set_by, set_at) VALUES ('"
                                + UUID.randomUUID()
                                + "', '"
                                + id
                                + "', 'Case 12', true, 'operator', now())");
        assertNothingGoes(ours, 5, "hold");
        app.database()
                .asOwner(
                        "UPDATE platform.legal_hold SET lifted_at = now(), lifted_by = 'operator',"
                                + " lifted_reason = 'over' WHERE tenant_id = '"
                                + id
                                + "'");
        app.database()
                .asOwner(
                        "INSERT INTO platform.company_export (id, tenant_id, asked_by, asked_at,"
                                + " state, touched_at) VALUES ('"
                                + UUID.randomUUID()
                                + "', '"
                                + id
                                + "', 'Ada', now(), 'under-way', now())");
        assertNothingGoes(ours, 5, "export");
        // One that was cut off long ago is in nobody's way.
        app.database()
                .asOwner(
                        "UPDATE platform.company_export SET touched_at = now() - interval '1 hour'"
                                + " WHERE tenant_id = '"
                                + id
                                + "'");
        app.database()
                .asOwner(
                        "UPDATE platform.tenant SET state = 'suspended', suspended_reason ="
                                + " 'moved', suspended_at = now(), deletion_at = now() WHERE id = '"
                                + id
                                + "'");
        assertThat(node(2).batch(tenant(ours))).isEqualTo(Came.NOTHING);
        assertThat(count(ours)).isEqualTo(5);
        app.database()
                .asOwner(
                        "UPDATE platform.tenant SET state = 'active', suspended_reason = NULL,"
                                + " suspended_at = NULL, deletion_at = NULL WHERE id = '"
                                + id
                                + "'");
        node(2).tick();
        assertThat(count(ours)).isZero();
    }

    private void assertNothingGoes(Client company, int events, String reason) {
        node(2).tick();
        assertThat(node(2).batch(tenant(company))).isEqualTo(Came.NOTHING);
        assertThat(count(company)).as(reason).isEqualTo(events);
        assertThat(company.get("/api/v1/billing").json().at("/retention/held").asString())
                .isEqualTo(reason);
    }

    /**
     * Set while a batch is under way, it waits for the end of that batch and stops the next one.
     */
    @Test
    void aHoldBeginsBeforeABatchOrAfterItNeverBesideIt() throws Exception {
        Client ours = company("month", 30);
        LocalDate old = today.minusDays(90);
        put(ours, old, old, 4);
        try (var threads = Executors.newSingleThreadExecutor()) {
            var hold =
                    transactions.callAs(
                            Scope.platform("test"),
                            () -> {
                                assertThat(app.bean(Safekeeping.class).lock(tenant(ours)))
                                        .isEmpty();
                                var setting =
                                        threads.submit(() ->
                                                ours.post(
                                                        "/api/v1/company/holds",
                                                        Map.of(
                                                                "reason",
                                                                "Case 12",
                                                                "code",
                                                                app.codeAtOnce(ours))));
                                awaitWaiting();
                                assertThat(setting.isDone()).isFalse();
                                return setting;
                            });
            assertThat(hold.get().status()).isBetween(200, 201);
        }
        assertThat(node(1).batch(tenant(ours))).isEqualTo(Came.NOTHING);
        assertThat(count(ours)).isEqualTo(4);
    }

    private void awaitWaiting() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> {
                    var waiting = new ArrayList<Boolean>();
                    try (var owner = DriverManager.getConnection(app.database().ownerUrl());
                            var statement = owner.createStatement();
                            var rows =
                                    statement.executeQuery(
                                            "SELECT true FROM pg_stat_activity WHERE datname ="
                                                + " current_database() AND wait_event_type = 'Lock'"
                                                + " AND query LIKE '%platform.tenant%FOR"
                                                + " UPDATE%'")) {
                        while (rows.next()) {
                            waiting.add(rows.getBoolean(1));
                        }
                    }
                    return !waiting.isEmpty();
                });
    }

    @Test
    void aLongerPlanStopsWhatIsUnderWayWithTheNextBatch() {
        Client ours = company("month", 30);
        LocalDate old = today.minusDays(60);
        put(ours, old, old, 6);
        EventRemoval node = node(2);
        assertThat(node.batch(tenant(ours))).isEqualTo(Came.ON);
        assertThat(count(ours)).isEqualTo(4);
        assertThat(ours.put("/api/v1/billing/plan", Map.of("plan", "quarter")).status())
                .isEqualTo(200);
        node.tick();
        assertThat(count(ours)).isEqualTo(4);
        assertThat(trail(ours)).as("what went is told all the same").hasSize(1);
        assertThat(trail(ours).getFirst().at("/detail/events").asInt()).isEqualTo(2);
    }

    @Test
    void whatWentBeforeAPlanForEverOrAHoldIsToldAllTheSame() {
        for (boolean held : List.of(true, false)) {
            Client ours = company("month", 30);
            LocalDate old = today.minusDays(60);
            put(ours, old, old, 6);
            EventRemoval node = node(2);
            assertThat(node.batch(tenant(ours))).isEqualTo(Came.ON);
            if (held) {
                var set =
                        ours.post(
                                "/api/v1/company/holds",
                                Map.of("reason", "Case 12", "code", app.codeAtOnce(ours)));
                assertThat(set.status()).as(set.body()).isBetween(200, 201);
            } else {
                ours.put("/api/v1/billing/plan", Map.of("plan", "unlimited"));
            }
            node.tick();
            node.tick();
            assertThat(count(ours)).isEqualTo(4);
            assertThat(trail(ours)).hasSize(1);
            assertThat(trail(ours).getFirst().at("/detail/events").asInt()).isEqualTo(2);
        }
    }

    @Test
    void withoutPlansAndWithoutASettingNothingIsRemoved() {
        var plain = TestApplication.shared();
        Client admin = plain.newTenant();
        assertThat(plain.bean(Retention.class).all()).isEmpty();
        assertThat(plain.bean(EventRemoval.class).batch(tenant(admin))).isEqualTo(Came.NOTHING);
        assertThat(admin.get("/api/v1/billing").json().get("retention").isNull()).isTrue();
        assertThat(admin.get("/api/v1/events/kept").json().get("keptFrom").isNull()).isTrue();
    }

    // ---- cut off, and beside each other

    @Test
    void cutOffAnywhereAnotherNodeGoesOn() {
        Client ours = company("month", 30);
        LocalDate old = today.minusDays(60);
        put(ours, old, old, 7);
        EventFindings real = app.bean(EventFindings.class);
        EventRemoval killed =
                node(
                        2,
                        new EventFindings() {
                            @Override
                            public List<Reference> of(UUID event) {
                                return real.of(event);
                            }

                            @Override
                            public Set<UUID> named(Collection<UUID> events) {
                                int pid =
                                        transactions.call(() ->
                                                jdbc.sql("SELECT pg_backend_pid()")
                                                        .query(Integer.class)
                                                        .single());
                                app.database().asOwner("SELECT pg_terminate_backend(" + pid + ")");
                                return real.named(events);
                            }
                        });
        EventRemoval node = node(2);
        assertThat(node.batch(tenant(ours))).isEqualTo(Came.ON);
        assertThat(count(ours)).isEqualTo(5);
        assertThatThrownBy(() -> killed.batch(tenant(ours))).isInstanceOf(RuntimeException.class);
        assertThat(count(ours)).as("a batch is whole or not at all").isEqualTo(5);
        assertThat(trail(ours)).isEmpty();
        node(2).tick();
        assertThat(count(ours)).isZero();
        assertThat(trail(ours)).hasSize(1);
        assertThat(trail(ours).getFirst().at("/detail/events").asInt()).isEqualTo(7);
    }

    @Test
    void severalNodesAtOnceRemoveEachEventOnceAndTellOnce() throws Exception {
        Client ours = company("month", 30);
        LocalDate old = today.minusDays(60);
        put(ours, old, old, 60);
        put(ours, today, today, 3);
        var meters = new SimpleMeterRegistry();
        try (var threads = Executors.newFixedThreadPool(4)) {
            var work = new ArrayList<Callable<Boolean>>();
            for (int i = 0; i < 4; i++) {
                EventRemoval node = node(7, app.bean(EventFindings.class), meters);
                work.add(() -> {
                    // A node that finds the row taken leaves; it comes again.
                    for (int look = 0; look < 40; look++) {
                        node.batch(tenant(ours));
                    }
                    return true;
                });
            }
            for (var done : threads.invokeAll(work)) {
                assertThat(done.get()).isTrue();
            }
        }
        assertThat(count(ours)).isEqualTo(3);
        assertThat(meters.counter("cybershield.events.removed").count()).isEqualTo(60);
        assertThat(trail(ours)).hasSize(1);
        assertThat(trail(ours).getFirst().at("/detail/events").asInt()).isEqualTo(60);
    }

    // ---- days and walls

    @Test
    void aDayThatIsEmptyAndOldIsDroppedAndOneWithEvidenceOrOfTheLastWeekIsNot() {
        Client ours = company("month", 30);
        LocalDate empty = today.minusDays(70);
        LocalDate evidence = today.minusDays(71);
        prepare(empty);
        prepare(evidence);
        put(ours, empty, empty, 3);
        UUID named = put(ours, evidence, evidence, 1).getFirst();
        in(
                ours,
                "INSERT INTO finding_event (finding_id, place, event_id) VALUES ('%s', 0, '%s')"
                        .formatted(UUID.randomUUID(), named));
        assertThat(isThere(empty)).isTrue();
        node(100).tick();
        assertThat(isThere(empty)).isFalse();
        assertThat(isThere(evidence)).isTrue();
        assertThat(isThere(today.minusDays(7))).isTrue();
        assertThat(ids(ours)).containsExactly(named);
        // An old log of that day still finds a place, and one asked for too young is not dropped.
        put(ours, empty, today, 2);
        assertThat(count(ours)).isEqualTo(3);
        platform("SELECT telemetry.drop_empty_day(DATE '9999-01-01')");
        assertThat(isThere(today.minusDays(7))).isTrue();
    }

    /** Who reads for long is not waited for: it is tried again another time. */
    @Test
    void droppingADayGivesWayToWhoReads() {
        LocalDate empty = today.minusDays(75);
        prepare(empty);
        transactions.runAs(
                Scope.platform("test"),
                () -> {
                    jdbc.sql("SELECT count(*) FROM telemetry.event").query(Long.class).single();
                    String dropped =
                            transactions.callSeparately(() ->
                                    jdbc.sql(
                                                    "SELECT"
                                                        + " coalesce(telemetry.drop_empty_day(:before),"
                                                        + " 'none')")
                                            .param("before", today.minusDays(9))
                                            .query(String.class)
                                            .single());
                    assertThat(dropped).isEqualTo("none");
                });
        assertThat(isThere(empty)).isTrue();
    }

    @Test
    void noCompanyAndNotEvenThePlatformRemovesEventsOtherwise() {
        Client ours = company("month", 30);
        put(ours, today, today, 1);
        for (String attack :
                List.of(
                        "SELECT telemetry.drop_empty_day(DATE '2000-01-01')",
                        "SELECT before FROM telemetry.removal",
                        "UPDATE telemetry.removal SET before = DATE '9999-01-01'",
                        "SELECT kept_days FROM platform.event_retention",
                        "DELETE FROM telemetry.event")) {
            assertThatThrownBy(() -> in(ours, attack))
                    .as(attack)
                    .isInstanceOf(DataAccessException.class)
                    .hasStackTraceContaining("permission denied");
        }
        for (String attack :
                List.of("DELETE FROM telemetry.event", "DROP TABLE telemetry.event_other")) {
            assertThatThrownBy(() -> platform(attack))
                    .as(attack)
                    .isInstanceOf(DataAccessException.class);
        }
        assertThat(count(ours)).isEqualTo(1);
    }

    // ---- helpers

    private EventRemoval node(int most) {
        return node(most, app.bean(EventFindings.class));
    }

    private EventRemoval node(int most, EventFindings findings) {
        return node(most, findings, app.bean(MeterRegistry.class));
    }

    private EventRemoval node(int most, EventFindings findings, MeterRegistry meters) {
        return new EventRemoval(
                app.bean(Retention.class),
                app.bean(Safekeeping.class),
                app.bean(RemovalStore.class),
                findings,
                app.bean(AuditTrail.class),
                transactions,
                Clock.systemUTC(),
                meters,
                most);
    }

    /** One that has that plan and was told of it long ago. */
    private Client company(String plan, @Nullable Integer days) {
        Client admin = app.newTenant();
        admin.put("/api/v1/billing/plan", Map.of("plan", plan));
        if (days != null) {
            app.database()
                    .asOwner(
                            "INSERT INTO platform.event_retention (tenant_id, kept_days,"
                                    + " changed_at) VALUES ('"
                                    + admin.tenant()
                                    + "', "
                                    + days
                                    + ", now())");
        }
        return admin;
    }

    private static TenantId tenant(Client client) {
        return new TenantId(client.tenant());
    }

    private static Instant noon(LocalDate day) {
        return day.atTime(12, 0).toInstant(ZoneOffset.UTC);
    }

    private static UUID idOf(LocalDate received) {
        return RawConsumer.idOf(
                new UUID(noon(received).toEpochMilli() << 16 | 0x7000L, 0x8000_0000_0000_0000L),
                LINES.incrementAndGet());
    }

    private List<UUID> put(Client company, LocalDate occurred, LocalDate received, int most) {
        var ids = new ArrayList<UUID>();
        var events = new ArrayList<Event>();
        for (int i = 0; i < most; i++) {
            UUID id = idOf(received);
            ids.add(id);
            String line =
                    "{\"time\":\"%s\",\"host\":\"web-1\",\"message\":\"one of many %d\"}"
                            .formatted(noon(occurred).plusSeconds(i), i);
            Event event =
                    Normaliser.normalise(
                            new Normaliser.Raw(
                                    id,
                                    tenant(company),
                                    new UUID(0, 1),
                                    "shop",
                                    noon(received),
                                    "json",
                                    line.getBytes(StandardCharsets.UTF_8)));
            assertThat(event.occurredAt()).isEqualTo(noon(occurred).plusSeconds(i));
            events.add(event);
        }
        var store = app.bean(EventStore.class);
        transactions.runAs(
                Scope.platform("test"),
                () -> {
                    store.insert(events);
                    store.count(events);
                });
        return ids;
    }

    private void prepare(LocalDate day) {
        platform("SELECT telemetry.prepare_days(DATE '" + day + "', DATE '" + day + "')");
    }

    private void platform(String sql) {
        run(Scope.platform("test"), sql);
    }

    private void in(Client company, String sql) {
        run(Scope.tenant(tenant(company), Principal.system("test")), sql);
    }

    private void run(Scope scope, String sql) {
        transactions.runAs(
                scope,
                () -> {
                    if (sql.startsWith("SELECT")) {
                        jdbc.sql(sql).query((_, _) -> true).list();
                    } else {
                        jdbc.sql(sql).update();
                    }
                });
    }

    private boolean isThere(LocalDate day) {
        return transactions.callAs(
                Scope.platform("test"),
                () ->
                        jdbc.sql("SELECT to_regclass('telemetry.event_' || :day) IS NOT NULL")
                                .param("day", day.toString().replace("-", ""))
                                .query(Boolean.class)
                                .single());
    }

    private Set<UUID> ids(Client company) {
        return transactions.callAs(
                Scope.tenant(tenant(company), Principal.system("test")),
                () ->
                        Set.copyOf(
                                jdbc.sql(
                                                "SELECT id FROM telemetry.event WHERE tenant_id ="
                                                        + " platform.current_tenant()")
                                        .query((row, _) -> row.getObject(1, UUID.class))
                                        .list()));
    }

    private int count(Client company) {
        return ids(company).size();
    }

    private int minutes(Client company) {
        return transactions.callAs(
                Scope.tenant(tenant(company), Principal.system("test")),
                () ->
                        jdbc.sql(
                                        "SELECT count(*) FROM telemetry.event_minute WHERE"
                                                + " tenant_id = platform.current_tenant()")
                                .query(Integer.class)
                                .single());
    }

    private static List<JsonNode> trail(Client company) {
        var items = new ArrayList<JsonNode>();
        company.get("/api/v1/audit?action=event.removed").json().get("items").forEach(items::add);
        return items;
    }
}
