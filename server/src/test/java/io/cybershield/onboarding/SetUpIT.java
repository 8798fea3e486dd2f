package io.cybershield.onboarding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Response;
import io.cybershield.connector.Connector;
import io.cybershield.engine.Outcome;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.tenant.Founding;
import io.cybershield.tenant.SetUp;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A company is set up by the platform's own workflow: as a whole or not at all. */
class SetUpIT {
    private static final TestApplication APP = TestApplication.shared();
    private static final Duration LONG = Duration.ofSeconds(90);

    /** A registration as it stands in the database, and what is left of it elsewhere. */
    private record Standing(
            UUID id,
            String state,
            boolean forgotten,
            boolean schema,
            boolean role,
            boolean listed) {
        boolean isWhole() {
            return state.equals("done") && forgotten && schema && role && listed;
        }

        boolean isNothing() {
            return state.equals("refused") && forgotten && !schema && !role && !listed;
        }
    }

    @Test
    void companiesAreNeitherOfferedItsStepsNorMayDrawThem() {
        var admin = APP.newTenant();
        assertThat(admin.get("/api/v1/node-types").body())
                .contains("send-email")
                .doesNotContain("company-");
        var made =
                admin.post(
                        "/api/v1/workflows/import",
                        Map.of(
                                "text",
                                """
                                {"name": "Mine", "description": "", "nodes": [
                                  {"key": "start", "type": "manual", "name": "Start", "config": {}, "x": 0, "y": 0},
                                  {"key": "open", "type": "company-open", "name": "Open", "config": {"registration": "x"}, "x": 0, "y": 1}],
                                 "edges": [{"from": "start", "port": "out", "to": "open"}]}
                                """));
        assertThat(made.status()).isEqualTo(201);
        var published =
                admin.post(
                        "/api/v1/workflows/" + made.json().get("id").asString() + "/publish",
                        Map.of());
        assertThat(published.problem()).isEqualTo("workflow-not-sound");
        assertThat(published.body()).contains("is the platform's own");
    }

    @Test
    void itsStepsWorkForThePlatformAlone() {
        UUID id = confirmed(address(), "Elsewhere");
        var foreign =
                Scope.tenant(
                        new TenantId(APP.newTenant().tenant()),
                        new Principal(Principal.Kind.WORKFLOW, "run", "Workflow"));
        var steps = APP.bean(SetUpSteps.class);
        var founding = APP.bean(Founding.class);
        for (Connector step :
                List.of(
                        steps.setUpRoom(founding),
                        steps.setUpRoomBack(founding),
                        steps.setUpPlan(founding),
                        steps.setUpPlanBack(founding),
                        steps.setUpOpen(founding),
                        steps.setUpWelcome(founding),
                        steps.setUpSettle(founding))) {
            var outcome =
                    foreign.get(() ->
                            step.act(
                                    new Connector.Call(
                                            "key",
                                            Map.of("registration", id.toString()),
                                            Instant.now())));
            assertThat(outcome)
                    .as(step.description().name())
                    .isEqualTo(
                            new Outcome.Failed(
                                    "Only the platform sets companies up.", false, null));
        }
        assertThat(standing(id).state()).isEqualTo("provisioning");
        assertThat(standing(id).schema()).isFalse();
    }

    @Test
    void oneOfManyRegistrationsOfAnAddressWinsAndTheOthersLeaveNothing() throws Exception {
        String email = address();
        var ids = new ArrayList<UUID>();
        for (int i = 0; i < 4; i++) {
            ids.add(confirmed(email, "Race " + i));
        }
        var setUp = APP.bean(SetUp.class);
        var states = new ArrayList<Future<SetUp.State>>();
        try (var threads = Executors.newFixedThreadPool(4)) {
            ids.forEach(id -> states.add(threads.submit(() -> setUp.carry(id))));
        }
        int open = 0;
        for (var state : states) {
            open += state.get() == SetUp.State.OPEN ? 1 : 0;
        }
        assertThat(open).isEqualTo(1);
        assertThat(ids)
                .allSatisfy(id ->
                        await().atMost(LONG)
                                .until(() -> !standing(id).state().equals("provisioning")));
        assertThat(ids.stream().map(SetUpIT::standing).filter(Standing::isWhole)).hasSize(1);
        assertThat(ids.stream().map(SetUpIT::standing).filter(Standing::isNothing)).hasSize(3);
    }

    /** The room is made, then somebody else gets the address. */
    @Test
    void roomIsTakenBackWhenTheCompanyCannotOpen() {
        String email = address();
        UUID late = confirmed(email, "Late");
        assertThat(APP.bean(Founding.class).makeRoom(late)).isEmpty();
        assertThat(standing(late).schema()).isTrue();
        UUID first = confirmed(email, "First");
        assertThat(APP.bean(SetUp.class).carry(first)).isEqualTo(SetUp.State.OPEN);
        assertThat(APP.bean(SetUp.class).carry(late)).isEqualTo(SetUp.State.REFUSED);
        assertThat(standing(late)).matches(Standing::isNothing, "nothing is left");
        assertThat(standing(first)).matches(Standing::isWhole, "the first is whole");
    }

    /** As when a step that was thought dead goes on. */
    @Test
    void nobodyOpensACompanyWhoseRoomIsTakenBack() {
        UUID id = confirmed(address(), "Zombie");
        var founding = APP.bean(Founding.class);
        assertThat(founding.makeRoom(id)).isEmpty();
        founding.takeRoomBack(id);
        assertThat(founding.open(id)).isPresent();
        assertThat(founding.makeRoom(id)).isEmpty();
        assertThat(standing(id)).matches(Standing::isNothing, "nothing is left");
    }

    @Test
    void asManyAsCarryItTheRunIsOne() throws Exception {
        String email = address();
        String company = "Many " + UUID.randomUUID();
        UUID id = confirmed(email, company);
        var states = new ArrayList<Future<SetUp.State>>();
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                states.add(threads.submit(() -> APP.bean(SetUp.class).carry(id)));
            }
        }
        for (var state : states) {
            assertThat(state.get()).isEqualTo(SetUp.State.OPEN);
        }
        assertThat(
                        number(
                                "SELECT count(*) FROM "
                                        + TenantId.HOUSE.schema()
                                        + ".workflow_instances WHERE subject = '"
                                        + company
                                        + "'"))
                .isEqualTo(1);
        assertThat(
                        number(
                                "SELECT count(*) FROM platform.mail WHERE dedupe_key = 'welcome:"
                                        + id
                                        + "'"))
                .isEqualTo(1);
    }

    /**
     * All that works on it in the database is killed so many milliseconds after the link was used.
     */
    @ParameterizedTest
    @ValueSource(ints = {0, 20, 50, 90, 140, 200, 280, 380, 500, 650, 800, 1000})
    void killedConnectionsLeaveAWholeCompanyInTheEnd(int after) throws Exception {
        UUID id = confirmed(address(), "Killed after " + after);
        try (var threads = Executors.newSingleThreadExecutor()) {
            var carried = threads.submit(() -> APP.bean(SetUp.class).carry(id));
            long end = System.nanoTime() + after * 1_000_000L;
            await().pollInterval(Duration.ofMillis(1)).until(() -> System.nanoTime() >= end);
            kill();
            try {
                carried.get();
            } catch (ExecutionException e) {
                // The request itself was cut off; the person uses the link again.
                APP.bean(SetUp.class).begin(id);
            }
        }
        await().atMost(LONG).until(() -> !standing(id).state().equals("provisioning"));
        assertThat(standing(id)).matches(Standing::isWhole, "it is whole");
    }

    private static void kill() {
        APP.database()
                .asOwner(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
                                + " current_database() AND pid <> pg_backend_pid() AND (usename ="
                                + " current_user OR state IN ('active', 'idle in transaction'))");
    }

    /** Signs up and uses the link, up to the point where the run would begin. */
    private static UUID confirmed(String email, String company) {
        Response answer =
                APP.anonymous()
                        .post(
                                "/api/v1/sign-up",
                                Map.of(
                                        "company",
                                        company,
                                        "name",
                                        "Ada",
                                        "email",
                                        email,
                                        "password",
                                        TestApplication.PASSWORD));
        assertThat(answer.status()).isEqualTo(202);
        return APP.database()
                .transactions()
                .callAs(
                        Scope.platform("test"),
                        () ->
                                APP.database()
                                        .jdbc()
                                        .sql(
                                                """
                                                UPDATE platform.registration SET state = 'provisioning', tenant_id = :tenant
                                                WHERE email = :email AND state = 'pending' RETURNING id
                                                """)
                                        .param("tenant", UUID.randomUUID())
                                        .param("email", email)
                                        .query(UUID.class)
                                        .single());
    }

    private static Standing standing(UUID id) {
        return APP.database()
                .transactions()
                .callAs(
                        Scope.platform("test"),
                        () ->
                                APP.database()
                                        .jdbc()
                                        .sql(
                                                """
                                                SELECT r.id, r.state, r.password_hash = '' AS forgotten,
                                                       EXISTS (SELECT FROM pg_namespace WHERE nspname = 't_' || replace(r.tenant_id::text, '-', '')) AS schema,
                                                       EXISTS (SELECT FROM pg_roles WHERE rolname LIKE '%' || replace(r.tenant_id::text, '-', '')) AS role,
                                                       EXISTS (SELECT FROM platform.tenant t WHERE t.id = r.tenant_id) AS listed
                                                FROM platform.registration r WHERE r.id = :id
                                                """)
                                        .param("id", id)
                                        .query(Standing.class)
                                        .single());
    }

    private static int number(String query) {
        try (var owner = DriverManager.getConnection(APP.database().ownerUrl());
                var sql = owner.createStatement();
                var rows = sql.executeQuery(query)) {
            rows.next();
            return rows.getInt(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String address() {
        return "set-up-" + UUID.randomUUID() + "@example.org";
    }
}
