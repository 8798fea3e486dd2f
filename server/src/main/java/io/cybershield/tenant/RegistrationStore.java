package io.cybershield.tenant;

import io.cybershield.platform.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Pending sign-ups; every method runs in the caller's transaction under the platform's scope. */
@Component
class RegistrationStore {
    private final JdbcClient jdbc;

    RegistrationStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    record Registration(
            UUID id,
            String email,
            String company,
            String name,
            String passwordHash,
            @Nullable String plan,
            TenantId tenant) {}

    void add(
            UUID id,
            byte[] tokenHash,
            String email,
            String company,
            String name,
            String passwordHash,
            @Nullable String plan,
            Instant now,
            Instant expires) {
        jdbc.sql(
                        """
                        INSERT INTO platform.registration (id, token_hash, email, company, name, password_hash, plan, created_at, expires_at)
                        VALUES (:id, :token, :email, :company, :name, :hash, :plan, :now, :expires)
                        """)
                .param("id", id)
                .param("token", tokenHash)
                .param("email", email)
                .param("company", company)
                .param("name", name)
                .param("hash", passwordHash)
                .param("plan", plan)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("expires", expires.atOffset(ZoneOffset.UTC))
                .update();
    }

    /**
     * Takes the link: its registration now names the tenant to make. A link that was taken but not
     * finished gives the same tenant again; one that is finished, unknown or too old gives nothing.
     */
    Optional<Registration> begin(byte[] tokenHash, TenantId fresh, Instant now) {
        return jdbc.sql(
                        """
                        UPDATE platform.registration
                        SET state = 'provisioning', tenant_id = coalesce(tenant_id, :tenant)
                        WHERE token_hash = :token AND (state = 'provisioning' OR (state = 'pending' AND expires_at > :now))
                        RETURNING *
                        """)
                .param("tenant", fresh.value())
                .param("token", tokenHash)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .query(RegistrationStore::registration)
                .optional();
    }

    /** Sign-ups whose link was used but whose making was cut off. */
    List<Registration> unfinished() {
        return jdbc.sql("SELECT * FROM platform.registration WHERE state = 'provisioning'")
                .query(RegistrationStore::registration)
                .list();
    }

    /**
     * Ends the registration and forgets its password; false if somebody ended it before. Waits for
     * whoever is ending it just now.
     */
    boolean finish(UUID id) {
        return jdbc.sql(
                                """
                                UPDATE platform.registration SET state = 'done', password_hash = ''
                                WHERE id = :id AND state = 'provisioning'
                                """)
                        .param("id", id)
                        .update()
                == 1;
    }

    void forgetBefore(Instant expired) {
        jdbc.sql(
                        "DELETE FROM platform.registration WHERE state <> 'provisioning' AND"
                                + " expires_at < :at")
                .param("at", expired.atOffset(ZoneOffset.UTC))
                .update();
    }

    private static Registration registration(ResultSet row, int number) throws SQLException {
        return new Registration(
                row.getObject("id", UUID.class),
                row.getString("email"),
                row.getString("company"),
                row.getString("name"),
                row.getString("password_hash"),
                row.getString("plan"),
                new TenantId(row.getObject("tenant_id", UUID.class)));
    }
}
