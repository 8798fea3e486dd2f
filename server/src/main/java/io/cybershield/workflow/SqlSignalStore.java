package io.cybershield.workflow;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** In PostgreSQL. */
@Component
final class SqlSignalStore implements SignalStore {
    private static final TypeReference<Map<String, @Nullable Object>> OBJECT =
            new TypeReference<>() {};
    private final JdbcClient jdbc;
    private final JsonMapper json;

    SqlSignalStore(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    @Override
    public boolean insert(
            String id,
            String signal,
            Map<String, @Nullable Object> payload,
            String by,
            Instant at,
            Duration keep) {
        jdbc.sql("DELETE FROM workflow_signals WHERE kept_until < :at")
                .param("at", Columns.utc(at))
                .update();
        return jdbc.sql(
                                """
                                INSERT INTO workflow_signals (id, signal, payload, sent_by, received_at, kept_until)
                                VALUES (:id, :signal, :payload, :by, :at, :until) ON CONFLICT DO NOTHING
                                """)
                        .param("id", id)
                        .param("signal", signal)
                        .param("payload", json.writeValueAsString(payload))
                        .param("by", by)
                        .param("at", Columns.utc(at))
                        .param("until", Columns.utc(at.plus(keep)))
                        .update()
                == 1;
    }

    @Override
    public Optional<Kept> find(String id) {
        return jdbc.sql("SELECT * FROM workflow_signals WHERE id = :id")
                .param("id", id)
                .query((row, _) ->
                        new Kept(
                                row.getString("id"),
                                row.getString("signal"),
                                json.readValue(row.getString("payload"), OBJECT),
                                row.getTimestamp("received_at").toInstant(),
                                row.getTimestamp("kept_until").toInstant(),
                                row.getInt("told")))
                .optional();
    }

    @Override
    public void told(String id, int runs) {
        jdbc.sql("UPDATE workflow_signals SET told = greatest(told, :runs) WHERE id = :id")
                .param("runs", runs)
                .param("id", id)
                .update();
    }

    @Override
    public Optional<String> takeKept(String signal, Instant now) {
        return jdbc.sql(
                        """
                        UPDATE workflow_signals SET told = 1 WHERE id = (
                            SELECT id FROM workflow_signals WHERE signal = :signal AND told = 0 AND kept_until > :now
                            ORDER BY received_at LIMIT 1 FOR UPDATE) AND told = 0 RETURNING id
                        """)
                .param("signal", signal)
                .param("now", Columns.utc(now))
                .query(String.class)
                .optional();
    }

    @Override
    public List<UUID> waiting(String signal, int most) {
        return jdbc.sql(
                        """
                        SELECT DISTINCT w.run_id FROM workflow_signal_waits w
                        JOIN workflow_executions e ON e.run_id = w.run_id AND e.step = w.step AND e.epoch = w.epoch
                        WHERE w.signal = :signal AND e.state = 'waiting' ORDER BY w.run_id LIMIT :most
                        """)
                .param("signal", signal)
                .param("most", most)
                .query((row, _) -> Columns.uuid(row, "run_id"))
                .list();
    }

    @Override
    public void waits(RunId run, String step, long epoch, String signal) {
        jdbc.sql(
                        """
                        INSERT INTO workflow_signal_waits (run_id, step, epoch, signal) VALUES (:run, :step, :epoch, :signal)
                        ON CONFLICT (run_id, step) DO UPDATE SET epoch = excluded.epoch, signal = excluded.signal
                        """)
                .param("run", run.value())
                .param("step", step)
                .param("epoch", epoch)
                .param("signal", signal)
                .update();
    }

    @Override
    public void waitsNoMore(RunId run, String step) {
        jdbc.sql("DELETE FROM workflow_signal_waits WHERE run_id = :run AND step = :step")
                .param("run", run.value())
                .param("step", step)
                .update();
    }

    @Override
    public Optional<String> awaited(RunId run, String step) {
        return jdbc.sql(
                        "SELECT signal FROM workflow_signal_waits WHERE run_id = :run AND step ="
                                + " :step")
                .param("run", run.value())
                .param("step", step)
                .query(String.class)
                .optional();
    }
}
