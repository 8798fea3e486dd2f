package io.cybershield.billing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.access.Users;
import io.cybershield.audit.AuditTrail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Repeated;
import io.cybershield.platform.Retention;
import io.cybershield.platform.Safekeeping;
import io.cybershield.platform.Settings;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Shorter than before holds only after a week's notice, whichever way it came about. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RetentionIT {
    private static final String PLANS =
            """
            {"currency": "EUR", "trialDays": 0, "fallback": "unlimited", "plans": [
              {"name": "month", "title": "Month", "offered": true, "monthlyCents": 0, "limits": {"retentionDays": 30}},
              {"name": "quarter", "title": "Quarter", "offered": true, "monthlyCents": 0, "limits": {"retentionDays": 90}},
              {"name": "unlimited", "title": "Unlimited", "offered": true, "monthlyCents": 0, "limits": {}}
            ]}
            """;
    private final LocalDate today = LocalDate.now(ZoneOffset.UTC);
    private TestApplication app;

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
        quiet(app);
    }

    private static void quiet(TestApplication app) {
        for (Repeated worker : app.beans(Repeated.class)) {
            if (Set.of("RetentionWatch", "EventRemoval")
                    .contains(worker.getClass().getSimpleName())) {
                worker.stop();
            }
        }
    }

    @AfterAll
    void stop() {
        app.close();
    }

    @Test
    void aNewCompanyKeepsWhatItsPlanSaysAndNobodyIsMailed() {
        Client admin = company("month");
        assertThat(kept(admin, 0)).isNull();
        day(0);
        assertThat(kept(admin, 0)).isEqualTo(30);
        assertThat(mails(admin)).isEmpty();
        assertThat(trail(admin)).isEmpty();
    }

    @Test
    void aSmallerPlanHoldsAfterAWeekAndAdministratorsAreToldOnceFromWhenWhatGoes() {
        Client admin = company("quarter");
        day(0);
        events(admin, 80);
        admin.put("/api/v1/billing/plan", Map.of("plan", "month"));
        // The page says it at once, before anybody looked.
        JsonNode page = admin.get("/api/v1/billing").json().get("retention");
        assertThat(page.get("days").asInt()).isEqualTo(90);
        assertThat(page.get("nextDays").asInt()).isEqualTo(30);
        assertThat(page.get("nextOn").asString()).isEqualTo(today.plusDays(8).toString());
        assertThat(page.get("nextFrom").asString()).isEqualTo(today.minusDays(22).toString());
        assertThat(page.get("oldest").asString()).isEqualTo(today.minusDays(80).toString());
        assertThat(page.get("goesOn").asString()).isEqualTo(today.plusDays(8).toString());
        IntStream.rangeClosed(0, 7)
                .forEach(later -> {
                    day(later);
                    assertThat(kept(admin, later)).as("day " + later).isEqualTo(90);
                });
        assertThat(mails(admin)).hasSize(1);
        assertThat(mails(admin).getFirst())
                .contains(
                        "will remove events from before",
                        "keeps your company's events for 30 days",
                        "instead of 90");
        assertThat(trail(admin)).hasSize(1);
        // It holds from its day on, whether or not somebody looked.
        assertThat(kept(admin, 8)).isEqualTo(30);
        day(8);
        assertThat(kept(admin, 8)).isEqualTo(30);
        assertThat(mails(admin)).hasSize(1);
        // Longer holds at once.
        admin.put("/api/v1/billing/plan", Map.of("plan", "quarter"));
        assertThat(kept(admin, 8)).isEqualTo(90);
        admin.put("/api/v1/billing/plan", Map.of("plan", "unlimited"));
        assertThat(kept(admin, 8)).isNull();
    }

    @Test
    void aNoticeThatIsTakenBackDoesNotComeTrueLater() {
        Client admin = company("quarter");
        day(0);
        events(admin, 80);
        admin.put("/api/v1/billing/plan", Map.of("plan", "month"));
        day(1);
        admin.put("/api/v1/billing/plan", Map.of("plan", "quarter"));
        day(2);
        admin.put("/api/v1/billing/plan", Map.of("plan", "month"));
        day(3);
        assertThat(kept(admin, 10)).isEqualTo(90);
        assertThat(kept(admin, 11)).isEqualTo(30);
        assertThat(mails(admin)).hasSize(2);
    }

    @Test
    void whoWasThereBeforeAnythingWasRemovedIsToldFirst() {
        Client admin = company("month");
        events(admin, 400);
        assertThat(kept(admin, 0)).isNull();
        day(0);
        assertThat(kept(admin, 7)).isNull();
        assertThat(kept(admin, 8)).isEqualTo(30);
        assertThat(mails(admin)).hasSize(1);
    }

    @Test
    void afterAHoldOrAStandStillTheNoticeBeginsAnew() {
        Client admin = company("month");
        day(0);
        events(admin, 29);
        assertThat(kept(admin, 0)).isEqualTo(30);
        app.database()
                .asOwner(
                        "UPDATE platform.tenant SET state = 'suspended', suspended_reason ="
                                + " 'moved', suspended_at = now() WHERE id = '"
                                + admin.tenant()
                                + "'");
        day(0);
        assertThat(kept(admin, 0)).isNull();
        app.database()
                .asOwner(
                        "UPDATE platform.tenant SET state = 'active', suspended_reason = NULL,"
                                + " suspended_at = NULL WHERE id = '"
                                + admin.tenant()
                                + "'");
        day(1);
        assertThat(kept(admin, 8)).isNull();
        assertThat(kept(admin, 9)).isEqualTo(30);
        assertThat(mails(admin)).hasSize(1);
    }

    @Test
    void severalNodesTellOnce() throws Exception {
        Client admin = company("quarter");
        day(0);
        events(admin, 80);
        admin.put("/api/v1/billing/plan", Map.of("plan", "month"));
        Callable<Boolean> looks =
                () -> {
                    day(0);
                    return true;
                };
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (var done : threads.invokeAll(Collections.nCopies(4, looks))) {
                assertThat(done.get()).isTrue();
            }
        }
        assertThat(trail(admin)).hasSize(1);
        assertThat(mails(admin)).hasSize(1);
    }

    /** Without plans: a server of one company whose operator wants no events older than a month. */
    @Test
    void theOperatorsDaysHoldForAllWithoutPlansAndAreAnnouncedToo() {
        try (var plain = TestApplication.boot(Map.of("cybershield.events.kept-days", 30))) {
            quiet(plain);
            Client admin = plain.newTenant();
            events(plain, admin, 100);
            at(plain, 0).watch().tick();
            var retention = at(plain, 8).retention();
            var kept = retention.of(new TenantId(admin.tenant())).orElseThrow();
            assertThat(kept.days()).isEqualTo(30);
            assertThat(kept.byPlan()).isFalse();
            assertThat(kept.from()).isEqualTo(today.minusDays(22));
            assertThat(at(plain, 7).retention().all()).isEmpty();
            JsonNode page = admin.get("/api/v1/billing").json();
            assertThat(page.get("enabled").asBoolean()).isFalse();
            assertThat(page.at("/retention/nextDays").asInt()).isEqualTo(30);
        }
        for (int wrong : List.of(0, -1, 36_501)) {
            assertThatThrownBy(() -> new RetentionSettings(wrong))
                    .hasMessageContaining("CYBERSHIELD_EVENTS_KEPT_DAYS");
        }
    }

    // ---- helpers

    private record Node(PlanRetention retention, RetentionWatch watch) {}

    /** One whose clock is that many days ahead. */
    private static Node at(TestApplication app, int later) {
        var clock = Clock.fixed(Instant.now().plus(Duration.ofDays(later)), ZoneOffset.UTC);
        var retention =
                new PlanRetention(
                        app.bean(RetentionSettings.class),
                        app.bean(Subscriptions.class),
                        app.bean(KeepingStore.class),
                        app.bean(Safekeeping.class),
                        app.bean(Transactions.class),
                        clock);
        return new Node(
                retention,
                new RetentionWatch(
                        retention,
                        app.bean(KeepingStore.class),
                        app.bean(Safekeeping.class),
                        app.bean(Users.class),
                        app.bean(Mailer.class),
                        app.bean(AuditTrail.class),
                        app.bean(Settings.class),
                        app.bean(Transactions.class),
                        clock));
    }

    private void day(int later) {
        at(app, later).watch().tick();
    }

    private @Nullable Integer kept(Client admin, int later) {
        return at(app, later)
                .retention()
                .of(new TenantId(admin.tenant()))
                .map(Retention.Kept::days)
                .orElse(null);
    }

    private Client company(String plan) {
        Client admin = app.newTenant();
        admin.put("/api/v1/billing/plan", Map.of("plan", plan));
        return admin;
    }

    private void events(Client admin, int daysAgo) {
        events(app, admin, daysAgo);
    }

    private static void events(TestApplication app, Client admin, int daysAgo) {
        app.database()
                .asOwner(
                        "INSERT INTO telemetry.event_minute (tenant_id, minute, events) VALUES ('"
                                + admin.tenant()
                                + "', date_trunc('day', now(), 'UTC') - interval '"
                                + daysAgo
                                + " days', 5)");
    }

    private List<String> mails(Client admin) {
        var database = app.database();
        return database.transactions()
                .callAs(
                        Subscriptions.PLATFORM,
                        () ->
                                database.jdbc()
                                        .sql(
                                                """
                                                SELECT regexp_replace(subject || ' ' || body_text, '\\s+', ' ', 'g') FROM platform.mail
                                                WHERE tenant_id = ? AND recipient = ? AND subject LIKE '%will remove%'
                                                """)
                                        .params(admin.tenant(), admin.email())
                                        .query(String.class)
                                        .list());
    }

    private static List<JsonNode> trail(Client admin) {
        return admin.get("/api/v1/audit?action=billing.retention-announced")
                .json()
                .get("items")
                .valueStream()
                .toList();
    }
}
