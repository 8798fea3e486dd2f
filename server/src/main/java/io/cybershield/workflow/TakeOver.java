package io.cybershield.workflow;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.engine.Event;
import io.cybershield.engine.NodeType.Idempotency;
import io.cybershield.engine.Outcome.Succeeded;
import io.cybershield.engine.RunStatus;
import io.cybershield.engine.StepId;
import io.cybershield.engine.StepState;
import io.cybershield.engine.StepStatus;
import io.cybershield.flow.Drawing;
import io.cybershield.flow.TextTemplate;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.HandStore.Done;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Goes on with a failed run in the newest version of its workflow, as a new run: what the old one
 * had done is written into the new journal as done, and the rest is run. Steps that only look at
 * data are computed anew. It is refused wherever the new version would do, or would have done,
 * something else than what was done.
 */
@Component
final class TakeOver {
    private final Transactions transactions;
    private final RunTurns turns;
    private final RunStore store;
    private final RunReads reads;
    private final HandStore hands;
    private final WorkflowStore workflows;
    private final Versions versions;
    private final Hands rights;
    private final DeadLetterStore letters;
    private final RunEcho echo;
    private final RunPeople people;
    private final NodeKinds kinds;
    private final AuditTrail audit;
    private final Ids ids;
    private final JsonMapper json;

    TakeOver(
            Transactions transactions,
            RunTurns turns,
            RunStore store,
            RunReads reads,
            HandStore hands,
            WorkflowStore workflows,
            Versions versions,
            Hands rights,
            DeadLetterStore letters,
            RunEcho echo,
            RunPeople people,
            NodeKinds kinds,
            AuditTrail audit,
            Ids ids,
            JsonMapper json) {
        this.transactions = transactions;
        this.turns = turns;
        this.store = store;
        this.reads = reads;
        this.hands = hands;
        this.workflows = workflows;
        this.versions = versions;
        this.rights = rights;
        this.letters = letters;
        this.echo = echo;
        this.people = people;
        this.kinds = kinds;
        this.audit = audit;
        this.ids = ids;
        this.json = json;
    }

    /** The newest version, when the run is of an older one. */
    Optional<Integer> newer(RunView run) {
        return workflows
                .find(run.workflowId())
                .filter(found -> found.state().equals("published"))
                .map(WorkflowStore.Stored::published)
                .filter(version -> version > run.version());
    }

    /**
     * @throws io.cybershield.platform.ProblemException with the reason where it cannot be
     */
    RunView goOn(RunId failed) {
        return transactions.call(() -> {
            var old =
                    turns.load(failed)
                            .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such run."));
            RunView before = old.row().run();
            int version =
                    newer(before)
                            .orElseThrow(() ->
                                    refused(
                                            before,
                                            "It ran in the newest version already. Take it up"
                                                    + " again instead."));
            objection(old)
                    .ifPresent(why -> {
                        throw refused(before, why);
                    });
            var ready = versions.get(before.workflowId(), version);
            String trigger = Hands.trigger(old);
            if (ready.drawing().nodes().stream().noneMatch(box -> isSame(box, trigger, old))) {
                throw refused(
                        before,
                        "Version " + version + " has no such trigger '" + trigger + "' any more.");
            }
            UUID id = ids.next();
            if (!rights.hasRoom(old, id)) {
                throw Hands.noRoom(before);
            }
            people.inherit(id, before.id());
            people.began(id);
            RunView made = insert(id, before, version, ready);
            follow(old, made, ready, trigger);
            hands.continuedAs(failed, made.id());
            letters.replayed(failed, actor(), turns.now());
            audit.append(
                    "run.taken-over",
                    "run:" + failed,
                    Outcome.PERMITTED,
                    Map.of("as", made.id().toString(), "version", version));
            return store.get(new RunId(made.id()));
        });
    }

    private static boolean isSame(Drawing.Box box, String trigger, RunTurns.Loaded old) {
        return box.key().equals(trigger) && box.type().equals(old.node(trigger).type());
    }

    /** What no version could go on from. */
    private Optional<String> objection(RunTurns.Loaded old) {
        var state = old.state();
        var result = state.result();
        if (state.status() != RunStatus.FAILED || result == null) {
            return Optional.of("Only a run that failed goes on in another version.");
        }
        var resumed = rights.objection(old);
        if (resumed.isPresent()) {
            return resumed;
        }
        for (StepState step : state.steps().values()) {
            var type = kinds.get(old.node(step.id()).type()).type();
            if (step.mayHaveHappened()
                    && step.status() != StepStatus.SUCCEEDED
                    && type.idempotency() != Idempotency.NATURALLY_IDEMPOTENT) {
                return Optional.of(
                        "Whether '"
                                + old.node(step.id()).name()
                                + "' took effect is not known, and another run would do it again.");
            }
        }
        return Optional.empty();
    }

    private RunView insert(UUID id, RunView before, int version, Versions.Ready ready) {
        var made =
                new RunView(
                        id,
                        store.nextNumbers(1).getFirst(),
                        before.workflowId(),
                        ready.drawing().name(),
                        version,
                        "running",
                        turns.now(),
                        null,
                        actor(),
                        before.subject(),
                        before.incidentId(),
                        0,
                        ready.drawing().nodes().size());
        store.insert(made);
        echo.started(made);
        return made;
    }

    @SuppressWarnings(
            "NullAway") // an input may be null; the engine's type says so only in its source
    private void follow(RunTurns.Loaded old, RunView made, Versions.Ready ready, String trigger) {
        RunView before = old.row().run();
        Map<String, Done> done = hands.done(new RunId(before.id()));
        done.keySet().removeIf(step -> !counts(old, step));
        var batch = turns.batch(List.of(new RunId(made.id())));
        var turn = batch.find(new RunId(made.id())).orElseThrow();
        turn.take(
                new Event.RunStarted(
                        turns.now(),
                        made.id().toString(),
                        ready.engine().workflowHash(),
                        trigger,
                        made.id().getLeastSignificantBits(),
                        old.state().input()),
                null);
        var left = new TreeSet<>(done.keySet());
        for (var next = next(turn, done); next.isPresent(); next = next(turn, done)) {
            String step = next.get().step();
            Done was = done.get(step);
            var by = next.get().by(UUID.randomUUID());
            turn.claim(next.get(), by);
            var config = rendered(turn, step, before);
            if (was == null || !isSame(config, was.input())) {
                throw refused(
                        before,
                        "'"
                                + step
                                + "' was done, and version "
                                + made.version()
                                + " would do it with other settings.");
            }
            turn.take(
                    new Event.AttemptStarted(
                            turns.now(), step, by.epoch(), "taken over from " + before.id()),
                    config);
            turn.take(
                    new Event.OutcomeArrived(turns.now(), step, by.epoch(), succeeded(was)), null);
            turn.drop(by);
            left.remove(step);
        }
        if (!left.isEmpty()) {
            throw refused(
                    before,
                    "'"
                            + String.join(
                                    "', '",
                                    new ArrayList<>(left).subList(0, Math.min(5, left.size())))
                            + "' was done, and version "
                            + made.version()
                            + " does not come to it, or has something else to do before.");
        }
        batch.flush();
    }

    @SuppressWarnings(
            "NullAway") // a value may be null; the engine's type says so only in its source
    private Succeeded succeeded(Done was) {
        var output = reads.object(was.output());
        return new Succeeded(was.port(), output == null ? Map.of() : output);
    }

    private static Optional<DispatchStore.Due> next(RunTurn turn, Map<String, Done> done) {
        return turn.ready().stream().filter(due -> done.containsKey(due.step())).findFirst();
    }

    /** Whether it acted; what only waited or was asked cannot be taken over. */
    private boolean counts(RunTurns.Loaded old, String step) {
        var node = old.version().drawing().definition().find(StepId.key(step)).orElse(null);
        if (node == null) {
            return false;
        }
        return switch (kinds.get(node.type()).type().behaviour()) {
            case ATTEMPT -> true;
            case ASK ->
                    throw refused(
                            old.row().run(),
                            "It passed the approval '"
                                    + node.name()
                                    + "', which holds for the version that it was asked in.");
            case CHILD ->
                    throw refused(
                            old.row().run(),
                            "Its step '"
                                    + node.name()
                                    + "' ran another workflow, which would run again.");
            case START, EVALUATE, WAIT, EACH, WHILE, JOIN, END, FINALLY -> false;
        };
    }

    private Map<String, @Nullable Object> rendered(RunTurn turn, String step, RunView before) {
        try {
            var node = turn.now().node(step);
            return turn.now().context(step).render(node, kinds.get(node.type()));
        } catch (TextTemplate.NoValue e) {
            throw refused(before, "'" + step + "' cannot be told apart: " + e.getMessage());
        }
    }

    private boolean isSame(Map<String, @Nullable Object> config, @Nullable String was) {
        return was != null && json.readTree(reads.text(config)).equals(json.readTree(was));
    }

    private static io.cybershield.platform.ProblemException refused(RunView run, String why) {
        return WorkflowProblems.NOT_RESUMABLE.because("Run " + run.number() + ": " + why);
    }

    private static String actor() {
        return Scope.current().principal().name();
    }
}
