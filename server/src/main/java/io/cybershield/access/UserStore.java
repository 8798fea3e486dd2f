package io.cybershield.access;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The current tenant's people and invitations; every method runs in the caller's transaction under
 * the tenant's scope, whose role sees only its own rows.
 */
@Component
class UserStore {
    /** Open invitations stand beside the accounts that they may become, under the same id. */
    private static final String USERS =
            """
            SELECT id, name, email, role, role_until, clearance, state, mfa_at IS NOT NULL AS mfa, last_sign_in_at, created_at
            FROM platform.account
            UNION ALL
            SELECT id, '', email, role, role_until, 0, 'invited', false, NULL, created_at
            FROM platform.invitation WHERE accepted_at IS NULL
            """;

    /** A role that has ended permits nothing. */
    private static final String ACTS =
            "state = 'active' AND (role_until IS NULL OR role_until > now())";

    private final JdbcClient jdbc;

    UserStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @param roleUntil when the role ends; null if it does not
     * @param state active, invited or disabled
     */
    record User(
            UUID id,
            String name,
            String email,
            String role,
            @Nullable Instant roleUntil,
            int clearance,
            String state,
            boolean mfa,
            @Nullable Instant lastSignInAt,
            Instant createdAt) {}

    List<User> list(@Nullable UUID after, int limit) {
        return jdbc.sql(
                        "SELECT * FROM ("
                                + USERS
                                + ") u WHERE (:after::uuid IS NULL OR id > :after) ORDER BY id"
                                + " LIMIT :limit")
                .param("after", after)
                .param("limit", limit)
                .query(UserStore::user)
                .list();
    }

    Optional<User> find(UUID id) {
        return jdbc.sql("SELECT * FROM (" + USERS + ") u WHERE id = :id")
                .param("id", id)
                .query(UserStore::user)
                .optional();
    }

    List<User> active() {
        return jdbc.sql("SELECT * FROM (" + USERS + ") u WHERE " + ACTS + " ORDER BY id")
                .query(UserStore::user)
                .list();
    }

    List<User> active(String role) {
        return jdbc.sql(
                        "SELECT * FROM ("
                                + USERS
                                + ") u WHERE role = :role AND "
                                + ACTS
                                + " ORDER BY id")
                .param("role", role)
                .query(UserStore::user)
                .list();
    }

    /** Active people who are called so; names are not unique. */
    List<User> named(String name) {
        return jdbc.sql(
                        "SELECT * FROM ("
                                + USERS
                                + ") u WHERE name = :name AND "
                                + ACTS
                                + " ORDER BY id LIMIT 10")
                .param("name", name)
                .query(UserStore::user)
                .list();
    }

    /** Takes the tenant's administrators for this transaction, so that two cannot leave at once. */
    long lockAdmins() {
        return jdbc.sql(
                        "SELECT id FROM platform.account WHERE role = 'tenant-admin' AND state ="
                                + " 'active' ORDER BY id FOR UPDATE")
                .query(UUID.class)
                .list()
                .size();
    }

    /** Sessions of who is disabled open nothing again, not even when the account is enabled. */
    void setAccount(
            UUID id, String role, @Nullable Instant roleUntil, int clearance, boolean active) {
        jdbc.sql(
                        """
                        UPDATE platform.account SET role = :role, role_until = :until, clearance = :clearance, state = :state,
                            credentials = credentials + CASE WHEN :state = 'disabled' THEN 1 ELSE 0 END
                        WHERE id = :id
                        """)
                .param("role", role)
                .param("until", roleUntil == null ? null : AccountStore.utc(roleUntil))
                .param("clearance", clearance)
                .param("state", active ? "active" : "disabled")
                .param("id", id)
                .update();
    }

    void setInvitation(UUID id, String role, @Nullable Instant roleUntil) {
        jdbc.sql(
                        "UPDATE platform.invitation SET role = :role, role_until = :until WHERE id"
                                + " = :id AND accepted_at IS NULL")
                .param("role", role)
                .param("until", roleUntil == null ? null : AccountStore.utc(roleUntil))
                .param("id", id)
                .update();
    }

    /** False if it was taken before, or there is none. */
    boolean withdraw(UUID invitation) {
        return jdbc.sql(
                                "DELETE FROM platform.invitation WHERE id = :id AND accepted_at IS"
                                        + " NULL")
                        .param("id", invitation)
                        .update()
                == 1;
    }

    /** Active people, whether or not their role has ended. */
    List<User> someActive(int limit) {
        return jdbc.sql(
                        "SELECT * FROM ("
                                + USERS
                                + ") u WHERE state = 'active' ORDER BY id LIMIT :limit")
                .param("limit", limit)
                .query(UserStore::user)
                .list();
    }

    /** Those who have a role or are invited with it, disabled or not. */
    List<User> holding(String role) {
        return jdbc.sql("SELECT * FROM (" + USERS + ") u WHERE role = :role ORDER BY id")
                .param("role", role)
                .query(UserStore::user)
                .list();
    }

    boolean isColleague(String email) {
        return jdbc.sql("SELECT EXISTS (SELECT 1 FROM platform.account WHERE email = :email)")
                .param("email", email)
                .query(Boolean.class)
                .single();
    }

    /** Whoever was invited by the address, or is known to the directory by it, keeps their id. */
    Optional<UUID> invitedBefore(String email) {
        return jdbc.sql(
                        """
                        SELECT id FROM platform.invitation WHERE email = :email AND accepted_at IS NULL
                        UNION ALL
                        SELECT s.id FROM platform.scim_user s WHERE s.address = :email
                            AND NOT EXISTS (SELECT 1 FROM platform.account a WHERE a.id = s.id)
                        LIMIT 1
                        """)
                .param("email", email)
                .query(UUID.class)
                .optional();
    }

    /** Replaces an earlier invitation of the address that was not taken. */
    void invite(
            UUID id,
            String email,
            String role,
            @Nullable Instant roleUntil,
            byte[] tokenHash,
            Instant now,
            Instant expires) {
        jdbc.sql("DELETE FROM platform.invitation WHERE email = :email AND accepted_at IS NULL")
                .param("email", email)
                .update();
        jdbc.sql(
                        """
                        INSERT INTO platform.invitation (id, tenant_id, email, role, role_until, token_hash, created_at, expires_at)
                        VALUES (:id, platform.current_tenant(), :email, :role, :until, :hash, :now, :expires)
                        """)
                .param("id", id)
                .param("email", email)
                .param("role", role)
                .param("until", roleUntil == null ? null : AccountStore.utc(roleUntil))
                .param("hash", tokenHash)
                .param("now", AccountStore.utc(now))
                .param("expires", AccountStore.utc(expires))
                .update();
    }

    private static User user(ResultSet row, int number) throws SQLException {
        Instant created = AccountStore.instant(row, "created_at");
        return new User(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getString("email"),
                row.getString("role"),
                AccountStore.instant(row, "role_until"),
                row.getInt("clearance"),
                row.getString("state"),
                row.getBoolean("mfa"),
                AccountStore.instant(row, "last_sign_in_at"),
                created == null ? Instant.EPOCH : created);
    }
}
