package io.cybershield.access;

import static io.cybershield.access.AccountStore.instant;
import static io.cybershield.access.AccountStore.utc;

import io.cybershield.platform.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Keys of programs and the programs' own accounts; every method runs in the caller's transaction.
 */
@Component
class ApiKeyStore {
    private static final String KEYS =
            """
            SELECT k.id, k.tenant_id, k.account_id, k.service_account_id, k.name, k.hint, k.scopes, k.networks,
                k.created_by, k.created_at, k.expires_at, k.revoked_at, k.last_used_at, k.last_used_from,
                COALESCE(a.name, s.name) AS owner_name, COALESCE(a.role, s.role) AS owner_role,
                COALESCE(a.state, s.state) = 'active' AS owner_active, a.role_until, COALESCE(a.clearance, 0) AS clearance,
                COALESCE(e.epoch, 0) AS policy_epoch
            FROM platform.api_key k
                LEFT JOIN platform.account a ON a.id = k.account_id
                LEFT JOIN platform.service_account s ON s.id = k.service_account_id
                LEFT JOIN platform.policy_epoch e ON e.tenant_id = k.tenant_id
            """;
    private final JdbcClient jdbc;

    ApiKeyStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * A key, without its secret.
     *
     * @param owner the person or service account that it acts for
     * @param service whether the owner is a service account
     * @param ownerActive false if the owner is disabled
     * @param roleUntil when the owner's role ends; null if it does not
     * @param clearance of the owner, 0 to 3
     * @param policyEpoch counts the changes of the tenant's roles and policies
     * @param networks from where it works; from everywhere if empty
     */
    record Key(
            UUID id,
            TenantId tenant,
            UUID owner,
            boolean service,
            String ownerName,
            String ownerRole,
            boolean ownerActive,
            @Nullable Instant roleUntil,
            int clearance,
            long policyEpoch,
            String name,
            String hint,
            List<String> scopes,
            List<String> networks,
            String createdBy,
            Instant createdAt,
            Instant expiresAt,
            @Nullable Instant revokedAt,
            @Nullable Instant lastUsedAt,
            @Nullable String lastUsedFrom) {}

    /**
     * @param keys how many of its keys can be used now
     */
    record ServiceAccount(
            UUID id,
            String name,
            String description,
            String role,
            boolean active,
            String createdBy,
            Instant createdAt,
            int keys) {}

    // ------------------------------------------------------------ under the platform's scope

    /** The key with that hash. */
    Optional<Key> find(byte[] hash) {
        return jdbc.sql(KEYS + "WHERE k.key_hash = :hash")
                .param("hash", hash)
                .query(ApiKeyStore::key)
                .optional();
    }

    /** Why the tenant is suspended; empty if it is not. */
    Optional<Account.Suspension> suspension(TenantId tenant) {
        return jdbc.sql(
                        """
                        SELECT suspended_reason, suspended_at FROM platform.tenant
                        WHERE id = :id AND state = 'suspended'
                        """)
                .param("id", tenant.value())
                .query((row, _) ->
                        new Account.Suspension(row.getString(1), row.getTimestamp(2).toInstant()))
                .optional();
    }

    /** Notes the use, once a minute for each address. */
    void used(UUID id, Instant now, String address) {
        jdbc.sql(
                        """
                        UPDATE platform.api_key SET last_used_at = :now, last_used_from = :address
                        WHERE id = :id AND (last_used_at IS NULL OR last_used_at < :now - interval '1 minute'
                            OR last_used_from IS DISTINCT FROM :address)
                        """)
                .param("now", utc(now))
                .param("address", address)
                .param("id", id)
                .update();
    }

    /** True for the first refusal of an hour: the one that the trail keeps. */
    boolean refused(UUID id, Instant now) {
        return jdbc.sql(
                                """
                                UPDATE platform.api_key SET last_refused_at = :now
                                WHERE id = :id AND (last_refused_at IS NULL OR last_refused_at < :now - interval '1 hour')
                                """)
                        .param("now", utc(now))
                        .param("id", id)
                        .update()
                == 1;
    }

    /**
     * A key that runs out soon.
     *
     * @param account of the person it acts for; null for a service account's
     */
    record Ending(
            UUID id,
            TenantId tenant,
            @Nullable UUID account,
            String name,
            String hint,
            Instant expiresAt) {}

    /**
     * The keys that run out within that time and were not told of, which are told of now. One that
     * was made for less than twice that time is not worth a word.
     */
    List<Ending> toRemind(Instant now, Duration before) {
        return jdbc.sql(
                        """
                        UPDATE platform.api_key SET reminded_at = :now
                        WHERE id IN (SELECT id FROM platform.api_key
                                     WHERE revoked_at IS NULL AND reminded_at IS NULL AND expires_at > :now AND expires_at <= :soon
                                       AND expires_at - created_at >= make_interval(secs => :least)
                                     ORDER BY expires_at LIMIT 500 FOR UPDATE SKIP LOCKED)
                        RETURNING id, tenant_id, account_id, name, hint, expires_at
                        """)
                .param("now", utc(now))
                .param("soon", utc(now.plus(before)))
                .param("least", 2 * before.toSeconds())
                .query((row, _) ->
                        new Ending(
                                row.getObject("id", UUID.class),
                                new TenantId(row.getObject("tenant_id", UUID.class)),
                                row.getObject("account_id", UUID.class),
                                row.getString("name"),
                                row.getString("hint"),
                                row.getTimestamp("expires_at").toInstant()))
                .list();
    }

    // ------------------------------------------------------------ under the tenant's scope

    void add(
            UUID id,
            TenantId tenant,
            UUID owner,
            boolean service,
            String name,
            ApiKey key,
            List<String> scopes,
            List<String> networks,
            String by,
            Instant now,
            Instant expires) {
        jdbc.sql(
                        """
                        INSERT INTO platform.api_key (id, tenant_id, account_id, service_account_id, name, key_hash, hint,
                            scopes, networks, created_by, created_at, expires_at)
                        VALUES (:id, :tenant, :account, :service, :name, :hash, :hint, :scopes, :networks, :by, :now,
                            :expires)
                        """)
                .param("id", id)
                .param("tenant", tenant.value())
                .param("account", service ? null : owner)
                .param("service", service ? owner : null)
                .param("name", name)
                .param("hash", key.hash())
                .param("hint", key.hint())
                .param("scopes", scopes.toArray(String[]::new))
                .param("networks", networks.toArray(String[]::new))
                .param("by", by)
                .param("now", utc(now))
                .param("expires", utc(expires))
                .update();
    }

    /**
     * @param owner whose keys; null for those of the whole company
     */
    List<Key> list(@Nullable UUID owner, @Nullable UUID after, int limit) {
        return jdbc.sql(
                        KEYS
                                + """
                                WHERE (:owner::uuid IS NULL OR :owner IN (k.account_id, k.service_account_id))
                                    AND (:after::uuid IS NULL OR k.id < :after)
                                ORDER BY k.id DESC LIMIT :limit
                                """)
                .param("owner", owner)
                .param("after", after)
                .param("limit", limit)
                .query(ApiKeyStore::key)
                .list();
    }

    /** Newest first. */
    List<Key> withScope(String scope) {
        return jdbc.sql(KEYS + " WHERE :scope = ANY(k.scopes) ORDER BY k.id DESC LIMIT 100")
                .param("scope", scope)
                .query(ApiKeyStore::key)
                .list();
    }

    Optional<Key> find(UUID id) {
        return jdbc.sql(KEYS + " WHERE k.id = :id")
                .param("id", id)
                .query(ApiKeyStore::key)
                .optional();
    }

    /** How many keys of the owner can be used. */
    int usable(UUID owner, Instant now) {
        return jdbc.sql(
                        """
                        SELECT count(*) FROM platform.api_key
                        WHERE :owner IN (account_id, service_account_id) AND revoked_at IS NULL AND expires_at > :now
                        """)
                .param("owner", owner)
                .param("now", utc(now))
                .query(Integer.class)
                .single();
    }

    /** False if it was revoked before. */
    boolean revoke(UUID id, Instant now) {
        return jdbc.sql(
                                "UPDATE platform.api_key SET revoked_at = :now WHERE id = :id AND"
                                        + " revoked_at IS NULL")
                        .param("now", utc(now))
                        .param("id", id)
                        .update()
                == 1;
    }

    /** Ends all keys of a person; how many there were that worked. */
    int revokeAll(UUID person, Instant now) {
        return jdbc.sql(
                        "UPDATE platform.api_key SET revoked_at = :now WHERE account_id = :id AND"
                                + " revoked_at IS NULL")
                .param("now", utc(now))
                .param("id", person)
                .update();
    }

    /** False if another has the name. */
    boolean addService(
            UUID id,
            TenantId tenant,
            String name,
            String description,
            String role,
            String by,
            Instant now) {
        return jdbc.sql(
                                """
                                INSERT INTO platform.service_account (id, tenant_id, name, description, role, created_by,
                                    created_at)
                                VALUES (:id, :tenant, :name, :description, :role, :by, :now)
                                ON CONFLICT (tenant_id, name) DO NOTHING
                                """)
                        .param("id", id)
                        .param("tenant", tenant.value())
                        .param("name", name)
                        .param("description", description)
                        .param("role", role)
                        .param("by", by)
                        .param("now", utc(now))
                        .update()
                == 1;
    }

    void changeService(UUID id, String description, String role, boolean active) {
        jdbc.sql(
                        """
                        UPDATE platform.service_account SET description = :description, role = :role, state = :state
                        WHERE id = :id
                        """)
                .param("description", description)
                .param("role", role)
                .param("state", active ? "active" : "disabled")
                .param("id", id)
                .update();
    }

    List<ServiceAccount> services(Instant now) {
        return services(null, now);
    }

    Optional<ServiceAccount> service(UUID id, Instant now) {
        return services(id, now).stream().findFirst();
    }

    private List<ServiceAccount> services(@Nullable UUID id, Instant now) {
        return jdbc.sql(
                        """
                        SELECT s.*, (SELECT count(*) FROM platform.api_key k
                            WHERE k.service_account_id = s.id AND k.revoked_at IS NULL AND k.expires_at > :now) AS keys
                        FROM platform.service_account s WHERE :id::uuid IS NULL OR s.id = :id ORDER BY s.name
                        """)
                .param("now", utc(now))
                .param("id", id)
                .query((row, _) ->
                        new ServiceAccount(
                                row.getObject("id", UUID.class),
                                row.getString("name"),
                                row.getString("description"),
                                row.getString("role"),
                                row.getString("state").equals("active"),
                                row.getString("created_by"),
                                at(row, "created_at"),
                                row.getInt("keys")))
                .list();
    }

    /** Names of the service accounts that have the role. */
    List<String> servicesWith(String role) {
        return jdbc.sql(
                        "SELECT name FROM platform.service_account WHERE role = :role ORDER BY"
                                + " name")
                .param("role", role)
                .query((row, _) -> row.getString(1))
                .list();
    }

    private static Key key(ResultSet row, int number) throws SQLException {
        UUID service = row.getObject("service_account_id", UUID.class);
        return new Key(
                row.getObject("id", UUID.class),
                new TenantId(row.getObject("tenant_id", UUID.class)),
                service == null ? row.getObject("account_id", UUID.class) : service,
                service != null,
                row.getString("owner_name"),
                row.getString("owner_role"),
                row.getBoolean("owner_active"),
                instant(row, "role_until"),
                row.getInt("clearance"),
                row.getLong("policy_epoch"),
                row.getString("name"),
                row.getString("hint"),
                texts(row, "scopes"),
                texts(row, "networks"),
                row.getString("created_by"),
                at(row, "created_at"),
                at(row, "expires_at"),
                instant(row, "revoked_at"),
                instant(row, "last_used_at"),
                row.getString("last_used_from"));
    }

    private static List<String> texts(ResultSet row, String column) throws SQLException {
        return List.of((String[]) row.getArray(column).getArray());
    }

    private static Instant at(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
