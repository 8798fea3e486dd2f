package io.cybershield.workflow;

import io.cybershield.engine.Move;
import io.cybershield.engine.RunState;
import io.cybershield.engine.StepId;
import io.cybershield.flow.Drawing;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Transactions;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Moves runs that wait from older versions of a workflow to a newer one. What the engine says
 * decides; the dry run asks it the same and keeps nothing.
 */
@Component
final class RunMoves {
    static final int MOST_AT_ONCE = 100;

    /** Runs that one look keeps locked. */
    private static final int TOGETHER = 10;

    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final RunTurns turns;
    private final WorkflowStore workflows;
    private final Versions versions;
    private final Approvals approvals;
    private final ApprovalActions actions;
    private final RunMover mover;

    RunMoves(
            Transactions transactions,
            JdbcClient jdbc,
            RunTurns turns,
            WorkflowStore workflows,
            Versions versions,
            Approvals approvals,
            ApprovalActions actions,
            RunMover mover) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.turns = turns;
        this.workflows = workflows;
        this.versions = versions;
        this.approvals = approvals;
        this.actions = actions;
        this.mover = mover;
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
                          AND (:chosen::uuid[] IS NULL OR id = ANY(:chosen)) AND %s
                        ORDER BY id LIMIT :most
                        """
                                .formatted(HiddenRuns.SEEN))
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
                        ? move.decide(now.state(), mover.event(now, to, "")).state()
                        : now.state();
        return new MoveSight(
                run.id(),
                run.number(),
                run.subject(),
                run.version(),
                run.state(),
                RunMover.mark(now),
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
        return mover.move(workflow, transactions.call(() -> target(workflow, to)), reason, runs);
    }

    private static Optional<Drawing.Box> box(Drawing drawing, String step) {
        return drawing.nodes().stream().filter(b -> b.key().equals(StepId.key(step))).findFirst();
    }

    private static String name(Drawing drawing, String step) {
        return box(drawing, step).map(Drawing.Box::name).orElse(StepId.key(step));
    }
}
