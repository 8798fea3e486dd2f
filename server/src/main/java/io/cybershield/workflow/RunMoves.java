package io.cybershield.workflow;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.engine.Event;
import io.cybershield.engine.Move;
import io.cybershield.engine.RunState;
import io.cybershield.engine.StepId;
import io.cybershield.flow.Drawing;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Moves runs that wait from older versions of a workflow to a newer one. What the engine says
 * decides; the dry run asks it the same and keeps nothing. Each run is moved in a transaction of
 * its own, under its lock, and only as it was when the dry run showed it.
 */
@Component
final class RunMoves {
    static final int MOST_AT_ONCE = 100;

    /** Runs that one look keeps locked. */
    private static final int TOGETHER = 10;

    private static final Logger log = LoggerFactory.getLogger(RunMoves.class);
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final RunTurns turns;
    private final WorkflowStore workflows;
    private final Versions versions;
    private final Approvals approvals;
    private final ApprovalActions actions;
    private final SignalStore signals;
    private final RunPeople people;
    private final RunReads reads;
    private final AuditTrail audit;

    RunMoves(
            Transactions transactions,
            JdbcClient jdbc,
            RunTurns turns,
            WorkflowStore workflows,
            Versions versions,
            Approvals approvals,
            ApprovalActions actions,
            SignalStore signals,
            RunPeople people,
            RunReads reads,
            AuditTrail audit) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.turns = turns;
        this.workflows = workflows;
        this.versions = versions;
        this.approvals = approvals;
        this.actions = actions;
        this.signals = signals;
        this.people = people;
        this.reads = reads;
        this.audit = audit;
    }

    /**
     * A step that a run stands at.
     *
     * @param name of its node in the run's version
     * @param node name of its node in the other version; null where there is none
     * @param note what people must know of it
     */
    record MoveStand(
            String step,
            String name,
            String type,
            String state,
            @Schema(allowableValues = {"stays", "asked-again", "waits-again"}) String fate,
            @Nullable String node,
            @Nullable String note) {}

    /**
     * @param step null when it is about the run as a whole
     */
    record MoveObjection(@Nullable String step, @Nullable String name, String why) {}

    /**
     * What would become of one run.
     *
     * @param mark names the state that was looked at; the move asks for it
     * @param begins names of nodes whose steps would begin at once
     */
    record MoveSight(
            UUID run,
            long number,
            String subject,
            int version,
            String state,
            String mark,
            boolean movable,
            List<MoveStand> stands,
            List<String> begins,
            List<MoveObjection> objections) {}

    /**
     * @param next to go on with; null when that was all
     */
    record MoveDryRun(int to, List<MoveSight> runs, @Nullable UUID next) {}

    /** A run as a dry run showed it. */
    record Marked(UUID run, String mark) {}

    /** What became of one run. */
    record MoveResult(
            UUID run,
            @Nullable Long number,
            @Schema(allowableValues = {"moved", "there-already", "went-on", "refused", "failed"})
                    String outcome,
            @Nullable String why) {}

    /**
     * @param to null for the version in use
     * @param from null for all that are older
     * @param chosen null for all that have not ended
     */
    MoveDryRun look(
            UUID workflow,
            @Nullable Integer to,
            @Nullable Integer from,
            @Nullable List<UUID> chosen,
            @Nullable UUID after) {
        int target = transactions.call(() -> target(workflow, to));
        List<UUID> ids = transactions.call(() -> live(workflow, target, from, chosen, after));
        boolean more = ids.size() > MOST_AT_ONCE;
        var page = more ? ids.subList(0, MOST_AT_ONCE) : ids;
        var seen = new ArrayList<MoveSight>();
        for (int i = 0; i < page.size(); i += TOGETHER) {
            var some = page.subList(i, Math.min(page.size(), i + TOGETHER));
            seen.addAll(transactions.call(() -> sights(workflow, target, some)));
        }
        return new MoveDryRun(target, seen, more ? page.getLast() : null);
    }

    private int target(UUID workflow, @Nullable Integer to) {
        var stored = workflows.get(workflow);
        Integer version = to == null ? stored.published() : to;
        if (version == null) {
            throw Problems.INVALID.because("No version of this workflow is in use. Publish it.");
        }
        if (workflows.version(workflow, version).isEmpty()) {
            throw Problems.NOT_FOUND.because("This workflow has no version " + version + ".");
        }
        return version;
    }

    private List<UUID> live(
            UUID workflow,
            int to,
            @Nullable Integer from,
            @Nullable List<UUID> chosen,
            @Nullable UUID after) {
        return jdbc.sql(
                        """
                        SELECT id FROM workflow_instances
                        WHERE workflow_id = :workflow AND ended_at IS NULL AND version < :to
                          AND (:from::int IS NULL OR version = :from) AND (:after::uuid IS NULL OR id > :after)
                          AND (:chosen::uuid[] IS NULL OR id = ANY(:chosen))
                        ORDER BY id LIMIT :most
                        """)
                .param("workflow", workflow)
                .param("to", to)
                .param("from", from)
                .param("after", after)
                .param("chosen", chosen == null ? null : chosen.toArray(UUID[]::new))
                .param("most", MOST_AT_ONCE + 1)
                .query((row, _) -> Columns.uuid(row, "id"))
                .list();
    }

    private List<MoveSight> sights(UUID workflow, int to, List<UUID> ids) {
        var ready = versions.get(workflow, to);
        var batch = turns.batch(ids.stream().map(RunId::new).toList());
        return ids.stream()
                .map(id -> batch.find(new RunId(id)))
                .flatMap(Optional::stream)
                .map(turn -> sight(turn.now(), ready))
                .toList();
    }

    private MoveSight sight(RunTurns.Loaded now, Versions.Ready to) {
        RunView run = now.row().run();
        var move = Move.between(now.version().engine(), to.engine());
        var plan = move.plan(now.state(), turns.now());
        RunState then =
                plan.isPossible()
                        ? move.decide(now.state(), event(now, to, "")).state()
                        : now.state();
        return new MoveSight(
                run.id(),
                run.number(),
                run.subject(),
                run.version(),
                run.state(),
                mark(now),
                plan.isPossible(),
                plan.stands().stream()
                        .map(stand -> view(stand, now, to, then, plan.isPossible()))
                        .toList(),
                plan.begins().stream().map(step -> name(to.drawing(), step)).distinct().toList(),
                plan.objections().stream()
                        .map(o ->
                                new MoveObjection(
                                        o.step(),
                                        o.step() == null
                                                ? null
                                                : name(now.version().drawing(), o.step()),
                                        o.why()))
                        .toList());
    }

    private MoveStand view(
            Move.Stand stand,
            RunTurns.Loaded now,
            Versions.Ready to,
            RunState then,
            boolean possible) {
        var box = box(now.version().drawing(), stand.step()).orElseThrow();
        var after = box(to.drawing(), stand.step());
        return new MoveStand(
                stand.step(),
                box.name(),
                box.type(),
                RunView.wire(stand.status()),
                switch (stand.fate()) {
                    case STAYS -> "stays";
                    case ASKED_AGAIN -> "asked-again";
                    case WAITS_AGAIN -> "waits-again";
                },
                after.map(Drawing.Box::name).orElse(null),
                possible ? note(stand, now, to, then) : null);
    }

    private @Nullable String note(
            Move.Stand stand, RunTurns.Loaded now, Versions.Ready to, RunState then) {
        return switch (stand.fate()) {
            case STAYS -> null;
            case WAITS_AGAIN -> "Its settings changed: it waits anew, from the moment of the move.";
            case ASKED_AGAIN -> asked(stand, now, to, then);
        };
    }

    /** Whether people would be shown something else than they are shown now. */
    private String asked(Move.Stand stand, RunTurns.Loaded now, Versions.Ready to, RunState then) {
        RunView run = now.row().run();
        long epoch = now.state().step(stand.step()).orElseThrow().epoch();
        var open = approvals.idOf(new RunId(run.id()), stand.step(), epoch);
        if (open.isEmpty()) {
            return "It is asked again.";
        }
        String before = approvals.get(open.get()).action();
        var moved = new RunTurns.Loaded(now.row(), to, then);
        String after =
                actions.bound(
                                run.id(),
                                to,
                                stand.step(),
                                then.step(stand.step()).orElseThrow().epoch(),
                                moved.context(stand.step()))
                        .sentence();
        return before.equals(after)
                ? "Votes are void and it is asked again: a vote holds for its version. What would"
                        + " be done is the same."
                : "Votes are void and it is asked again, for something else: " + after;
    }

    /** Moves each run that still is as it was shown; the others are told apart. */
    List<MoveResult> move(UUID workflow, int to, String reason, List<Marked> runs) {
        int target = transactions.call(() -> target(workflow, to));
        var results = new ArrayList<MoveResult>();
        for (Marked one : byRun(runs).values()) {
            try {
                results.add(transactions.call(() -> move(workflow, target, reason, one)));
            } catch (RuntimeException e) {
                log.warn("run not moved run={} to={} cause=\"{}\"", one.run(), to, e.toString());
                results.add(
                        new MoveResult(
                                one.run(), null, "failed", "It could not be moved. Try again."));
            }
        }
        return results;
    }

    private static Map<UUID, Marked> byRun(List<Marked> runs) {
        var found = new LinkedHashMap<UUID, Marked>();
        runs.forEach(run -> found.putIfAbsent(run.run(), run));
        return found;
    }

    private MoveResult move(UUID workflow, int to, String reason, Marked one) {
        var id = new RunId(one.run());
        var batch = turns.batch(List.of(id));
        var turn =
                batch.find(id)
                        .filter(t -> t.now().row().run().workflowId().equals(workflow))
                        .orElse(null);
        if (turn == null) {
            return new MoveResult(one.run(), null, "refused", "This workflow has no such run.");
        }
        RunTurns.Loaded now = turn.now();
        RunView run = now.row().run();
        if (run.version() == to) {
            return new MoveResult(run.id(), run.number(), "there-already", null);
        }
        if (!mark(now).equals(one.mark())) {
            return new MoveResult(
                    run.id(),
                    run.number(),
                    "went-on",
                    "It went on since the dry run, or was moved elsewhere. Look again.");
        }
        if (run.version() > to) {
            return new MoveResult(
                    run.id(), run.number(), "refused", "It is of a newer version already.");
        }
        var ready = versions.get(workflow, to);
        var plan =
                Move.between(now.version().engine(), ready.engine()).plan(now.state(), turns.now());
        if (!plan.isPossible()) {
            return new MoveResult(
                    run.id(), run.number(), "refused", plan.objections().getFirst().why());
        }
        plan.stands().stream()
                .filter(stand -> stand.fate() == Move.Fate.WAITS_AGAIN)
                .forEach(stand -> signals.waitsNoMore(id, stand.step()));
        var event = event(now, ready, reason);
        turn.move(ready, inVersion(run, to, ready), event);
        jdbc.sql(
                        "UPDATE workflow_instances SET version = :version, steps_total ="
                                + " greatest(:total, steps_done) WHERE id = :id")
                .param("version", to)
                .param("total", ready.drawing().nodes().size())
                .param("id", run.id())
                .update();
        reads.moved(id, new RunMove(run.version(), to, event.at(), event.by(), event.reason()));
        // Whoever decides how a run goes on has no vote on what it does.
        people.began(run.id());
        batch.flush();
        audit.append(
                "run.moved",
                "run:" + run.id(),
                Outcome.PERMITTED,
                Map.of(
                        "number", run.number(),
                        "workflow", workflow.toString(),
                        "from", run.version(),
                        "to", to,
                        "reason", reason));
        return new MoveResult(run.id(), run.number(), "moved", null);
    }

    private Event.RunMoved event(RunTurns.Loaded now, Versions.Ready to, String reason) {
        return new Event.RunMoved(
                turns.now(),
                Scope.current().principal().name(),
                reason,
                now.version().engine().workflowHash(),
                to.engine().workflowHash());
    }

    private static RunView inVersion(RunView run, int version, Versions.Ready ready) {
        return new RunView(
                run.id(),
                run.number(),
                run.workflowId(),
                run.workflowName(),
                version,
                run.state(),
                run.startedAt(),
                run.endedAt(),
                run.startedBy(),
                run.subject(),
                run.incidentId(),
                run.stepsDone(),
                ready.drawing().nodes().size());
    }

    /** The hash of its journal, which names its content. */
    private static String mark(RunTurns.Loaded run) {
        return HexFormat.of().formatHex(run.row().head());
    }

    private static Optional<Drawing.Box> box(Drawing drawing, String step) {
        return drawing.nodes().stream().filter(b -> b.key().equals(StepId.key(step))).findFirst();
    }

    private static String name(Drawing drawing, String step) {
        return box(drawing, step).map(Drawing.Box::name).orElse(StepId.key(step));
    }
}
