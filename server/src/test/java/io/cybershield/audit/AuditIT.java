package io.cybershield.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The trail is whole, says so, and shows any change. */
class AuditIT {
    private final TestApplication app = TestApplication.shared();
    private final AuditTrail trail = app.bean(AuditTrail.class);
    private final AuditReader reader = app.bean(AuditReader.class);
    private final Transactions transactions = app.bean(Transactions.class);

    @Test
    void tellsTheStoryOfSigningUpAndIn() {
        var ada = app.newTenant();
        var actions =
                ada.get("/api/v1/audit?limit=200")
                        .json()
                        .get("items")
                        .valueStream()
                        .map(e -> e.get("action").asString())
                        .toList();
        assertThat(actions)
                .containsExactly(
                        "access.sign-in",
                        "access.mfa-set-up",
                        "access.password-accepted",
                        "tenant.provisioned");
        var verdict = ada.get("/api/v1/audit/verify").json();
        assertThat(verdict.get("intact").asBoolean()).isTrue();
        assertThat(verdict.get("firstBroken").isNull()).isTrue();
        assertThat(verdict.get("entries").asLong()).isEqualTo(4);
        assertThat(verdict.get("head").asString())
                .isEqualTo(
                        ada.get("/api/v1/audit").json().get("items").get(0).get("hash").asString());
    }

    @Test
    void filtersAndPages() {
        var ada = app.newTenant();
        var first = ada.get("/api/v1/audit?limit=3").json();
        assertThat(first.get("items").size()).isEqualTo(3);
        var second = ada.get("/api/v1/audit?limit=3&cursor=" + first.get("next").asString()).json();
        assertThat(second.get("items").size()).isOne();
        assertThat(second.get("next").isNull()).isTrue();
        assertThat(count(ada, "action=access")).isEqualTo(3);
        assertThat(count(ada, "actor=ada%20admin")).isEqualTo(4);
        assertThat(count(ada, "actor=nobody")).isZero();
        assertThat(count(ada, "q=PROVISIONED")).isOne();
        assertThat(count(ada, "from=2999-01-01T00:00:00Z")).isZero();
        assertThat(count(ada, "to=2999-01-01T00:00:00Z")).isEqualTo(4);
        assertThat(ada.get("/api/v1/audit?cursor=x").status()).isEqualTo(400);
    }

    @Test
    void findsByTargetOutcomeAndAddress() {
        var ada = app.newTenant();
        String me = ada.session().get("user").get("id").asString();
        app.newColleague(ada, "analyst").get("/api/v1/audit");
        assertThat(count(ada, "outcome=denied")).isOne();
        assertThat(count(ada, "outcome=failed")).isZero();
        assertThat(count(ada, "target=permission:audit:read&outcome=denied")).isOne();
        // the invitation was permitted, the look at the trail was not
        assertThat(count(ada, "target=permission")).isEqualTo(2);
        assertThat(count(ada, "target=permission&outcome=denied")).isOne();
        assertThat(count(ada, "target=permissio")).isZero();
        assertThat(count(ada, "action=access.den%25")).isZero();
        assertThat(count(ada, "address=127.0.0.1&actor=" + me)).isPositive();
        assertThat(count(ada, "address=127.0.0")).isZero();
    }

    @Test
    void deniedAndFailedAttemptsStayWhenTheCallerRollsBack() {
        TenantId tenant = tenant();
        Scope scope = Scope.tenant(tenant, Principal.system("test"));
        scope.run(() -> {
            try {
                transactions.run(() -> {
                    trail.append("test.kept-with-caller", "x", Outcome.PERMITTED, Map.of());
                    // The chain is held by the open transaction: this must neither wait nor be
                    // lost.
                    trail.appendSeparately("test.denied", "x", Outcome.DENIED, Map.of());
                    throw new IllegalStateException("rolled back");
                });
            } catch (IllegalStateException e) {
                assertThat(e).hasMessage("rolled back");
            }
            assertThat(actions()).containsExactly("test.denied");
            transactions.run(() -> {
                trail.appendSeparately("test.failed", "x", Outcome.FAILED, Map.of());
                trail.append("test.done", "x", Outcome.PERMITTED, Map.of());
            });
            assertThat(actions()).containsExactly("test.denied", "test.failed", "test.done");
            assertThat(reader.verify().firstBroken()).isNull();
        });
    }

    @Test
    void appendsOfManyThreadsMakeOneChain() throws Exception {
        Scope scope = Scope.tenant(tenant(), Principal.system("test"));
        List<Future<?>> all = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(6)) {
            for (int i = 0; i < 60; i++) {
                int n = i;
                all.add(
                        threads.submit(() ->
                                scope.run(() ->
                                        trail.append(
                                                "test.parallel",
                                                "n:" + n,
                                                Outcome.PERMITTED,
                                                Map.of("n", n, "half", n / 2.0)))));
            }
        }
        for (Future<?> one : all) {
            one.get();
        }
        var verdict = scope.get(reader::verify);
        assertThat(verdict.entries()).isEqualTo(60);
        assertThat(verdict.firstBroken()).isNull();
    }

    @Test
    void anyChangedByteInAnyColumnOfAnyRowIsFoundAndNamed() throws Exception {
        TenantId tenant = tenant();
        Scope scope = Scope.tenant(tenant, Principal.system("test"));
        int rows = 5;
        for (int i = 0; i < rows; i++) {
            int n = i;
            scope.run(() ->
                    trail.append(
                            "test.entry",
                            "target:" + n,
                            n % 2 == 0 ? Outcome.PERMITTED : Outcome.DENIED,
                            Map.of("n", n, "text", "värde", "list", List.of(1, 2.5, true))));
        }
        List<String> changes =
                List.of(
                        "tenant_id = gen_random_uuid()",
                        "id = gen_random_uuid()",
                        "at = at + interval '1 microsecond'",
                        "actor_kind = 'USER'",
                        "actor_id = actor_id || ' '",
                        "actor_name = upper(actor_name)",
                        "action = overlay(action placing 'T' from 1)",
                        "target = target || 'a'",
                        "outcome = CASE outcome WHEN 'permitted' THEN 'denied' ELSE 'permitted'"
                                + " END",
                        "address = ''",
                        "detail = detail || '{\"n\": 99}'",
                        "detail = jsonb_set(detail, '{list,1}', '2.50')",
                        "detail = '{}'",
                        "previous = previous || '\\x00'",
                        "hash = set_byte(hash, 0, get_byte(hash, 0) # 1)",
                        "hash = set_byte(hash, 31, get_byte(hash, 31) # 128)",
                        "seq = seq + 1000");
        try (Connection owner = DriverManager.getConnection(app.database().ownerUrl())) {
            for (int row = 1; row <= rows; row++) {
                for (String change : changes) {
                    List<String> before = snapshot(owner, tenant);
                    run(
                            owner,
                            "UPDATE " + table(tenant) + " SET " + change + " WHERE seq = " + row);
                    assertThat(snapshot(owner, tenant))
                            .as("the attack changed something: " + change)
                            .isNotEqualTo(before);
                    assertThat(scope.get(reader::verify).firstBroken())
                            .as("row %d: %s", row, change)
                            .isEqualTo((long) row);
                    restore(owner, tenant, before);
                    assertThat(scope.get(reader::verify).firstBroken()).isNull();
                }
            }
            for (int row = 1; row <= rows; row++) {
                List<String> before = snapshot(owner, tenant);
                run(owner, "DELETE FROM " + table(tenant) + " WHERE seq = " + row);
                assertThat(scope.get(reader::verify).firstBroken())
                        .as("row %d deleted", row)
                        .isEqualTo((long) row);
                restore(owner, tenant, before);
            }
            run(owner, "UPDATE " + tenant.schema() + ".audit_head SET hash = '\\x00'");
            assertThat(scope.get(reader::verify).firstBroken()).isEqualTo((long) rows);
        }
    }

    private TenantId tenant() {
        var tenant = new TenantId(UUID.randomUUID());
        app.database().tenantSchemas().ensure(tenant);
        return tenant;
    }

    private List<String> actions() {
        List<String> seen = new ArrayList<>();
        reader.forEach(entry -> seen.add(entry.action()));
        return seen;
    }

    private static long count(TestApplication.Client who, String query) {
        return who.get("/api/v1/audit?" + query).json().get("items").size();
    }

    private static String table(TenantId tenant) {
        return tenant.schema() + ".audit_entry";
    }

    private static List<String> snapshot(Connection owner, TenantId tenant) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (var sql = owner.createStatement();
                var result =
                        sql.executeQuery(
                                "SELECT e::text FROM " + table(tenant) + " e ORDER BY seq, id")) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
        return rows;
    }

    private static void restore(Connection owner, TenantId tenant, List<String> rows)
            throws SQLException {
        run(owner, "DELETE FROM " + table(tenant));
        try (var sql =
                owner.prepareStatement(
                        "INSERT INTO "
                                + table(tenant)
                                + " SELECT (CAST(? AS "
                                + table(tenant)
                                + ")).*")) {
            for (String row : rows) {
                sql.setString(1, row);
                sql.executeUpdate();
            }
        }
    }

    private static void run(Connection owner, String statement) throws SQLException {
        try (var sql = owner.createStatement()) {
            sql.execute(statement);
        }
    }
}
