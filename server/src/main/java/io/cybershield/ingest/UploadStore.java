package io.cybershield.ingest;

import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;

/** The current tenant's uploads; call inside a transaction. */
@Component
class UploadStore {
    /** A reader says that it lives more often than this. */
    private static final Duration SILENT = Duration.ofMinutes(2);

    private final JdbcClient jdbc;

    UploadStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void insert(UploadView view) {
        jdbc.sql(
                        """
                        INSERT INTO upload (id, file_name, bytes, state, started_at, touched_at, started_by)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        """)
                .params(
                        view.id(),
                        view.fileName(),
                        view.bytes(),
                        view.state(),
                        view.startedAt().atOffset(ZoneOffset.UTC),
                        view.startedAt().atOffset(ZoneOffset.UTC),
                        view.by())
                .update();
    }

    void update(UploadView view, Instant now) {
        jdbc.sql(
                        """
                        UPDATE upload SET state = ?, records = ?, refused = ?, problems = ?::jsonb, ended_at = ?, touched_at = ?
                        WHERE id = ?
                        """)
                .param(view.state())
                .param(view.records())
                .param(view.refused())
                .param(Normaliser.JSON.writeValueAsString(view.problems()))
                .param(view.endedAt() == null ? null : view.endedAt().atOffset(ZoneOffset.UTC))
                .param(now.atOffset(ZoneOffset.UTC))
                .param(view.id())
                .update();
    }

    /** What a server that stopped left behind is told as it is. */
    void settleAbandoned(Instant now) {
        jdbc.sql(
                        """
                        UPDATE upload SET state = 'failed', ended_at = ?, problems = problems || ?::jsonb
                        WHERE state = 'reading' AND touched_at < ?
                        """)
                .params(
                        now.atOffset(ZoneOffset.UTC),
                        Normaliser.JSON.writeValueAsString(
                                List.of(
                                        new UploadView.Trouble(
                                                "after the records counted here",
                                                "The server stopped while it read the file; those"
                                                    + " records are kept, the rest was not read.",
                                                "Upload the rest of the file."))),
                        now.minus(SILENT).atOffset(ZoneOffset.UTC))
                .update();
    }

    Optional<UploadView> find(UUID id) {
        return jdbc.sql("SELECT * FROM upload WHERE id = ?")
                .param(id)
                .query(UploadStore::view)
                .optional();
    }

    Page<UploadView> list(@Nullable String cursor, int limit) {
        UUID before;
        try {
            before = cursor == null ? new UUID(-1L, -1L) : UUID.fromString(cursor);
        } catch (IllegalArgumentException e) {
            throw Problems.MALFORMED.because("The cursor is not one that this list gave out.");
        }
        return Page.of(
                jdbc.sql("SELECT * FROM upload WHERE id < ? ORDER BY id DESC LIMIT ?")
                        .params(before, limit + 1)
                        .query(UploadStore::view)
                        .list(),
                limit,
                v -> v.id().toString());
    }

    private static UploadView view(ResultSet row, int number) throws SQLException {
        return new UploadView(
                row.getObject("id", UUID.class),
                row.getString("file_name"),
                row.getLong("bytes"),
                row.getString("state"),
                row.getLong("records"),
                row.getLong("refused"),
                Normaliser.JSON.readValue(
                        row.getString("problems"),
                        new TypeReference<List<UploadView.Trouble>>() {}),
                row.getTimestamp("started_at").toInstant(),
                Rows.instant(row, "ended_at"),
                row.getString("started_by"));
    }
}
