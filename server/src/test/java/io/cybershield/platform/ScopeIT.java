package io.cybershield.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.CannotCreateTransactionException;

/** The walls between tenants, attacked one at a time. */
class ScopeIT {
    private static TestDatabase database;
    private static final TenantId A = new TenantId(UUID.randomUUID());
    private static final TenantId B = new TenantId(UUID.randomUUID());
    private static final Principal ANN = new Principal(Principal.Kind.USER, "ann", "Ann");

    @BeforeAll
    static void open() {
        database = TestDatabase.create();
        database.tenantSchemas().ensure(A);
        database.tenantSchemas().ensure(B);
        for (TenantId tenant : new TenantId[] {A, B}) {
            database.transactions()
                    .runAs(
                            Scope.tenant(tenant, ANN),
                            () ->
                                    jdbc().sql(
                                                    """
                                                    INSERT INTO audit_entry (seq, id, at, actor_kind, actor_id, actor_name, action, target, outcome, previous, hash)
                                                    VALUES (1, gen_random_uuid(), now(), 'USER', 'ann', 'Ann', 'x', 'y', 'permitted', '', '')
                                                    """)
                                            .update());
        }
    }

    @AfterAll
    static void close() {
        database.close();
    }

    private static JdbcClient jdbc() {
        return database.jdbc();
    }

    @Test
    void tenantSeesItsOwnRowsOnly() {
        assertThat(count("audit_entry", A)).isOne();
    }

    @Test
    void aQueryWithoutAScopeFailsClosed() {
        assertThatThrownBy(() ->
                        database.transactions()
                                .call(() -> jdbc().sql("SELECT 1").query(Integer.class).single()))
                .isInstanceOfAny(
                        IllegalStateException.class, CannotCreateTransactionException.class);
        assertThatThrownBy(() ->
                        jdbc().sql("SELECT count(*) FROM " + A.schema() + ".audit_entry")
                                .query(Long.class)
                                .single())
                .hasStackTraceContaining("permission denied");
    }

    @Test
    void roleWallStopsAQualifiedNameOfAnotherTenant() {
        assertThatThrownBy(() -> count(B.schema() + ".audit_entry", A))
                .hasStackTraceContaining("permission denied");
    }

    @Test
    void rowWallHidesRowsWhenTheSchemaIsWrong() {
        // As the owner of nothing but with another tenant's setting: role of A, setting of B.
        assertThat(
                        database.transactions()
                                .callAs(
                                        Scope.tenant(A, ANN),
                                        () -> {
                                            jdbc().sql("SELECT set_config('app.tenant', :b, true)")
                                                    .param("b", B.toString())
                                                    .query(String.class)
                                                    .single();
                                            return jdbc().sql("SELECT count(*) FROM audit_entry")
                                                    .query(Long.class)
                                                    .single();
                                        }))
                .isZero();
    }

    @Test
    void appendOnlyTableRefusesChangeAndDeletion() {
        for (String attack :
                new String[] {"UPDATE audit_entry SET action = 'z'", "DELETE FROM audit_entry"}) {
            assertThatThrownBy(() ->
                            database.transactions()
                                    .runAs(Scope.tenant(A, ANN), () -> jdbc().sql(attack).update()))
                    .hasStackTraceContaining("permission denied");
        }
    }

    @Test
    void nestedScopeChangesRoleAndComesBack() {
        var seen =
                database.transactions()
                        .callAs(
                                Scope.platform("test"),
                                () -> {
                                    String before = role();
                                    String inside =
                                            database.transactions()
                                                    .callAs(Scope.tenant(A, ANN), ScopeIT::role);
                                    return new String[] {before, inside, role()};
                                });
        assertThat(seen[1]).isNotEqualTo(seen[0]).endsWith(A.schema());
        assertThat(seen[2]).isEqualTo(seen[0]).endsWith("_platform");
    }

    @Test
    void connectionGoesBackWithoutRoleOrTenantAfterAnyEnd() {
        assertThatThrownBy(() ->
                        database.transactions()
                                .runAs(
                                        Scope.tenant(A, ANN),
                                        () ->
                                                jdbc().sql("SELECT 1/0")
                                                        .query(Integer.class)
                                                        .single()))
                .isNotNull();
        count("audit_entry", A);
        for (int i = 0; i < 20; i++) {
            assertThat(jdbc().sql("SELECT current_user::text").query(String.class).single())
                    .endsWith("_app");
            assertThat(
                            jdbc().sql("SELECT coalesce(current_setting('app.tenant', true), '')")
                                    .query(String.class)
                                    .single())
                    .isEmpty();
        }
    }

    @Test
    void aLoginInTheAddressIsNeverThePoolsLogin() {
        try (var again = Database.open(DatabaseServer.at(database.ownerUrl(), null, null), 2)) {
            assertThat(
                            JdbcClient.create(again.pool())
                                    .sql("SELECT current_user::text")
                                    .query(String.class)
                                    .single())
                    .endsWith("_app");
        }
    }

    private static String role() {
        return jdbc().sql("SELECT current_user::text").query(String.class).single();
    }

    private static long count(String table, TenantId as) {
        return database.transactions()
                .callAs(
                        Scope.tenant(as, ANN),
                        () ->
                                jdbc().sql("SELECT count(*) FROM " + table)
                                        .query(Long.class)
                                        .single());
    }
}
