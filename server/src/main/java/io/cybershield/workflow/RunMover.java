package io.cybershield.workflow;

import io.cybershield.engine.Event;
import io.cybershield.engine.Move;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.RunMoves.Marked;
import io.cybershield.workflow.RunMoves.MoveResult;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Moves runs, each in a transaction of its own, under its lock, and only as it was when the dry run
 * showed it.
 */
@Component
final class RunMover {
    private static final Logger log = LoggerFactory.getLogger(RunMover.class);
    private final Transactions transactions;
    private final RunTurns turns;
    private final Versions versions;
    private final SignalStore signals;
    private final HandStore hands;
    private final HandsTold told;

    RunMover(
            Transactions transactions,
            RunTurns turns,
            Versions versions,
            SignalStore signals,
            HandStore hands,
            HandsTold told) {
        this.transactions = transactions;
        this.turns = turns;
        this.versions = versions;
        this.signals = signals;
        this.hands = hands;
        this.told = told;
    }

    /** Moves each run that still is as it was shown; the others are told apart. */
    List<MoveResult> move(UUID workflow, int to, String reason, List<Marked> runs) {
        var results = new ArrayList<MoveResult>();
        for (Marked one : byRun(runs).values()) {
            try {
                results.add(transactions.call(() -> move(workflow, to, reason, one)));
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
        var move = new RunMove(run.version(), to, event.at(), event.by(), event.reason());
        hands.moved(id, move, ready.drawing().nodes().size());
        // Whoever decides how a run goes on has no vote on what it does.
        told.goesOn(run.id());
        batch.flush();
        told.moved(run, move);
        return new MoveResult(run.id(), run.number(), "moved", null);
    }

    Event.RunMoved event(RunTurns.Loaded now, Versions.Ready to, String reason) {
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
    static String mark(RunTurns.Loaded run) {
        return HexFormat.of().formatHex(run.row().head());
    }
}
