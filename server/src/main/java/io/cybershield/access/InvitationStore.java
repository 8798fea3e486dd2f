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
                        SELECT id, tenant_id, email, role, role_until FROM platform.invitation
                        WHERE token_hash = :hash AND accepted_at IS NULL AND expires_at > :now
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
                        UPDATE platform.invitation SET accepted_at = :now
                        WHERE token_hash = :hash AND accepted_at IS NULL AND expires_at > :now
                        RETURNING id, tenant_id, email, role, role_until
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
                row.getString("email"),
                row.getString("role"),
                AccountStore.instant(row, "role_until"));
    }
}
