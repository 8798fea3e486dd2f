package io.cybershield.notification;

import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The mail table; every method runs in the caller's transaction. */
@Component
class MailStore {
    private final JdbcClient jdbc;

    MailStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * A mail under lease.
     *
     * @param tenant whose it is; null for the platform's own
     * @param attempt 1 for the first
     */
    record Leased(UUID id, @Nullable TenantId tenant, int attempt, Mail mail) {}

    record Kept(UUID id, String to, String subject, String text, Instant at) {}

    void add(UUID id, Scope scope, Mail mail, Instant now) {
        UUID tenant =
                switch (scope) {
                    case Scope.Tenant(var t, _, _) -> t.value();
                    case Scope.Platform _, Scope.Custody _ -> null;
                };
        jdbc.sql(
                        """
                        INSERT INTO platform.mail (id, tenant_id, dedupe_key, recipient, subject, body_text, body_html, next_at, created_at)
                        VALUES (:id, :tenant::uuid, :key, :to, :subject, :text, :html, :now, :now)
                        ON CONFLICT DO NOTHING
                        """)
                .param("id", id)
                .param("tenant", tenant)
                .param("key", mail.dedupeKey())
                .param("to", mail.to())
                .param("subject", mail.subject())
                .param("text", mail.text())
                .param("html", mail.html())
                .param("now", utc(now))
                .update();
    }

    /** Takes mails that are due, for the length of the lease. */
    List<Leased> lease(Instant now, Duration lease, int limit) {
        return jdbc.sql(
                        """
                        UPDATE platform.mail SET attempts = attempts + 1, next_at = :until
                        WHERE id IN (SELECT id FROM platform.mail WHERE state = 'waiting' AND next_at <= :now
                                     ORDER BY next_at LIMIT :limit FOR UPDATE SKIP LOCKED)
                        RETURNING id, tenant_id, attempts, recipient, subject, body_text, body_html, dedupe_key
                        """)
                .param("now", utc(now))
                .param("until", utc(now.plus(lease)))
                .param("limit", limit)
                .query((row, _) ->
                        new Leased(
                                row.getObject("id", UUID.class),
                                tenant(row.getObject("tenant_id", UUID.class)),
                                row.getInt("attempts"),
                                new Mail(
                                        row.getString("recipient"),
                                        row.getString("subject"),
                                        row.getString("body_text"),
                                        row.getString("body_html"),
                                        row.getString("dedupe_key"))))
                .list();
    }

    /** Ends a mail's way; without effect if another worker took it over meanwhile. */
    void settle(Leased mail, String state, @Nullable String error, Instant now) {
        jdbc.sql(
                        """
                        UPDATE platform.mail SET state = :state, last_error = :error, settled_at = :now
                        WHERE id = :id AND attempts = :attempt AND state = 'waiting'
                        """)
                .param("state", state)
                .param("error", error)
                .param("now", utc(now))
                .param("id", mail.id())
                .param("attempt", mail.attempt())
                .update();
    }

    void retryAt(Leased mail, Instant at, String error) {
        jdbc.sql(
                        """
                        UPDATE platform.mail SET next_at = :at, last_error = :error
                        WHERE id = :id AND attempts = :attempt AND state = 'waiting'
                        """)
                .param("at", utc(at))
                .param("error", error)
                .param("id", mail.id())
                .param("attempt", mail.attempt())
                .update();
    }

    /** Newest first, of every tenant: for the developer's mailbox only. */
    List<Kept> newest(@Nullable UUID before, int limit) {
        return jdbc.sql(
                        """
                        SELECT id, recipient, subject, body_text, coalesce(settled_at, created_at) AS at FROM platform.mail
                        WHERE (:before::uuid IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit
                        """)
                .param("before", before)
                .param("limit", limit)
                .query((row, _) ->
                        new Kept(
                                row.getObject("id", UUID.class),
                                row.getString("recipient"),
                                row.getString("subject"),
                                row.getString("body_text"),
                                row.getObject("at", OffsetDateTime.class).toInstant()))
                .list();
    }

    private static @Nullable TenantId tenant(@Nullable UUID id) {
        return id == null ? null : new TenantId(id);
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
