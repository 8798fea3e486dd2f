package io.cybershield.access;

import io.cybershield.access.Users.Invitation;
import io.cybershield.platform.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Invitations found by their link, before anybody is in a tenant; every method runs in the caller's
 * transaction under the platform's scope.
 */
@Component
class InvitationStore {
    private final JdbcClient jdbc;

    InvitationStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Optional<Invitation> find(byte[] tokenHash, Instant now) {
        return jdbc.sql(
                        """
                        SELECT i.id, i.tenant_id, t.name AS company, i.email, i.role, i.role_until
                        FROM platform.invitation i JOIN platform.tenant t ON t.id = i.tenant_id
                        WHERE i.token_hash = :hash AND i.accepted_at IS NULL AND i.expires_at > :now
                        """)
                .param("hash", tokenHash)
                .param("now", AccountStore.utc(now))
                .query(InvitationStore::invitation)
                .optional();
    }

    /** Uses the link up; empty if it was used, withdrawn or is too old. */
    Optional<Invitation> take(byte[] tokenHash, Instant now) {
        return jdbc.sql(
                        """
                        UPDATE platform.invitation i SET accepted_at = :now FROM platform.tenant t
                        WHERE t.id = i.tenant_id AND i.token_hash = :hash AND i.accepted_at IS NULL
                            AND i.expires_at > :now
                        RETURNING i.id, i.tenant_id, t.name AS company, i.email, i.role, i.role_until
                        """)
                .param("hash", tokenHash)
                .param("now", AccountStore.utc(now))
                .query(InvitationStore::invitation)
                .optional();
    }

    /**
     * Uses up the invitation of whoever the company's provider vouches for. That of somebody whom
     * the directory knows does not get old; empty if there is none.
     */
    Optional<Invitation> takeOf(TenantId tenant, String email, Instant now) {
        return jdbc.sql(
                        """
                        UPDATE platform.invitation i SET accepted_at = :now FROM platform.tenant t
                        WHERE t.id = i.tenant_id AND i.tenant_id = :tenant AND i.email = :email AND i.accepted_at IS NULL
                            AND (i.expires_at > :now OR EXISTS (SELECT 1 FROM platform.scim_user s
                                WHERE s.tenant_id = i.tenant_id AND s.id = i.id AND NOT s.ended AND NOT s.deleted))
                        RETURNING i.id, i.tenant_id, t.name AS company, i.email, i.role, i.role_until
                        """)
                .param("now", AccountStore.utc(now))
                .param("tenant", tenant.value())
                .param("email", email)
                .query(InvitationStore::invitation)
                .optional();
    }

    /** Whom the directory has taken away before they had an account. */
    boolean isEndedByDirectory(TenantId tenant, String email) {
        return jdbc.sql(
                        """
                        SELECT EXISTS (SELECT 1 FROM platform.scim_user
                            WHERE tenant_id = :tenant AND address = :email AND (ended OR deleted))
                        """)
                .param("tenant", tenant.value())
                .param("email", email)
                .query(Boolean.class)
                .single();
    }

    private static Invitation invitation(ResultSet row, int number) throws SQLException {
        return new Invitation(
                row.getObject("id", UUID.class),
                new TenantId(row.getObject("tenant_id", UUID.class)),
                row.getString("company"),
                row.getString("email"),
                row.getString("role"),
                AccountStore.instant(row, "role_until"));
    }
}
