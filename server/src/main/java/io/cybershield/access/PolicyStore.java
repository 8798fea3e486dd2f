package io.cybershield.access;

import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.policy.Mark;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * A company's own roles and policies. Except {@link #load}, every method runs in the caller's
 * transaction under the tenant's scope, whose role sees only its own rows.
 */
@Component
class PolicyStore {
    private static final Scope PLATFORM = Scope.platform("access");
    private static final String ROLES =
            "SELECT name, permissions, conditions, revision, changed_at FROM platform.custom_role";

    private final JdbcClient jdbc;
    private final Transactions transactions;

    PolicyStore(JdbcClient jdbc, Transactions transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    /**
     * A text of policies as it was saved.
     *
     * @param version 0 for none yet
     */
    record Version(int version, String policies, UUID by, String byName, Instant at) {
        static final Version NONE = new Version(0, "", new UUID(0, 0), "", Instant.EPOCH);
    }

    /**
     * All that a company adds to the built-in policies.
     *
     * @param epoch the rest is as of this one, or newer
     * @param marks that its machines have
     */
    record Own(long epoch, List<CustomRole> roles, Version policies, Set<Mark> marks) {
        Own(long epoch, List<CustomRole> roles, Version policies) {
            this(epoch, roles, policies, Set.of());
        }

        static final Own NOTHING = new Own(0, List.of(), Version.NONE);
    }

    /** Of a tenant, whatever the scope; the epoch is read first. */
    Own load(TenantId tenant) {
        return transactions.callAs(
                PLATFORM,
                () ->
                        new Own(
                                jdbc.sql(
                                                "SELECT epoch FROM platform.policy_epoch WHERE"
                                                        + " tenant_id = :tenant")
                                        .param("tenant", tenant.value())
                                        .query(Long.class)
                                        .optional()
                                        .orElse(0L),
                                jdbc.sql(ROLES + " WHERE tenant_id = :tenant ORDER BY name")
                                        .param("tenant", tenant.value())
                                        .query(PolicyStore::role)
                                        .list(),
                                jdbc.sql(
                                                """
                                                SELECT * FROM platform.policy_version WHERE tenant_id = :tenant
                                                ORDER BY version DESC LIMIT 1
                                                """)
                                        .param("tenant", tenant.value())
                                        .query(PolicyStore::version)
                                        .optional()
                                        .orElse(Version.NONE),
                                jdbc
                                        .sql(
                                                "SELECT DISTINCT mark FROM platform.host_mark WHERE"
                                                        + " tenant_id = :tenant")
                                        .param("tenant", tenant.value())
                                        .query((row, _) -> Mark.of(row.getInt(1)))
                                        .stream()
                                        .collect(Collectors.toUnmodifiableSet())));
    }

    /** How often the current tenant changed its roles and policies. */
    long epoch() {
        return jdbc.sql(
                        "SELECT COALESCE(max(epoch), 0) FROM platform.policy_epoch WHERE tenant_id"
                                + " = platform.current_tenant()")
                .query(Long.class)
                .single();
    }

    /** Counts up; changes of one company's roles and policies follow one after the other. */
    long nextEpoch() {
        return jdbc.sql(
                        """
                        INSERT INTO platform.policy_epoch AS e (tenant_id, epoch) VALUES (platform.current_tenant(), 1)
                        ON CONFLICT (tenant_id) DO UPDATE SET epoch = e.epoch + 1 RETURNING epoch
                        """)
                .query(Long.class)
                .single();
    }

    List<CustomRole> roles() {
        return jdbc.sql(ROLES + " ORDER BY name").query(PolicyStore::role).list();
    }

    Optional<CustomRole> find(String name) {
        return jdbc.sql(ROLES + " WHERE name = :name")
                .param("name", name)
                .query(PolicyStore::role)
                .optional();
    }

    /** Waits for whoever is giving the role, and lets nobody give it until the transaction ends. */
    void takeForDeletion(String name) {
        jdbc.sql("SELECT 1 FROM platform.custom_role WHERE name = :name FOR UPDATE")
                .param("name", name)
                .query(Integer.class)
                .optional();
    }

    /** Keeps the role from being taken away until the transaction ends; false if there is none. */
    boolean hold(String name) {
        return jdbc.sql("SELECT 1 FROM platform.custom_role WHERE name = :name FOR SHARE")
                .param("name", name)
                .query(Integer.class)
                .optional()
                .isPresent();
    }

    void put(CustomRole role) {
        jdbc.sql(
                        """
                        INSERT INTO platform.custom_role (name, permissions, conditions, revision, changed_at)
                        VALUES (:name, :permissions, :conditions, :revision, :at)
                        ON CONFLICT (tenant_id, name) DO UPDATE SET permissions = EXCLUDED.permissions,
                            conditions = EXCLUDED.conditions, revision = EXCLUDED.revision, changed_at = EXCLUDED.changed_at
                        """)
                .param("name", role.name())
                .param("permissions", role.permissions().stream().sorted().toArray(String[]::new))
                .param("conditions", role.conditions())
                .param("revision", role.revision())
                .param("at", AccountStore.utc(role.changedAt()))
                .update();
    }

    void delete(String name) {
        jdbc.sql("DELETE FROM platform.custom_role WHERE name = :name")
                .param("name", name)
                .update();
    }

    void save(Version version) {
        jdbc.sql(
                        """
                        INSERT INTO platform.policy_version (version, policies, saved_by, saved_name, saved_at)
                        VALUES (:version, :policies, :by, :name, :at)
                        """)
                .param("version", version.version())
                .param("policies", version.policies())
                .param("by", version.by())
                .param("name", version.byName())
                .param("at", AccountStore.utc(version.at()))
                .update();
    }

    /** The newest first. */
    List<Version> versions(int limit) {
        return jdbc.sql("SELECT * FROM platform.policy_version ORDER BY version DESC LIMIT :limit")
                .param("limit", limit)
                .query(PolicyStore::version)
                .list();
    }

    private static CustomRole role(ResultSet row, int number) throws SQLException {
        return new CustomRole(
                row.getString("name"),
                Set.of((String[]) row.getArray("permissions").getArray()),
                row.getString("conditions"),
                row.getInt("revision"),
                row.getObject("changed_at", OffsetDateTime.class).toInstant());
    }

    private static Version version(ResultSet row, int number) throws SQLException {
        return new Version(
                row.getInt("version"),
                row.getString("policies"),
                row.getObject("saved_by", UUID.class),
                row.getString("saved_name"),
                row.getObject("saved_at", OffsetDateTime.class).toInstant());
    }
}
