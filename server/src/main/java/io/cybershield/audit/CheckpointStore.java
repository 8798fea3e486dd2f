package io.cybershield.audit;

import io.cybershield.platform.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The current tenant's checkpoints; every method runs in the caller's transaction. */
@Component
class CheckpointStore {
    private static final long LOCK = 0x6368_6563_6b5fL;
    private static final String COLUMNS =
            "SELECT tenant_id, seq, hash, at, key_id, signature FROM platform.audit_checkpoint ";
    private final JdbcClient jdbc;

    CheckpointStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Nobody else makes a checkpoint of this tenant until the transaction ends. */
    void hold(TenantId tenant) {
        UUID id = tenant.value();
        jdbc.sql("SELECT pg_advisory_xact_lock(:lock)")
                .param("lock", id.getMostSignificantBits() ^ id.getLeastSignificantBits() ^ LOCK)
                .query(rows -> {});
    }

    void add(Checkpoint checkpoint) {
        jdbc.sql(
                        """
                        INSERT INTO platform.audit_checkpoint (seq, hash, at, key_id, signature)
                        VALUES (:seq, :hash, :at, :key, :signature)
                        """)
                .param("seq", checkpoint.seq())
                .param("hash", checkpoint.hash())
                .param("at", checkpoint.at().atOffset(ZoneOffset.UTC))
                .param("key", checkpoint.key())
                .param("signature", checkpoint.signature())
                .update();
    }

    Optional<Checkpoint> last() {
        return jdbc.sql(COLUMNS + "ORDER BY seq DESC LIMIT 1")
                .query(CheckpointStore::checkpoint)
                .optional();
    }

    long count() {
        return jdbc.sql("SELECT count(*) FROM platform.audit_checkpoint")
                .query(Long.class)
                .single();
    }

    /** Newest first, before one place in the chain. */
    List<Checkpoint> before(long seq, int limit) {
        return jdbc.sql(COLUMNS + "WHERE seq < :seq ORDER BY seq DESC LIMIT :limit")
                .param("seq", seq)
                .param("limit", limit)
                .query(CheckpointStore::checkpoint)
                .list();
    }

    /** Oldest first, after one place in the chain. */
    List<Checkpoint> after(long seq, int limit) {
        return jdbc.sql(COLUMNS + "WHERE seq > :seq ORDER BY seq LIMIT :limit")
                .param("seq", seq)
                .param("limit", limit)
                .query(CheckpointStore::checkpoint)
                .list();
    }

    private static Checkpoint checkpoint(ResultSet row, int number) throws SQLException {
        return new Checkpoint(
                new TenantId(row.getObject("tenant_id", UUID.class)),
                row.getLong("seq"),
                row.getBytes("hash"),
                row.getObject("at", OffsetDateTime.class).toInstant(),
                row.getString("key_id"),
                row.getBytes("signature"));
    }
}
