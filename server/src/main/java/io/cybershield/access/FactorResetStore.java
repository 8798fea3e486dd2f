package io.cybershield.access;

import static io.cybershield.access.AccountStore.instant;
import static io.cybershield.access.AccountStore.utc;

import io.cybershield.platform.TenantId;
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
 * New second factors that are asked for; in the caller's transaction under the platform's scope.
 */
@Component
class FactorResetStore {
    private static final String OPEN =
            "tenant_id = :tenant AND ended_at IS NULL AND used_at IS NULL AND expires_at > :now";
    private final JdbcClient jdbc;

    FactorResetStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * One that is under way.
     *
     * @param askedBy null where the operator did
     * @param confirmedAt null until somebody else said yes
     * @param usableAt from when the link works; null likewise
     */
    record Reset(
            UUID id,
            UUID account,
            @Nullable UUID askedBy,
            String askedName,
            Instant askedAt,
            @Nullable UUID confirmedBy,
            @Nullable String confirmedName,
            @Nullable Instant confirmedAt,
            @Nullable Instant usableAt,
            Instant expiresAt) {}

    List<Reset> open(TenantId tenant, Instant now) {
        return jdbc.sql("SELECT * FROM platform.factor_reset WHERE " + OPEN)
                .param("tenant", tenant.value())
                .param("now", utc(now))
                .query(FactorResetStore::reset)
                .list();
    }

    Optional<Reset> find(TenantId tenant, UUID account, Instant now) {
        return jdbc.sql(
                        "SELECT * FROM platform.factor_reset WHERE account_id = :account AND "
                                + OPEN)
                .param("account", account)
                .param("tenant", tenant.value())
                .param("now", utc(now))
                .query(FactorResetStore::reset)
                .optional();
    }

    /** Instead of one before. */
    void add(
            UUID id,
            TenantId tenant,
            UUID account,
            @Nullable UUID by,
            String name,
            Instant now,
            Instant expires) {
        end(tenant, account, now);
        jdbc.sql(
                        """
                        INSERT INTO platform.factor_reset (id, tenant_id, account_id, asked_by, asked_name, asked_at, expires_at)
                        VALUES (:id, :tenant, :account, :by, :name, :now, :expires)
                        """)
                .param("id", id)
                .param("tenant", tenant.value())
                .param("account", account)
                .param("by", by)
                .param("name", name)
                .param("now", utc(now))
                .param("expires", utc(expires))
                .update();
    }

    /** False if it was confirmed or ended meanwhile. */
    boolean confirm(
            UUID id,
            @Nullable UUID by,
            String name,
            byte[] hash,
            Instant now,
            Instant usable,
            Instant expires) {
        return jdbc.sql(
                                """
                                UPDATE platform.factor_reset SET confirmed_by = :by, confirmed_name = :name, confirmed_at = :now,
                                    token_hash = :hash, usable_at = :usable, expires_at = :expires
                                WHERE id = :id AND confirmed_at IS NULL AND ended_at IS NULL
                                """)
                        .param("by", by)
                        .param("name", name)
                        .param("now", utc(now))
                        .param("hash", hash)
                        .param("usable", utc(usable))
                        .param("expires", utc(expires))
                        .param("id", id)
                        .update()
                == 1;
    }

    /** Whatever is under way; false if nothing was. */
    boolean end(TenantId tenant, UUID account, Instant now) {
        return jdbc.sql(
                                """
                                UPDATE platform.factor_reset SET ended_at = :now
                                WHERE tenant_id = :tenant AND account_id = :account AND ended_at IS NULL AND used_at IS NULL
                                """)
                        .param("now", utc(now))
                        .param("tenant", tenant.value())
                        .param("account", account)
                        .update()
                > 0;
    }

    /** That of the link, if it is the account's and was not used; also before it may be. */
    Optional<Reset> byLink(UUID account, byte[] hash, Instant now) {
        return jdbc.sql(
                        """
                        SELECT * FROM platform.factor_reset
                        WHERE token_hash = :hash AND account_id = :account AND ended_at IS NULL AND used_at IS NULL AND expires_at > :now
                        """)
                .param("hash", hash)
                .param("account", account)
                .param("now", utc(now))
                .query(FactorResetStore::reset)
                .optional();
    }

    /** Uses it up, and all that opened the account beside the password; empty if too late. */
    Optional<Reset> use(UUID account, byte[] hash, Instant now) {
        var used =
                jdbc.sql(
                                """
                                UPDATE platform.factor_reset SET used_at = :now
                                WHERE token_hash = :hash AND account_id = :account AND ended_at IS NULL AND used_at IS NULL
                                    AND usable_at <= :now AND expires_at > :now
                                RETURNING *
                                """)
                        .param("now", utc(now))
                        .param("hash", hash)
                        .param("account", account)
                        .query(FactorResetStore::reset)
                        .optional();
        if (used.isPresent()) {
            jdbc.sql("DELETE FROM platform.passkey WHERE account_id = :account")
                    .param("account", account)
                    .update();
            jdbc.sql("DELETE FROM platform.recovery_code WHERE account_id = :account")
                    .param("account", account)
                    .update();
            jdbc.sql("DELETE FROM platform.step_up WHERE account_id = :account")
                    .param("account", account)
                    .update();
            jdbc.sql(
                            """
                            UPDATE platform.account SET totp_secret = NULL, mfa_at = NULL, credentials = credentials + 1
                            WHERE id = :account
                            """)
                    .param("account", account)
                    .update();
        }
        return used;
    }

    /** Active administrators of the tenant but that one; their addresses by id. */
    List<Administrator> administratorsBut(TenantId tenant, UUID account) {
        return jdbc.sql(
                        """
                        SELECT id, name, email FROM platform.account
                        WHERE tenant_id = :tenant AND role = 'tenant-admin' AND state = 'active' AND id <> :account ORDER BY id
                        """)
                .param("tenant", tenant.value())
                .param("account", account)
                .query((row, _) ->
                        new Administrator(
                                row.getObject("id", UUID.class),
                                row.getString("name"),
                                row.getString("email")))
                .list();
    }

    record Administrator(UUID id, String name, String email) {}

    int delayHours(TenantId tenant) {
        return jdbc.sql("SELECT hours FROM platform.factor_reset_delay WHERE tenant_id = :tenant")
                .param("tenant", tenant.value())
                .query(Integer.class)
                .optional()
                .orElse(0);
    }

    /** In the tenant's own scope. */
    void setDelay(int hours) {
        jdbc.sql(
                        """
                        INSERT INTO platform.factor_reset_delay (hours) VALUES (:hours)
                        ON CONFLICT (tenant_id) DO UPDATE SET hours = excluded.hours
                        """)
                .param("hours", hours)
                .update();
    }

    private static Reset reset(ResultSet row, int number) throws SQLException {
        Instant asked = instant(row, "asked_at");
        Instant expires = instant(row, "expires_at");
        if (asked == null || expires == null) {
            throw new SQLException("factor_reset without its times");
        }
        return new Reset(
                row.getObject("id", UUID.class),
                row.getObject("account_id", UUID.class),
                row.getObject("asked_by", UUID.class),
                row.getString("asked_name"),
                asked,
                row.getObject("confirmed_by", UUID.class),
                row.getString("confirmed_name"),
                instant(row, "confirmed_at"),
                instant(row, "usable_at"),
                expires);
    }
}
