package io.cybershield.access;

import io.cybershield.platform.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Accounts with their secrets, for signing in; every method runs in the caller's transaction under
 * the platform's scope.
 */
@Component
class AccountStore {
    private static final String SELECT =
            """
            SELECT a.*, t.name AS tenant_name, a.state = 'active' AND t.state = 'active' AS is_active,
                CASE WHEN a.state = 'active' THEN t.suspended_reason END AS suspended_reason, t.suspended_at,
                b.idle_minutes, b.absolute_minutes, coalesce(e.epoch, 0) AS policy_epoch,
                EXISTS (SELECT 1 FROM platform.passkey p WHERE p.account_id = a.id) AS has_passkey
            FROM platform.account a JOIN platform.tenant t ON t.id = a.tenant_id
                LEFT JOIN platform.session_bounds b ON b.tenant_id = a.tenant_id
                LEFT JOIN platform.policy_epoch e ON e.tenant_id = a.tenant_id
            """;
    private final JdbcClient jdbc;

    AccountStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Optional<Account> find(UUID id) {
        return jdbc.sql(SELECT + "WHERE a.id = :id")
                .param("id", id)
                .query(AccountStore::account)
                .optional();
    }

    Optional<Account> findByEmail(String email) {
        return jdbc.sql(SELECT + "WHERE a.email = :email")
                .param("email", email)
                .query(AccountStore::account)
                .optional();
    }

    boolean isKnown(String email) {
        return jdbc.sql("SELECT EXISTS (SELECT 1 FROM platform.account WHERE email = :email)")
                .param("email", email)
                .query(Boolean.class)
                .single();
    }

    /**
     * False if the address already has an account. Whoever is a company's first has the highest
     * clearance, so that there is somebody to give it.
     */
    boolean add(
            UUID id,
            TenantId tenant,
            String email,
            String name,
            Role role,
            @Nullable Instant roleUntil,
            String passwordHash,
            Instant now) {
        return jdbc.sql(
                                """
                                INSERT INTO platform.account (id, tenant_id, email, name, role, role_until, clearance, password_hash, created_at)
                                VALUES (:id, :tenant, :email, :name, :role, :until,
                                    CASE WHEN EXISTS (SELECT FROM platform.account WHERE tenant_id = :tenant) THEN 0 ELSE 3 END,
                                    :hash, :now) ON CONFLICT (email) DO NOTHING
                                """)
                        .param("id", id)
                        .param("tenant", tenant.value())
                        .param("email", email)
                        .param("name", name)
                        .param("role", role.wire())
                        .param("until", roleUntil == null ? null : utc(roleUntil))
                        .param("hash", passwordHash)
                        .param("now", utc(now))
                        .update()
                == 1;
    }

    /** Sessions opened before end; returns the new generation of credentials. */
    int setPassword(UUID id, String hash, Instant now) {
        return jdbc.sql(
                        """
                        UPDATE platform.account SET password_hash = :hash, password_at = :now, credentials = credentials + 1
                        WHERE id = :id RETURNING credentials
                        """)
                .param("hash", hash)
                .param("now", utc(now))
                .param("id", id)
                .query(Integer.class)
                .single();
    }

    /** Sessions opened before end; returns the new generation of credentials. */
    int renewCredentials(UUID id) {
        return jdbc.sql(
                        "UPDATE platform.account SET credentials = credentials + 1 WHERE id = :id"
                                + " RETURNING credentials")
                .param("id", id)
                .query(Integer.class)
                .single();
    }

    void addReset(Account account, byte[] hash, Instant now, Instant expires) {
        jdbc.sql("DELETE FROM platform.password_reset WHERE account_id = :id AND expires_at < :now")
                .param("id", account.id())
                .param("now", utc(now))
                .update();
        jdbc.sql(
                        """
                        INSERT INTO platform.password_reset (token_hash, tenant_id, account_id, expires_at)
                        VALUES (:hash, :tenant, :id, :expires)
                        """)
                .param("hash", hash)
                .param("tenant", account.tenant().value())
                .param("id", account.id())
                .param("expires", utc(expires))
                .update();
    }

    /**
     * Whose password the link may set; empty if there is no such link, it was used or is too old.
     */
    Optional<UUID> findReset(byte[] hash, Instant now) {
        return jdbc.sql(
                        """
                        SELECT account_id FROM platform.password_reset
                        WHERE token_hash = :hash AND used_at IS NULL AND expires_at > :now
                        """)
                .param("hash", hash)
                .param("now", utc(now))
                .query(UUID.class)
                .optional();
    }

    /** Uses the link up, and with it all others of the account; false if somebody was faster. */
    boolean useReset(UUID account, byte[] hash, Instant now) {
        boolean first =
                jdbc.sql(
                                        """
                                        UPDATE platform.password_reset SET used_at = :now
                                        WHERE token_hash = :hash AND used_at IS NULL AND expires_at > :now
                                        """)
                                .param("now", utc(now))
                                .param("hash", hash)
                                .update()
                        == 1;
        if (first) {
            jdbc.sql(
                            "DELETE FROM platform.password_reset WHERE account_id = :id AND used_at"
                                    + " IS NULL")
                    .param("id", account)
                    .update();
        }
        return first;
    }

    int recoveryCodesLeft(UUID id) {
        return jdbc.sql(
                        "SELECT count(*) FROM platform.recovery_code WHERE account_id = :id AND"
                                + " used_at IS NULL")
                .param("id", id)
                .query(Integer.class)
                .single();
    }

    void offerTotp(UUID id, byte[] sealed) {
        jdbc.sql("UPDATE platform.account SET totp_pending = :sealed WHERE id = :id")
                .param("sealed", sealed)
                .param("id", id)
                .update();
    }

    /** Makes the pending secret the account's own; false if somebody confirmed before. */
    boolean confirmTotp(UUID id, long step, Instant now) {
        return jdbc.sql(
                                """
                                UPDATE platform.account
                                SET totp_secret = totp_pending, totp_pending = NULL, totp_step = :step, mfa_at = :now
                                WHERE id = :id AND totp_pending IS NOT NULL AND mfa_at IS NULL
                                """)
                        .param("step", step)
                        .param("now", utc(now))
                        .param("id", id)
                        .update()
                == 1;
    }

    void removeTotp(UUID id) {
        jdbc.sql(
                        "UPDATE platform.account SET totp_secret = NULL, totp_pending = NULL WHERE"
                                + " id = :id")
                .param("id", id)
                .update();
    }

    /** Notes that there is a second factor now; false if there was one. */
    boolean hasFirstFactor(UUID id, Instant now) {
        return jdbc.sql(
                                "UPDATE platform.account SET mfa_at = :now WHERE id = :id AND"
                                        + " mfa_at IS NULL")
                        .param("now", utc(now))
                        .param("id", id)
                        .update()
                == 1;
    }

    /** Marks a time step as used; false if it or a later one was. */
    boolean useStep(UUID id, long step) {
        return jdbc.sql(
                                "UPDATE platform.account SET totp_step = :step WHERE id = :id AND"
                                        + " totp_step < :step")
                        .param("step", step)
                        .param("id", id)
                        .update()
                == 1;
    }

    void signedIn(UUID id, Instant now) {
        jdbc.sql("UPDATE platform.account SET last_sign_in_at = :now WHERE id = :id")
                .param("now", utc(now))
                .param("id", id)
                .update();
    }

    void replaceRecoveryCodes(Account account, List<byte[]> hashes) {
        jdbc.sql("DELETE FROM platform.recovery_code WHERE account_id = :id")
                .param("id", account.id())
                .update();
        for (byte[] hash : hashes) {
            jdbc.sql(
                            "INSERT INTO platform.recovery_code (tenant_id, account_id, code_hash)"
                                    + " VALUES (:tenant, :id, :hash)")
                    .param("tenant", account.tenant().value())
                    .param("id", account.id())
                    .param("hash", hash)
                    .update();
        }
    }

    /** Uses the code up; false if there is no such code or it was used. */
    boolean useRecoveryCode(UUID id, byte[] hash, Instant now) {
        return jdbc.sql(
                                """
                                UPDATE platform.recovery_code SET used_at = :now
                                WHERE account_id = :id AND code_hash = :hash AND used_at IS NULL
                                """)
                        .param("now", utc(now))
                        .param("id", id)
                        .param("hash", hash)
                        .update()
                == 1;
    }

    void addLink(Account account, byte[] hash, Instant expires) {
        jdbc.sql(
                        """
                        INSERT INTO platform.sign_in_link (token_hash, tenant_id, account_id, expires_at)
                        VALUES (:hash, :tenant, :id, :expires)
                        """)
                .param("hash", hash)
                .param("tenant", account.tenant().value())
                .param("id", account.id())
                .param("expires", utc(expires))
                .update();
    }

    /** Uses the link up; empty if there is no such link, it was used or it is too old. */
    Optional<UUID> useLink(byte[] hash, Instant now) {
        return jdbc.sql(
                        """
                        UPDATE platform.sign_in_link SET used_at = :now
                        WHERE token_hash = :hash AND used_at IS NULL AND expires_at > :now RETURNING account_id
                        """)
                .param("now", utc(now))
                .param("hash", hash)
                .query(UUID.class)
                .optional();
    }

    private static Account account(ResultSet row, int number) throws SQLException {
        return new Account(
                row.getObject("id", UUID.class),
                new TenantId(row.getObject("tenant_id", UUID.class)),
                row.getString("tenant_name"),
                row.getString("email"),
                row.getString("name"),
                row.getString("role"),
                row.getBoolean("is_active"),
                row.getString("password_hash"),
                row.getBytes("totp_secret"),
                row.getBytes("totp_pending"),
                row.getLong("totp_step"),
                instant(row, "mfa_at"),
                row.getInt("credentials"),
                row.getObject("password_at", OffsetDateTime.class).toInstant(),
                row.getBoolean("has_passkey"),
                bounds(row),
                instant(row, "role_until"),
                row.getInt("clearance"),
                row.getLong("policy_epoch"),
                suspension(row));
    }

    private static Account.@Nullable Suspension suspension(ResultSet row) throws SQLException {
        String reason = row.getString("suspended_reason");
        Instant since = instant(row, "suspended_at");
        return reason == null || since == null ? null : new Account.Suspension(reason, since);
    }

    private static @Nullable SessionBounds bounds(ResultSet row) throws SQLException {
        int idle = row.getInt("idle_minutes");
        return row.wasNull()
                ? null
                : new SessionBounds(
                        Duration.ofMinutes(idle),
                        Duration.ofMinutes(row.getInt("absolute_minutes")));
    }

    static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        var at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }

    static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
