package io.cybershield.workflow;

import io.cybershield.engine.ApprovalPlan;
import io.cybershield.engine.ApprovalVote;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Questions and their votes in the tenant's schema, in the caller's transaction. */
@Component
class ApprovalStore {
    private static final TypeReference<Map<String, @Nullable Object>> OBJECT =
            new TypeReference<>() {};
    private static final TypeReference<Map<String, Map<String, @Nullable Object>>> BOUND =
            new TypeReference<>() {};
    private final JdbcClient jdbc;
    private final JsonMapper json;

    ApprovalStore(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    /**
     * A question as it is stored.
     *
     * @param opened when what is asked now was first asked
     */
    record Asked(
            ApprovalView view,
            long epoch,
            ApprovalPlan plan,
            Instant opened,
            @Nullable Instant alarmed,
            @Nullable String note) {
        UUID id() {
            return view.id();
        }

        String hash() {
            return view.actionHash();
        }
    }

    /** A vote with what people want to read of it. */
    record Cast(
            ApprovalVote vote,
            String byName,
            String inPlaceOfName,
            @Nullable String reason,
            boolean steppedUp) {}

    /** False when this step asked before. */
    boolean insert(
            ApprovalView view,
            long epoch,
            Map<String, @Nullable Object> plan,
            Map<String, Map<String, @Nullable Object>> bound,
            @Nullable String note) {
        return jdbc.sql(
                                """
                                INSERT INTO workflow_approvals (id, run_id, step, epoch, workflow_name, title, action, target, role, bound,
                                                                action_hash, incident_id, requested_at, opened_at, due_at, state,
                                                                plan, stages, need, step_up, note)
                                VALUES (:id, :run, :step, :epoch, :workflow, :title, :action, :target, :role, :bound::jsonb,
                                        :hash, :incident, :at, :at, :due, 'waiting', :plan::jsonb, :stages, :need, :stepUp, :note)
                                ON CONFLICT (run_id, step, epoch) DO NOTHING
                                """)
                        .param("id", view.id())
                        .param("run", view.runId())
                        .param("step", view.stepKey())
                        .param("epoch", epoch)
                        .param("workflow", view.workflowName())
                        .param("title", view.title())
                        .param("action", view.action())
                        .param("target", view.target())
                        .param("role", view.role())
                        .param("bound", json.writeValueAsString(bound))
                        .param("hash", view.actionHash())
                        .param("incident", view.incidentId())
                        .param("at", Columns.utc(view.requestedAt()))
                        .param("due", view.dueAt() == null ? null : Columns.utc(view.dueAt()))
                        .param("plan", json.writeValueAsString(plan))
                        .param("stages", view.stages())
                        .param("need", view.need())
                        .param("stepUp", view.stepUp())
                        .param("note", note)
                        .update()
                == 1;
    }

    /** What would happen is another now: it is asked anew, and votes on the old are void. */
    void rebind(UUID id, ApprovalActions.Bound bound, int need, Instant at) {
        jdbc.sql(
                        """
                        UPDATE workflow_approvals SET bound = :bound::jsonb, action = :action, target = :target, action_hash = :hash,
                               stage = 0, have = 0, need = :need, opened_at = :at, alarmed_at = NULL
                        WHERE id = :id
                        """)
                .param("id", id)
                .param("bound", json.writeValueAsString(bound.actions()))
                .param("action", bound.sentence())
                .param("target", bound.target())
                .param("hash", bound.hash())
                .param("need", need)
                .param("at", Columns.utc(at))
                .update();
    }

    void progress(UUID id, int stage, int have, int need) {
        jdbc.sql(
                        "UPDATE workflow_approvals SET stage = :stage, have = :have, need = :need"
                                + " WHERE id = :id")
                .param("id", id)
                .param("stage", stage)
                .param("have", have)
                .param("need", need)
                .update();
    }

    void alarmed(UUID id, Instant at) {
        jdbc.sql("UPDATE workflow_approvals SET alarmed_at = :at WHERE id = :id")
                .param("id", id)
                .param("at", Columns.utc(at))
                .update();
    }

    /** False when it was not waiting any more. */
    boolean decide(UUID id, String state, String by, @Nullable String reason, Instant at) {
        return jdbc.sql(
                                """
                                UPDATE workflow_approvals SET state = :state, decided_by = :by, decided_at = :at, reason = :reason
                                WHERE id = :id AND state = 'waiting'
                                """)
                        .param("state", state)
                        .param("by", by)
                        .param("at", Columns.utc(at))
                        .param("reason", reason)
                        .param("id", id)
                        .update()
                == 1;
    }

    /** Ids of those that were waiting. */
    Optional<UUID> withdraw(UUID run, String step, long epoch, String state, Instant at) {
        return jdbc.sql(
                        """
                        UPDATE workflow_approvals SET state = :state, decided_at = :at
                        WHERE run_id = :run AND step = :step AND epoch = :epoch AND state = 'waiting' RETURNING id
                        """)
                .param("state", state)
                .param("at", Columns.utc(at))
                .param("run", run)
                .param("step", step)
                .param("epoch", epoch)
                .query(UUID.class)
                .optional();
    }

    /** Granted, but for something that would not happen any more. */
    void voidGranted(UUID id) {
        jdbc.sql("UPDATE workflow_approvals SET state = 'void' WHERE id = :id")
                .param("id", id)
                .update();
    }

    /** What is granted in a run: rendered actions by step, by approval. */
    Map<UUID, Map<String, Map<String, @Nullable Object>>> granted(UUID run) {
        var found = new LinkedHashMap<UUID, Map<String, Map<String, @Nullable Object>>>();
        jdbc.sql(
                        "SELECT id, bound::text FROM workflow_approvals WHERE run_id = :run AND"
                                + " state = 'approved'")
                .param("run", run)
                .query(row -> {
                    found.put(
                            Columns.uuid(row, "id"), json.readValue(row.getString("bound"), BOUND));
                });
        return found;
    }

    Optional<UUID> idOf(UUID run, String step, long epoch) {
        return jdbc.sql(
                        "SELECT id FROM workflow_approvals WHERE run_id = :run AND step = :step AND"
                                + " epoch = :epoch")
                .param("run", run)
                .param("step", step)
                .param("epoch", epoch)
                .query(UUID.class)
                .optional();
    }

    Optional<Asked> find(UUID id) {
        return jdbc.sql("SELECT * FROM workflow_approvals WHERE id = :id")
                .param("id", id)
                .query(this::asked)
                .optional();
    }

    List<ApprovalView> list(@Nullable String state, @Nullable UUID after, int limit) {
        return jdbc.sql(
                        """
                        SELECT * FROM workflow_approvals
                        WHERE (:state::text IS NULL OR (state = 'waiting') = (:state = 'waiting'))
                          AND (:after::uuid IS NULL OR id < :after) AND %s
                        ORDER BY id DESC LIMIT :limit
                        """
                                .formatted(HiddenRuns.SEEN))
                .param("state", state)
                .param("after", after)
                .param("limit", limit)
                .query(ApprovalStore::view)
                .list();
    }

    void cast(UUID approval, Cast cast) {
        jdbc.sql(
                        """
                        INSERT INTO workflow_approval_votes (approval_id, seq, stage, account, account_name, in_place_of, in_place_of_name,
                                                             approve, reason, action_hash, stepped_up, cast_at)
                        SELECT :approval, coalesce(max(seq), 0) + 1, :stage, :by, :byName, :of, :ofName, :approve, :reason, :hash,
                               :steppedUp, :at FROM workflow_approval_votes WHERE approval_id = :approval
                        """)
                .param("approval", approval)
                .param("stage", cast.vote().stage())
                .param("by", UUID.fromString(cast.vote().by()))
                .param("byName", cast.byName())
                .param("of", UUID.fromString(cast.vote().inPlaceOf()))
                .param("ofName", cast.inPlaceOfName())
                .param("approve", cast.vote().approve())
                .param("reason", cast.reason())
                .param("hash", cast.vote().action())
                .param("steppedUp", cast.steppedUp())
                .param("at", Columns.utc(cast.vote().at()))
                .update();
    }

    /** In the order in which they were cast. */
    List<Cast> votes(UUID approval) {
        return jdbc.sql(
                        "SELECT * FROM workflow_approval_votes WHERE approval_id = :approval ORDER"
                                + " BY seq")
                .param("approval", approval)
                .query((row, _) ->
                        new Cast(
                                new ApprovalVote(
                                        row.getInt("stage"),
                                        row.getString("account"),
                                        row.getString("in_place_of"),
                                        row.getBoolean("approve"),
                                        row.getTimestamp("cast_at").toInstant(),
                                        row.getString("action_hash")),
                                row.getString("account_name"),
                                row.getString("in_place_of_name"),
                                row.getString("reason"),
                                row.getBoolean("stepped_up")))
                .list();
    }

    private Asked asked(ResultSet row, int number) throws SQLException {
        ApprovalView view = view(row, number);
        var settings = new LinkedHashMap<String, @Nullable Object>();
        settings.putAll(json.readValue(row.getString("plan"), OBJECT));
        settings.putIfAbsent("role", view.role());
        boolean destroys = !json.readValue(row.getString("bound"), BOUND).isEmpty();
        Instant opened = Columns.instant(row, "opened_at");
        return new Asked(
                view,
                row.getLong("epoch"),
                ApprovalPlan.of(settings, destroys),
                opened == null ? view.requestedAt() : opened,
                Columns.instant(row, "alarmed_at"),
                row.getString("note"));
    }

    private static ApprovalView view(ResultSet row, int number) throws SQLException {
        return new ApprovalView(
                Columns.uuid(row, "id"),
                Columns.uuid(row, "run_id"),
                row.getString("step"),
                row.getString("workflow_name"),
                row.getString("title"),
                row.getString("action"),
                row.getString("target"),
                row.getString("role"),
                row.getTimestamp("requested_at").toInstant(),
                Columns.instant(row, "due_at"),
                row.getString("state"),
                row.getString("decided_by"),
                Columns.instant(row, "decided_at"),
                row.getString("reason"),
                row.getString("action_hash"),
                row.getObject("incident_id", UUID.class),
                row.getInt("stage"),
                row.getInt("stages"),
                row.getInt("have"),
                row.getInt("need"),
                row.getBoolean("step_up"));
    }
}
