package io.cybershield.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A newer release brings every company's schema along, whatever was cut off or is in the way. */
class UpgradeIT {
    @Test
    void oneCompanyInTheWayIsNamedAndKeepsNoOtherBack() {
        try (var made = TestDatabase.create()) {
            List<TenantId> all = Stream.generate(() -> older(made)).limit(5).toList();
            TenantId hindered = all.get(2);
            made.asOwner("CREATE TABLE " + hindered.schema() + ".asset ()");
            assertThatThrownBy(() -> start(made))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("1 of 5 companies")
                    .hasMessageContaining(hindered.toString())
                    .hasMessageContaining("\"asset\" already exists")
                    .hasMessageNotContaining(all.getFirst().toString());
            for (TenantId tenant : all) {
                assertThat(isReady(made, tenant)).isEqualTo(!tenant.equals(hindered));
            }
            made.asOwner("DROP TABLE " + hindered.schema() + ".asset");
            start(made);
            assertThat(all).allMatch(tenant -> isReady(made, tenant));
        }
    }

    /** As if the server had died between a change and the mark that it was made. */
    @Test
    void aChangeAndItsMarkAreThereTogetherOrNotAtAll() {
        try (var made = TestDatabase.create()) {
            TenantId tenant = older(made);
            String marks = tenant.schema() + ".databasechangelog";
            made.asOwner("ALTER TABLE " + marks + " ADD CONSTRAINT cut CHECK (false) NOT VALID");
            assertThatThrownBy(() -> start(made)).hasMessageContaining("cut");
            assertThat(hasAssets(made, tenant)).isFalse();
            made.asOwner("ALTER TABLE " + marks + " DROP CONSTRAINT cut");
            start(made);
            assertThat(isReady(made, tenant)).isTrue();
        }
    }

    @Test
    void theLockOfAServerThatWasKilledIsNotWaitedFor() {
        try (var made = TestDatabase.create()) {
            TenantId tenant = older(made);
            made.asOwner("UPDATE platform.shared_schema SET changelog = 'older'");
            for (String schema : List.of("platform", tenant.schema())) {
                made.asOwner(
                        "INSERT INTO "
                                + schema
                                + ".databasechangeloglock (id, locked, lockgranted, lockedby)"
                                + " VALUES (1, true, now(), 'killed') ON CONFLICT (id) DO UPDATE"
                                + " SET locked = true, lockgranted = now(), lockedby = 'killed'");
            }
            start(made);
            assertThat(isReady(made, tenant)).isTrue();
        }
    }

    /** A company as the release before the table of assets left it. */
    private static TenantId older(TestDatabase made) {
        var tenant = new TenantId(UUID.randomUUID());
        made.tenantSchemas().ensure(tenant);
        made.asOwner("DROP TABLE " + tenant.schema() + ".asset");
        made.asOwner("DELETE FROM " + tenant.schema() + ".databasechangelog WHERE id = 'asset'");
        made.asOwner(
                "UPDATE platform.tenant_schema SET changelog = 'older' WHERE tenant_id = '"
                        + tenant
                        + "'");
        return tenant;
    }

    private static void start(TestDatabase made) {
        Database.open(made.database().server(), 1).pool().close();
    }

    /** The table with its walls, and the note that nothing is left to do. */
    private static boolean isReady(TestDatabase made, TenantId tenant) {
        return is(
                made,
                """
                SELECT EXISTS (SELECT FROM pg_class c WHERE c.oid = to_regclass('%s.asset') AND c.relforcerowsecurity)
                   AND EXISTS (SELECT FROM platform.tenant_schema WHERE tenant_id = '%s' AND changelog = '%s')
                """
                        .formatted(tenant.schema(), tenant, Migrations.hash(Migrations.TENANT)));
    }

    private static boolean hasAssets(TestDatabase made, TenantId tenant) {
        return is(made, "SELECT to_regclass('" + tenant.schema() + ".asset') IS NOT NULL");
    }

    private static boolean is(TestDatabase made, String question) {
        try (var owner = made.database().server().owner();
                var sql = owner.createStatement();
                var rows = sql.executeQuery(question)) {
            rows.next();
            return rows.getBoolean(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
