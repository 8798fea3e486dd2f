package io.cybershield.tenant;

import io.cybershield.platform.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
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
            State state,
            TenantId tenant,
            Instant createdAt,
            @Nullable UUID run) {}

    enum State {
        PENDING,
        PROVISIONING,
        DONE,
        REFUSED
    }

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
     * Takes the link: its registration now names the tenant to make. A link that was taken but
     * whose end nobody was told gives the same again; one that is used up, unknown or too old gives
     * nothing.
     */
    Optional<Registration> begin(byte[] tokenHash, TenantId fresh, Instant now) {
        return jdbc.sql(
                        """
                        UPDATE platform.registration
                        SET state = CASE state WHEN 'pending' THEN 'provisioning' ELSE state END, tenant_id = coalesce(tenant_id, :tenant)
                        WHERE token_hash = :token
                          AND (state = 'provisioning' OR (state = 'done' AND NOT told) OR (state = 'pending' AND expires_at > :now))
                        RETURNING *
                        """)
                .param("tenant", fresh.value())
                .param("token", tokenHash)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .query(RegistrationStore::registration)
                .optional();
    }

    /** Sign-ups whose link was used and that are neither a company nor nothing yet. */
    List<Registration> unfinished() {
        return jdbc.sql(
                        "SELECT * FROM platform.registration WHERE state = 'provisioning' ORDER BY"
                                + " created_at")
                .query(RegistrationStore::registration)
                .list();
    }

    /** Waits for whoever changes it just now; nobody else does until the transaction ends. */
    Optional<Registration> lock(UUID id) {
        return jdbc.sql("SELECT * FROM platform.registration WHERE id = :id FOR UPDATE")
                .param("id", id)
                .query(RegistrationStore::registration)
                .optional();
    }

    /** Which run carries it through. */
    void carriedBy(UUID id, UUID run) {
        jdbc.sql("UPDATE platform.registration SET run_id = :run WHERE id = :id")
                .param("run", run)
                .param("id", id)
                .update();
    }

    /** Whether this call is the first to tell somebody that the company is there. */
    boolean tell(UUID id) {
        return jdbc.sql(
                                "UPDATE platform.registration SET told = true WHERE id = :id AND"
                                        + " state = 'done' AND NOT told")
                        .param("id", id)
                        .update()
                == 1;
    }

    /** Why it cannot become a company. */
    void object(UUID id, String objection) {
        jdbc.sql("UPDATE platform.registration SET objection = :objection WHERE id = :id")
                .param("objection", objection)
                .param("id", id)
                .update();
    }

    /** Ends it as nothing and forgets its password, unless it ended before. */
    void refuse(UUID id) {
        jdbc.sql(
                        "UPDATE platform.registration SET state = 'refused', password_hash = ''"
                                + " WHERE id = :id AND state = 'provisioning'")
                .param("id", id)
                .update();
    }

    /**
     * Ends the registration and forgets its password; false if somebody ended it before. Waits for
     * whoever is ending it just now.
     */
    /** The company remembers which run set it up, so that the run can go with it. */
    void remember(UUID id) {
        jdbc.sql(
                        """
                        UPDATE platform.tenant t SET set_up_run = r.run_id FROM platform.registration r
                        WHERE r.id = :id AND t.id = r.tenant_id
                        """)
                .param("id", id)
                .update();
    }

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
                State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                new TenantId(row.getObject("tenant_id", UUID.class)),
                row.getTimestamp("created_at").toInstant(),
                row.getObject("run_id", UUID.class));
    }
}
