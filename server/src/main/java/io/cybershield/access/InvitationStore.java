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
