package io.cybershield.workflow;

import io.cybershield.access.SignedIn;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.engine.Event;
import io.cybershield.engine.Node;
import io.cybershield.engine.Ports;
import io.cybershield.engine.StepId;
import io.cybershield.flow.Description;
import io.cybershield.flow.Drawing;
import io.cybershield.flow.RunContext;
import io.cybershield.flow.TextTemplate;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Transactions;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Questions to people. Each binds to the destructive actions that it lets through, rendered when it
 * is asked: what was not shown is not allowed, and an action whose inputs changed since is stopped.
 */
@Component
final class Approvals {
    private static final TypeReference<Map<String, Map<String, @Nullable Object>>> BOUND =
            new TypeReference<>() {};
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final NodeKinds kinds;
    private final ApprovalMails mails;
    private final DomainEvents events;
    private final AuditTrail audit;
    private final Ids ids;
    private final Clock clock;

    Approvals(
            Transactions transactions,
            JdbcClient jdbc,
            JsonMapper json,
            NodeKinds kinds,
            ApprovalMails mails,
            DomainEvents events,
            AuditTrail audit,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.json = json;
        this.kinds = kinds;
        this.mails = mails;
        this.events = events;
        this.audit = audit;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * Asks, once per run, step and epoch; mails those who may decide. In the transaction of the
     * run's turn.
     */
    void open(
            RunView run,
            Versions.Ready version,
            String step,
            long epoch,
            @Nullable Instant due,
            RunContext context,
            Instant at) {
        Drawing drawing = version.drawing();
        Drawing.Box asking =
                drawing.nodes().stream()
                        .filter(b -> b.key().equals(StepId.key(step)))
                        .findFirst()
                        .orElseThrow();
        Map<String, @Nullable Object> config = rendered(context, drawing, asking);
        var bound = new LinkedHashMap<String, Map<String, @Nullable Object>>();
        var sentences = new ArrayList<String>();
        String target = null;
        for (Drawing.Box box : guarded(version, StepId.key(step))) {
            Map<String, @Nullable Object> action = rendered(context, drawing, box);
            bound.put(StepId.in(StepId.frame(step), box.key()), action);
            target = action.get("host") == null ? target : String.valueOf(action.get("host"));
            sentences.add(box.name() + (action.isEmpty() ? "" : ": " + plainText(action)));
        }
        String sentence =
                sentences.isEmpty()
                        ? "The run goes on. Nothing that this lets through can destroy anything."
                        : String.join("; ", sentences);
        UUID id = ids.next();
        int inserted =
                jdbc.sql(
                                """
                                INSERT INTO workflow_approvals (id, run_id, step, epoch, workflow_name, title, action, target, role, bound,
                                                                action_hash, incident_id, requested_at, due_at, state)
                                VALUES (:id, :run, :step, :epoch, :workflow, :title, :action, :target, :role, :bound::jsonb,
                                        :hash, :incident, :at, :due, 'waiting')
                                ON CONFLICT (run_id, step, epoch) DO NOTHING
                                """)
                        .param("id", id)
                        .param("run", run.id())
                        .param("step", step)
                        .param("epoch", epoch)
                        .param("workflow", run.workflowName())
                        .param("title", String.valueOf(config.getOrDefault("title", asking.name())))
                        .param("action", sentence)
                        .param("target", target)
                        .param("role", String.valueOf(config.getOrDefault("role", "tenant-admin")))
                        .param("bound", json.writeValueAsString(bound))
                        .param("hash", hash(run.id(), step, epoch, bound))
                        .param("incident", run.incidentId())
                        .param("at", RunStore.utc(at))
                        .param("due", due == null ? null : RunStore.utc(due))
                        .update();
        if (inserted == 1) {
            ApprovalView made = get(id);
            mails.ask(
                    made,
                    config.get("message") == null ? "" : String.valueOf(config.get("message")));
            events.publish("approval:" + id, new ApprovalChanged(made));
        }
    }

    /** The question no longer matters. */
    void withdraw(RunId run, String step, long epoch, boolean timedOut) {
        jdbc.sql(
                        """
                        UPDATE workflow_approvals SET state = :state, decided_at = :at
                        WHERE run_id = :run AND step = :step AND epoch = :epoch AND state = 'waiting' RETURNING id
                        """)
                .param("state", timedOut ? "timed-out" : "void")
                .param("at", RunStore.utc(clock.instant()))
                .param("run", run.value())
                .param("step", step)
                .param("epoch", epoch)
                .query(UUID.class)
                .optional()
                .ifPresent(id -> events.publish("approval:" + id, new ApprovalChanged(get(id))));
    }

    /**
     * Records the decision, once: the first of any number of clicks wins.
     *
     * @param actionHash of what the person was shown
     * @return the event that carries the run on
     */
    Event.ApprovalDecided decide(
            UUID run,
            UUID approval,
            boolean approve,
            @Nullable String reason,
            String actionHash,
            SignedIn by) {
        ApprovalView asked =
                find(approval).filter(a -> a.runId().equals(run)).orElseThrow(Approvals::missing);
        if (!by.role().equals(asked.role()) && !by.role().equals("tenant-admin")) {
            throw WorkflowProblems.NOT_YOURS.because(
                    "'"
                            + asked.title()
                            + "' is for people with the role '"
                            + asked.role()
                            + "'; yours is '"
                            + by.role()
                            + "'.");
        }
        if (!asked.actionHash().equals(actionHash)) {
            throw WorkflowProblems.ACTION_CHANGED.because(
                    "What you were shown is not what would happen now. Open the approval again.");
        }
        record Decided(String step, long epoch) {}
        Instant now = clock.instant();
        var decided =
                jdbc.sql(
                                """
                                UPDATE workflow_approvals SET state = :state, decided_by = :by, decided_at = :at, reason = :reason
                                WHERE id = :id AND state = 'waiting' RETURNING step, epoch
                                """)
                        .param("state", approve ? "approved" : "declined")
                        .param("by", by.name())
                        .param("at", RunStore.utc(now))
                        .param("reason", reason)
                        .param("id", approval)
                        .query((row, _) -> new Decided(row.getString("step"), row.getLong("epoch")))
                        .optional()
                        .orElseThrow(() ->
                                WorkflowProblems.ALREADY_DECIDED.because(
                                        "'"
                                                + asked.title()
                                                + "' is already "
                                                + get(approval).state()
                                                + "."));
        events.publish("approval:" + approval, new ApprovalChanged(get(approval)));
        audit.append(
                approve ? "approval.approved" : "approval.declined",
                "approval:" + approval,
                Outcome.PERMITTED,
                Map.of(
                        "run",
                        run.toString(),
                        "action",
                        asked.action(),
                        "actionHash",
                        actionHash,
                        "reason",
                        reason == null ? "" : reason));
        return new Event.ApprovalDecided(
                now,
                decided.step(),
                decided.epoch(),
                approve,
                by.name(),
                reason == null ? "" : reason,
                Map.of("account", by.account().toString()));
    }

    /**
     * Why a destructive step may not run with this configuration; empty when an approval of this
     * run allows exactly it.
     */
    Optional<String> objection(RunId run, String node, Map<String, @Nullable Object> config) {
        List<@Nullable String> grants =
                jdbc.sql(
                                "SELECT bound::text FROM workflow_approvals WHERE run_id = :run AND"
                                        + " state = 'approved'")
                        .param("run", run.value())
                        .query(String.class)
                        .list();
        boolean shown = false;
        for (@Nullable String grant : grants) {
            if (grant == null) {
                continue;
            }
            Map<String, @Nullable Object> allowed = json.readValue(grant, BOUND).get(node);
            if (allowed != null) {
                shown = true;
                if (canonical(allowed).equals(canonical(config))) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(
                shown
                        ? "Its inputs changed after the approval, so the approval no longer covers"
                                + " it. Run the workflow again."
                        : "No approval of this run covers it.");
    }

    /** Which approval a step asks by. */
    Optional<UUID> idOf(RunId run, String step, long epoch) {
        return jdbc.sql(
                        "SELECT id FROM workflow_approvals WHERE run_id = :run AND step = :step AND"
                                + " epoch = :epoch")
                .param("run", run.value())
                .param("step", step)
                .param("epoch", epoch)
                .query(UUID.class)
                .optional();
    }

    Optional<ApprovalView> find(UUID id) {
        return jdbc.sql("SELECT * FROM workflow_approvals WHERE id = :id")
                .param("id", id)
                .query(Approvals::view)
                .optional();
    }

    ApprovalView get(UUID id) {
        return find(id).orElseThrow(Approvals::missing);
    }

    /** Newest first; {@code state} is {@code waiting}, {@code decided} or null for all. */
    Page<ApprovalView> list(@Nullable String state, @Nullable UUID after, int limit) {
        return transactions.call(() ->
                Page.of(
                        jdbc.sql(
                                        """
                                        SELECT * FROM workflow_approvals
                                        WHERE (:state::text IS NULL OR (state = 'waiting') = (:state = 'waiting'))
                                          AND (:after::uuid IS NULL OR id < :after)
                                        ORDER BY id DESC LIMIT :limit
                                        """)
                                .param("state", state)
                                .param("after", after)
                                .param("limit", limit + 1)
                                .query(Approvals::view)
                                .list(),
                        limit,
                        a -> a.id().toString()));
    }

    /**
     * The destructive nodes that the approval's granting port leads to, in the same round: what
     * later rounds would do cannot be shown before they begin.
     */
    private List<Drawing.Box> guarded(Versions.Ready version, String approval) {
        Drawing drawing = version.drawing();
        var reached = new LinkedHashSet<String>();
        var open = new ArrayDeque<String>();
        drawing.edges().stream()
                .filter(e -> e.from().equals(approval) && e.port().equals(Ports.APPROVED))
                .forEach(e -> open.add(e.to()));
        while (!open.isEmpty()) {
            String here = open.poll();
            if (reached.add(here)) {
                drawing.edges().stream()
                        .filter(e -> e.from().equals(here))
                        .forEach(e -> open.add(e.to()));
            }
        }
        return drawing.nodes().stream()
                .filter(box -> reached.contains(box.key()))
                .filter(box ->
                        version.engine()
                                .loopAround(box.key())
                                .equals(version.engine().loopAround(approval)))
                .filter(box ->
                        kinds.find(box.type())
                                .map(Description::type)
                                .map(t -> t.destructive())
                                .orElse(false))
                .toList();
    }

    /**
     * A place that has no value yet stays as written: the comparison before the action then fails,
     * which is the safe side.
     */
    private Map<String, @Nullable Object> rendered(
            RunContext context, Drawing drawing, Drawing.Box box) {
        Node node = drawing.definition().find(box.key()).orElseThrow();
        try {
            return context.render(node, kinds.get(box.type()));
        } catch (TextTemplate.NoValue e) {
            return node.config();
        }
    }

    private String hash(
            UUID run, String step, long epoch, Map<String, Map<String, @Nullable Object>> bound) {
        try {
            String text =
                    run
                            + "\n"
                            + step
                            + "\n"
                            + epoch
                            + "\n"
                            + json.writeValueAsString(new TreeMap<>(bound));
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private String canonical(Map<String, @Nullable Object> config) {
        return json.writeValueAsString(new TreeMap<>(config));
    }

    private static String plainText(Map<String, @Nullable Object> config) {
        return String.join(
                ", ",
                config.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).toList());
    }

    private static ApprovalView view(ResultSet row, int number) throws SQLException {
        return new ApprovalView(
                RunStore.uuid(row, "id"),
                RunStore.uuid(row, "run_id"),
                row.getString("step"),
                row.getString("workflow_name"),
                row.getString("title"),
                row.getString("action"),
                row.getString("target"),
                row.getString("role"),
                row.getTimestamp("requested_at").toInstant(),
                RunStore.instant(row, "due_at"),
                row.getString("state"),
                row.getString("decided_by"),
                RunStore.instant(row, "decided_at"),
                row.getString("reason"),
                row.getString("action_hash"),
                row.getObject("incident_id", UUID.class));
    }

    private static io.cybershield.platform.ProblemException missing() {
        return Problems.NOT_FOUND.because("There is no such approval.");
    }
}
