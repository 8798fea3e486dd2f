package io.cybershield.access;

import static io.cybershield.access.AccountStore.instant;
import static io.cybershield.access.AccountStore.utc;

import io.cybershield.platform.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Registered programs, what people let them do, and their refresh tokens; every method runs in the
 * caller's transaction.
 */
@Component
class OauthStore {
    private static final String CLIENTS =
            """
            SELECT c.id, c.tenant_id, c.name, c.service_account_id, c.hint, c.generation, c.redirect_uris, c.scopes,
                c.created_by, c.created_at, c.revoked_at, c.last_used_at, s.name AS service_name, s.role AS service_role,
                COALESCE(s.state, 'active') = 'active' AS owner_active
            FROM platform.oauth_client c LEFT JOIN platform.service_account s ON s.id = c.service_account_id
            """;
    private static final String GRANTS =
            """
            SELECT g.*, c.name AS client_name, c.revoked_at AS client_revoked_at, a.name AS account_name,
                a.credentials AS account_credentials
            FROM platform.oauth_grant g
                JOIN platform.oauth_client c ON c.id = g.client_id
                JOIN platform.account a ON a.id = g.account_id
            """;

    private final JdbcClient jdbc;

    OauthStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * A registered program, without its secret.
     *
     * @param service the service account that it acts as; null for a public one, which acts for
     *     people
     * @param hint the last four characters of the secret; null for a public one
     * @param generation counts the secrets
     * @param ownerActive false if the service account is disabled
     */
    record Client(
            UUID id,
            TenantId tenant,
            String name,
            @Nullable UUID service,
            @Nullable String serviceName,
            @Nullable String serviceRole,
            boolean ownerActive,
            @Nullable String hint,
            int generation,
            List<String> redirectUris,
            List<String> scopes,
            String createdBy,
            Instant createdAt,
            @Nullable Instant revokedAt,
            @Nullable Instant lastUsedAt) {
        boolean isPublic() {
            return service == null;
        }
    }

    /**
     * A client at the door.
     *
     * @param secretHash null for a public one
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared; arrays are never changed
    record AtTheDoor(UUID id, byte @Nullable [] secretHash, int generation) {}

    /**
     * What a person let a public client do.
     *
     * @param redeemedAt when its code was used; null before
     * @param authenticatedAt when the person had signed in; null for what is older than that is
     *     kept
     * @param nonce the program's own word for its ID token; null if it gave none
     * @param stands whether client and credentials are still those that it rests on
     */
    record Grant(
            UUID id,
            TenantId tenant,
            UUID client,
            String clientName,
            UUID account,
            String accountName,
            List<String> scopes,
            String codeChallenge,
            String redirectUri,
            Instant codeExpiresAt,
            Instant createdAt,
            Instant expiresAt,
            @Nullable Instant redeemedAt,
            @Nullable Instant lastUsedAt,
            @Nullable Instant endedAt,
            @Nullable Instant authenticatedAt,
            @Nullable String nonce,
            boolean stands) {
        boolean open(Instant now) {
            return stands && endedAt == null && now.isBefore(expiresAt);
        }
    }

    /** A refresh token's row. */
    record Refresh(UUID grant, boolean used) {}

    /**
     * Whose right a token rests on, as of now.
     *
     * @param service whether the owner is a service account
     * @param scopes what the client may be given at all, and the person granted
     */
    record Authority(
            TenantId tenant,
            UUID client,
            String clientName,
            UUID owner,
            boolean service,
            String ownerName,
            String ownerRole,
            @Nullable Instant roleUntil,
            int clearance,
            long policyEpoch,
            List<String> scopes) {}

    /** Whom a grant tells of. */
    record Identity(TenantId tenant, UUID account, String name, String email) {
        /** Never shows the address. */
        @Override
        public String toString() {
            return "Identity[" + account + " of " + tenant + "]";
        }
    }

    // ------------------------------------------------------------ clients, under the tenant's
    // scope

    void add(
            UUID id,
            TenantId tenant,
            String name,
            @Nullable UUID service,
            byte @Nullable [] secretHash,
            @Nullable String hint,
            List<String> redirectUris,
            List<String> scopes,
            String by,
            Instant now) {
        jdbc.sql(
                        """
                        INSERT INTO platform.oauth_client (id, tenant_id, name, service_account_id, secret_hash, hint,
                            redirect_uris, scopes, created_by, created_at)
                        VALUES (:id, :tenant, :name, :service, :hash, :hint, :uris, :scopes, :by, :now)
                        """)
                .param("id", id)
                .param("tenant", tenant.value())
                .param("name", name)
                .param("service", service)
                .param("hash", secretHash)
                .param("hint", hint)
                .param("uris", redirectUris.toArray(String[]::new))
                .param("scopes", scopes.toArray(String[]::new))
                .param("by", by)
                .param("now", utc(now))
                .update();
    }

    /** Newest first. */
    List<Client> clients(@Nullable UUID after, int limit) {
        return jdbc.sql(
                        CLIENTS
                                + """
                                WHERE :after::uuid IS NULL OR c.id < :after ORDER BY c.id DESC LIMIT :limit
                                """)
                .param("after", after)
                .param("limit", limit)
                .query(OauthStore::client)
                .list();
    }

    Optional<Client> client(UUID id) {
        return jdbc.sql(CLIENTS + " WHERE c.id = :id")
                .param("id", id)
                .query(OauthStore::client)
                .optional();
    }

    int usableClients() {
        return jdbc.sql("SELECT count(*) FROM platform.oauth_client WHERE revoked_at IS NULL")
                .query(Integer.class)
                .single();
    }

    /** What rested on the secret before opens nothing from now on. */
    void setSecret(UUID id, byte[] hash, String hint) {
        jdbc.sql(
                        """
                        UPDATE platform.oauth_client SET secret_hash = :hash, hint = :hint, generation = generation + 1
                        WHERE id = :id
                        """)
                .param("hash", hash)
                .param("hint", hint)
                .param("id", id)
                .update();
    }

    /** False if it was revoked before. */
    boolean revoke(UUID id, Instant now) {
        return jdbc.sql(
                                "UPDATE platform.oauth_client SET revoked_at = :now WHERE id = :id"
                                        + " AND revoked_at IS NULL")
                        .param("now", utc(now))
                        .param("id", id)
                        .update()
                == 1;
    }

    // ------------------------------------------------------------ under the platform's scope

    /** A client that works, of a company that is active. */
    Optional<AtTheDoor> atTheDoor(UUID id) {
        return jdbc.sql(
                        """
                        SELECT c.id, c.secret_hash, c.generation FROM platform.oauth_client c
                            JOIN platform.tenant t ON t.id = c.tenant_id AND t.state = 'active'
                        WHERE c.id = :id AND c.revoked_at IS NULL
                        """)
                .param("id", id)
                .query((row, _) ->
                        new AtTheDoor(row.getObject(1, UUID.class), row.getBytes(2), row.getInt(3)))
                .optional();
    }

    /** As a program asks for it whose person nobody knows yet. */
    Optional<Client> publicClient(UUID id) {
        return jdbc.sql(
                        CLIENTS
                                + """
                                JOIN platform.tenant t ON t.id = c.tenant_id AND t.state = 'active'
                                WHERE c.id = :id
                                """)
                .param("id", id)
                .query(OauthStore::client)
                .optional();
    }

    /** Notes the use, once a minute. */
    void used(UUID client, @Nullable UUID grant, Instant now) {
        jdbc.sql(
                        """
                        UPDATE platform.oauth_client SET last_used_at = :now
                        WHERE id = :id AND (last_used_at IS NULL OR last_used_at < :now - interval '1 minute')
                        """)
                .param("now", utc(now))
                .param("id", client)
                .update();
        if (grant != null) {
            jdbc.sql(
                            """
                            UPDATE platform.oauth_grant SET last_used_at = :now
                            WHERE id = :id AND (last_used_at IS NULL OR last_used_at < :now - interval '1 minute')
                            """)
                    .param("now", utc(now))
                    .param("id", grant)
                    .update();
        }
    }

    /** What a token of the client itself rests on; empty once it rests on nothing. */
    Optional<Authority> ofClient(UUID client, int generation) {
        return jdbc.sql(
                        """
                        SELECT c.tenant_id, c.id, c.name, s.id, true, s.name, s.role, NULL::timestamptz AS role_until,
                            0, COALESCE(e.epoch, 0), c.scopes
                        FROM platform.oauth_client c
                            JOIN platform.service_account s ON s.id = c.service_account_id AND s.state = 'active'
                            JOIN platform.tenant t ON t.id = c.tenant_id AND t.state = 'active'
                            LEFT JOIN platform.policy_epoch e ON e.tenant_id = c.tenant_id
                        WHERE c.id = :id AND c.generation = :generation AND c.revoked_at IS NULL
                        """)
                .param("id", client)
                .param("generation", generation)
                .query(OauthStore::authority)
                .optional();
    }

    /** What a token that a person gave rests on; empty once it rests on nothing. */
    Optional<Authority> ofGrant(UUID grant, Instant now) {
        return jdbc.sql(
                        """
                        SELECT c.tenant_id, c.id, c.name, a.id, false, a.name, a.role, a.role_until, a.clearance,
                            COALESCE(e.epoch, 0), g.scopes
                        FROM platform.oauth_grant g
                            JOIN platform.oauth_client c ON c.id = g.client_id AND c.revoked_at IS NULL
                            JOIN platform.account a ON a.id = g.account_id AND a.state = 'active'
                                AND a.credentials = g.credentials
                            JOIN platform.tenant t ON t.id = g.tenant_id AND t.state = 'active'
                            LEFT JOIN platform.policy_epoch e ON e.tenant_id = g.tenant_id
                        WHERE g.id = :id AND g.redeemed_at IS NOT NULL AND g.ended_at IS NULL AND g.expires_at > :now
                        """)
                .param("id", grant)
                .param("now", utc(now))
                .query(OauthStore::authority)
                .optional();
    }

    Optional<Identity> identity(UUID grant) {
        return jdbc.sql(
                        """
                        SELECT a.tenant_id, a.id, a.name, a.email FROM platform.oauth_grant g
                            JOIN platform.account a ON a.id = g.account_id
                        WHERE g.id = :id
                        """)
                .param("id", grant)
                .query((row, _) ->
                        new Identity(
                                new TenantId(row.getObject(1, UUID.class)),
                                row.getObject(2, UUID.class),
                                row.getString(3),
                                row.getString(4)))
                .optional();
    }

    /**
     * @param credentials the generation that the person's session has
     * @param authenticatedAt when the person had signed in
     */
    void addGrant(
            UUID id,
            SignedIn by,
            int credentials,
            UUID client,
            List<String> scopes,
            byte[] codeHash,
            String codeChallenge,
            String redirectUri,
            @Nullable Instant authenticatedAt,
            @Nullable String nonce,
            Instant now,
            Instant codeExpires,
            Instant expires) {
        jdbc.sql(
                        """
                        INSERT INTO platform.oauth_grant (id, tenant_id, client_id, account_id, credentials, scopes,
                            code_hash, code_challenge, redirect_uri, authenticated_at, nonce, code_expires_at, created_at,
                            expires_at)
                        VALUES (:id, :tenant, :client, :account, :credentials, :scopes, :hash, :challenge, :uri,
                            :authenticated, :nonce, :codeExpires, :now, :expires)
                        """)
                .param("id", id)
                .param("tenant", by.tenant().value())
                .param("client", client)
                .param("account", by.account())
                .param("credentials", credentials)
                .param("scopes", scopes.toArray(String[]::new))
                .param("hash", codeHash)
                .param("challenge", codeChallenge)
                .param("uri", redirectUri)
                .param("authenticated", authenticatedAt == null ? null : utc(authenticatedAt))
                .param("nonce", nonce)
                .param("codeExpires", utc(codeExpires))
                .param("now", utc(now))
                .param("expires", utc(expires))
                .update();
    }

    /** Frees what opens nothing any more, of one account. */
    void sweep(UUID account, Instant now) {
        String dead =
                """
                SELECT id FROM platform.oauth_grant WHERE account_id = :account
                    AND (expires_at < :now OR ended_at < :now - interval '1 day'
                        OR redeemed_at IS NULL AND code_expires_at < :now - interval '1 day')
                """;
        jdbc.sql("DELETE FROM platform.oauth_refresh WHERE grant_id IN (" + dead + ")")
                .param("account", account)
                .param("now", utc(now))
                .update();
        jdbc.sql("DELETE FROM platform.oauth_grant WHERE id IN (" + dead + ")")
                .param("account", account)
                .param("now", utc(now))
                .update();
    }

    /** Newest first: those that are redeemed and open something. */
    List<Grant> grants(UUID account, Instant now) {
        return jdbc
                .sql(
                        GRANTS
                                + """
                                WHERE g.account_id = :account AND g.redeemed_at IS NOT NULL ORDER BY g.id DESC
                                """)
                .param("account", account)
                .query(OauthStore::grant)
                .list()
                .stream()
                .filter(grant -> grant.open(now))
                .toList();
    }

    Optional<Grant> grantOfCode(byte[] codeHash) {
        return jdbc.sql(GRANTS + " WHERE g.code_hash = :hash")
                .param("hash", codeHash)
                .query(OauthStore::grant)
                .optional();
    }

    Optional<Grant> grant(UUID id) {
        return jdbc.sql(GRANTS + " WHERE g.id = :id")
                .param("id", id)
                .query(OauthStore::grant)
                .optional();
    }

    /** As {@link #grant}, taken until the transaction ends: one change of a family at a time. */
    Optional<Grant> take(UUID id) {
        return jdbc.sql(GRANTS + " WHERE g.id = :id FOR UPDATE OF g")
                .param("id", id)
                .query(OauthStore::grant)
                .optional();
    }

    Optional<Refresh> refresh(byte[] hash) {
        return jdbc.sql(
                        "SELECT grant_id, used_at IS NOT NULL FROM platform.oauth_refresh WHERE"
                                + " hash = :hash")
                .param("hash", hash)
                .query((row, _) -> new Refresh(row.getObject(1, UUID.class), row.getBoolean(2)))
                .optional();
    }

    void redeem(UUID grant, Instant now) {
        jdbc.sql("UPDATE platform.oauth_grant SET redeemed_at = :now WHERE id = :id")
                .param("now", utc(now))
                .param("id", grant)
                .update();
    }

    void addRefresh(Grant grant, byte[] hash, Instant now) {
        jdbc.sql(
                        """
                        INSERT INTO platform.oauth_refresh (hash, tenant_id, grant_id, created_at)
                        VALUES (:hash, :tenant, :grant, :now)
                        """)
                .param("hash", hash)
                .param("tenant", grant.tenant().value())
                .param("grant", grant.id())
                .param("now", utc(now))
                .update();
    }

    void useRefresh(byte[] hash, Instant now) {
        jdbc.sql("UPDATE platform.oauth_refresh SET used_at = :now WHERE hash = :hash")
                .param("now", utc(now))
                .param("hash", hash)
                .update();
    }

    /** With its refresh tokens; false if it ended before. */
    boolean end(UUID grant, Instant now) {
        jdbc.sql("DELETE FROM platform.oauth_refresh WHERE grant_id = :id")
                .param("id", grant)
                .update();
        return jdbc.sql(
                                "UPDATE platform.oauth_grant SET ended_at = :now WHERE id = :id AND"
                                        + " ended_at IS NULL")
                        .param("now", utc(now))
                        .param("id", grant)
                        .update()
                == 1;
    }

    // ------------------------------------------------------------ rows

    private static Client client(ResultSet row, int number) throws SQLException {
        return new Client(
                row.getObject("id", UUID.class),
                new TenantId(row.getObject("tenant_id", UUID.class)),
                row.getString("name"),
                row.getObject("service_account_id", UUID.class),
                row.getString("service_name"),
                row.getString("service_role"),
                row.getBoolean("owner_active"),
                row.getString("hint"),
                row.getInt("generation"),
                texts(row, "redirect_uris"),
                texts(row, "scopes"),
                row.getString("created_by"),
                at(row, "created_at"),
                instant(row, "revoked_at"),
                instant(row, "last_used_at"));
    }

    private static Grant grant(ResultSet row, int number) throws SQLException {
        return new Grant(
                row.getObject("id", UUID.class),
                new TenantId(row.getObject("tenant_id", UUID.class)),
                row.getObject("client_id", UUID.class),
                row.getString("client_name"),
                row.getObject("account_id", UUID.class),
                row.getString("account_name"),
                texts(row, "scopes"),
                row.getString("code_challenge"),
                row.getString("redirect_uri"),
                at(row, "code_expires_at"),
                at(row, "created_at"),
                at(row, "expires_at"),
                instant(row, "redeemed_at"),
                instant(row, "last_used_at"),
                instant(row, "ended_at"),
                instant(row, "authenticated_at"),
                row.getString("nonce"),
                instant(row, "client_revoked_at") == null
                        && row.getInt("credentials") == row.getInt("account_credentials"));
    }

    private static Authority authority(ResultSet row, int number) throws SQLException {
        return new Authority(
                new TenantId(row.getObject(1, UUID.class)),
                row.getObject(2, UUID.class),
                row.getString(3),
                row.getObject(4, UUID.class),
                row.getBoolean(5),
                row.getString(6),
                row.getString(7),
                instant(row, "role_until"),
                row.getInt(9),
                row.getLong(10),
                List.of((String[]) row.getArray(11).getArray()));
    }

    private static List<String> texts(ResultSet row, String column) throws SQLException {
        return List.of((String[]) row.getArray(column).getArray());
    }

    private static Instant at(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
