package io.cybershield.workflow.payload;

import io.cybershield.engine.Payload;
import io.cybershield.flow.PayloadWriter;
import java.time.Duration;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Payloads in the tenant's schema. Every method needs an open transaction in the tenant's scope.
 */
@Component
final class PayloadStore {
    private final JdbcClient jdbc;

    PayloadStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Where a content lies, and the hashes of its pieces. */
    record Header(UUID content, long bytes, byte[] chunkHashes) {}

    /**
     * Gives pieces that are written their hash.
     *
     * @return false when the content is there already, so that these pieces are one too many. Its
     *     row is held either way, so that nobody takes it for forgotten meanwhile
     */
    boolean put(PayloadWriter.Content of, UUID content, long storedBytes) {
        return jdbc.sql(
                        """
                        INSERT INTO workflow_payloads AS p (hash, bytes, stored_bytes, chunk_hashes, content)
                        VALUES (:hash, :bytes, :stored, :chunks, :content)
                        ON CONFLICT (tenant_id, hash) DO UPDATE SET touched_at = now() WHERE p.touched_at < now() - interval '1 hour'
                        RETURNING content
                        """)
                .param("hash", bytes(of.hash()))
                .param("bytes", of.bytes())
                .param("stored", storedBytes)
                .param("chunks", of.chunkHashes())
                .param("content", content)
                .query(UUID.class)
                .optional()
                .filter(content::equals)
                .isPresent();
    }

    void putChunk(UUID content, int number, byte[] data) {
        jdbc.sql(
                        "INSERT INTO workflow_payload_chunks (content, number, data) VALUES"
                                + " (:content, :number, :data)")
                .param("content", content)
                .param("number", number)
                .param("data", data)
                .update();
    }

    void dropChunks(UUID content) {
        jdbc.sql("DELETE FROM workflow_payload_chunks WHERE content = :content")
                .param("content", content)
                .update();
    }

    Optional<Header> find(String hash) {
        return jdbc.sql(
                        "SELECT content, bytes, chunk_hashes FROM workflow_payloads WHERE hash ="
                                + " :hash")
                .param("hash", bytes(hash))
                .query((row, _) ->
                        new Header(row.getObject(1, UUID.class), row.getLong(2), row.getBytes(3)))
                .optional();
    }

    Optional<byte[]> chunk(UUID content, int number) {
        return jdbc.sql(
                        "SELECT data FROM workflow_payload_chunks WHERE content = :content AND"
                                + " number = :number")
                .param("content", content)
                .param("number", number)
                .query((row, _) -> row.getBytes(1))
                .optional();
    }

    void use(UUID run, Collection<Payload> payloads) {
        jdbc.sql(
                        """
                        INSERT INTO workflow_payload_uses (run_id, hash) SELECT :run, h FROM unnest(:hashes::bytea[]) h
                        ON CONFLICT DO NOTHING
                        """)
                .param("run", run)
                .param(
                        "hashes",
                        payloads.stream()
                                .map(p -> bytes(p.hash()))
                                .distinct()
                                .toArray(byte[][]::new))
                .update();
    }

    boolean uses(UUID run, String hash) {
        return jdbc.sql(
                        "SELECT EXISTS (SELECT 1 FROM workflow_payload_uses WHERE run_id = :run AND"
                                + " hash = :hash)")
                .param("run", run)
                .param("hash", bytes(hash))
                .query(Boolean.class)
                .single();
    }

    /** Contents that no run refers to, and pieces that never got a hash, older than that. */
    int sweep(Duration age) {
        int gone =
                jdbc.sql(
                                """
                                WITH gone AS (
                                    DELETE FROM workflow_payloads p WHERE touched_at < now() - make_interval(secs => :age)
                                      AND NOT EXISTS (SELECT 1 FROM workflow_payload_uses u WHERE u.hash = p.hash)
                                    RETURNING content)
                                DELETE FROM workflow_payload_chunks c USING gone WHERE c.content = gone.content AND c.number >= 0
                                """)
                        .param("age", age.toSeconds())
                        .update();
        return gone
                + jdbc.sql(
                                """
                                DELETE FROM workflow_payload_chunks c WHERE written_at < now() - make_interval(secs => :age)
                                  AND NOT EXISTS (SELECT 1 FROM workflow_payloads p WHERE p.content = c.content)
                                """)
                        .param("age", age.toSeconds())
                        .update();
    }

    private static byte[] bytes(String hash) {
        return HexFormat.of().parseHex(hash);
    }
}
