package io.cybershield.custody;

import io.cybershield.platform.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Deletions; every method runs in the caller's transaction under the platform's scope. */
@Component
class DeletionStore {
    private final JdbcClient jdbc;

    DeletionStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    enum State {
        PLANNED,
        TAKEN_BACK,
        UNDER_WAY,
        DONE;

        String wire() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * @param suspendedBefore why the company was suspended already; null if it was not
     * @param step that is next, once it is under way
     * @param before what there was, as JSON; null until it was counted
     * @param certificate one line of JSON; null until it is done
     */
    record Deletion(
            UUID id,
            TenantId company,
            String name,
            String askedBy,
            String askedKind,
            String reason,
            Instant askedAt,
            Instant dueAt,
            @Nullable String suspendedBefore,
            State state,
            Destruction.@Nullable Step step,
            @Nullable String trouble,
            @Nullable String before,
            @Nullable Instant endedAt,
            @Nullable String certificate) {}

    void add(Deletion d, byte[] tokenHash) {
        jdbc.sql(
                        """
                        INSERT INTO platform.company_deletion (id, company_id, company_name, asked_by, asked_kind, reason, asked_at,
                                                               due_at, token_hash, suspended_before, state)
                        VALUES (:id, :company, :name, :by, :kind, :reason, :at, :due, :token, :former, 'planned')
                        """)
                .param("id", d.id())
                .param("company", d.company().value())
                .param("name", d.name())
                .param("by", d.askedBy())
                .param("kind", d.askedKind())
                .param("reason", d.reason())
                .param("at", utc(d.askedAt()))
                .param("due", utc(d.dueAt()))
                .param("token", tokenHash)
                .param("former", d.suspendedBefore())
                .update();
    }

    /** The one of this company that is planned or under way. */
    Optional<Deletion> open(TenantId company) {
        return jdbc.sql(
                        """
                        SELECT * FROM platform.company_deletion
                        WHERE company_id = :company AND state IN ('planned', 'under-way') FOR UPDATE
                        """)
                .param("company", company.value())
                .query(DeletionStore::deletion)
                .optional();
    }

    Optional<Deletion> byToken(byte[] tokenHash) {
        return jdbc.sql("SELECT * FROM platform.company_deletion WHERE token_hash = :hash")
                .param("hash", tokenHash)
                .query(DeletionStore::deletion)
                .optional();
    }

    Optional<Deletion> find(UUID id) {
        return jdbc.sql("SELECT * FROM platform.company_deletion WHERE id = :id")
                .param("id", id)
                .query(DeletionStore::deletion)
                .optional();
    }

    /** The newest first. */
    List<Deletion> list() {
        return jdbc.sql("SELECT * FROM platform.company_deletion ORDER BY id DESC LIMIT 1000")
                .query(DeletionStore::deletion)
                .list();
    }

    /** Whose time has come, and that no other node has just now. */
    List<UUID> due(Instant now) {
        return jdbc.sql(
                        """
                        SELECT id FROM platform.company_deletion
                        WHERE state IN ('planned', 'under-way') AND due_at <= :now AND (lease_until IS NULL OR lease_until < :now)
                        ORDER BY due_at
                        """)
                .param("now", utc(now))
                .query((row, _) -> row.getObject(1, UUID.class))
                .list();
    }

    /** False if another node has it. */
    boolean lease(UUID id, Instant now, Duration length) {
        return jdbc.sql(
                                """
                                UPDATE platform.company_deletion SET lease_until = :until
                                WHERE id = :id AND state IN ('planned', 'under-way') AND (lease_until IS NULL OR lease_until < :now)
                                """)
                        .param("id", id)
                        .param("now", utc(now))
                        .param("until", utc(now.plus(length)))
                        .update()
                == 1;
    }

    void release(UUID id) {
        jdbc.sql("UPDATE platform.company_deletion SET lease_until = NULL WHERE id = :id")
                .param("id", id)
                .update();
    }

    void takenBack(UUID id, String by, Instant at) {
        jdbc.sql(
                        """
                        UPDATE platform.company_deletion
                        SET state = 'taken-back', ended_at = :at, ended_by = :by, token_hash = NULL, trouble = NULL
                        WHERE id = :id AND state = 'planned'
                        """)
                .param("id", id)
                .param("by", by)
                .param("at", utc(at))
                .update();
    }

    /** What is next; from here on it cannot be taken back. */
    void goOn(UUID id, Destruction.Step next) {
        jdbc.sql(
                        """
                        UPDATE platform.company_deletion
                        SET state = 'under-way', step = :step, token_hash = NULL, trouble = NULL WHERE id = :id AND state <> 'done'
                        """)
                .param("id", id)
                .param("step", next.name())
                .update();
    }

    /** Kept as first counted. */
    void before(UUID id, String json) {
        jdbc.sql(
                        """
                        UPDATE platform.company_deletion SET before = :json::jsonb WHERE id = :id AND before IS NULL
                        """)
                .param("id", id)
                .param("json", json)
                .update();
    }

    /** What stands in the way, and when it is tried again. */
    void trouble(UUID id, String what, Instant again) {
        jdbc.sql(
                        """
                        UPDATE platform.company_deletion SET trouble = :what, lease_until = :again WHERE id = :id
                        """)
                .param("id", id)
                .param("what", what)
                .param("again", utc(again))
                .update();
    }

    /**
     * @param again when what somebody may have brought late is looked for, once
     */
    void done(UUID id, String certificate, Instant at, Instant again) {
        jdbc.sql(
                        """
                        UPDATE platform.company_deletion SET state = 'done', certificate = :certificate, ended_at = :at, step = NULL,
                            trouble = NULL, lease_until = :again
                        WHERE id = :id AND state = 'under-way'
                        """)
                .param("id", id)
                .param("certificate", certificate)
                .param("at", utc(at))
                .param("again", utc(again))
                .update();
    }

    /** Done a while ago, and not looked at again since; each is given once. */
    List<TenantId> toSweep(Instant now) {
        return jdbc.sql(
                        """
                        UPDATE platform.company_deletion SET lease_until = NULL
                        WHERE state = 'done' AND lease_until < :now RETURNING company_id
                        """)
                .param("now", utc(now))
                .query((row, _) -> new TenantId(row.getObject(1, UUID.class)))
                .list();
    }

    private static Deletion deletion(ResultSet row, int number) throws SQLException {
        String step = row.getString("step");
        return new Deletion(
                row.getObject("id", UUID.class),
                new TenantId(row.getObject("company_id", UUID.class)),
                row.getString("company_name"),
                row.getString("asked_by"),
                row.getString("asked_kind"),
                row.getString("reason"),
                row.getObject("asked_at", OffsetDateTime.class).toInstant(),
                row.getObject("due_at", OffsetDateTime.class).toInstant(),
                row.getString("suspended_before"),
                State.valueOf(row.getString("state").toUpperCase(Locale.ROOT).replace('-', '_')),
                step == null ? null : Destruction.Step.valueOf(step),
                row.getString("trouble"),
                row.getString("before"),
                instant(row.getObject("ended_at", OffsetDateTime.class)),
                row.getString("certificate"));
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime at) {
        return at == null ? null : at.toInstant();
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
