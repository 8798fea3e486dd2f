package io.cybershield.workflow;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.engine.Command;
import io.cybershield.engine.Node;
import io.cybershield.engine.NodeType.Behaviour;
import io.cybershield.engine.RunResult;
import io.cybershield.engine.StepState;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Quotas;
import io.cybershield.platform.Scope;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Tells everybody of the product. */
@Component
final class TurnEcho implements Told {
    private final RunEcho echo;
    private final Aftermath aftermath;
    private final ActionTrail actions;
    private final AuditTrail audit;
    private final WorkflowLive live;
    private final RunPeople people;
    private final RunGate gate;
    private final Approvals approvals;
    private final NodeKinds kinds;
    private final RunReads reads;
    private final Quotas quotas;
    private final DomainEvents events;
    private final Clock clock;

    TurnEcho(
            RunEcho echo,
            Aftermath aftermath,
            ActionTrail actions,
            AuditTrail audit,
            WorkflowLive live,
            RunPeople people,
            RunGate gate,
            Approvals approvals,
            NodeKinds kinds,
            RunReads reads,
            Quotas quotas,
            DomainEvents events,
            Clock clock) {
        this.echo = echo;
        this.aftermath = aftermath;
        this.actions = actions;
        this.audit = audit;
        this.live = live;
        this.people = people;
        this.gate = gate;
        this.approvals = approvals;
        this.kinds = kinds;
        this.reads = reads;
        this.quotas = quotas;
        this.events = events;
        this.clock = clock;
    }

    @Override
    public void made(UUID run) {
        quotas.countRun();
        people.began(run);
    }

    @Override
    public void made(UUID child, UUID parent) {
        quotas.countRun();
        people.inherit(child, parent);
    }

    @Override
    public void queued(RunView run) {
        live.changed(Scope.currentTenant(), run);
    }

    @Override
    public void started(RunView run) {
        echo.started(run);
    }

    @Override
    public void stopped(RunView run, boolean wasQueued) {
        if (wasQueued) {
            live.changed(Scope.currentTenant(), run);
            live.ended(new RunId(run.id()));
        } else {
            people.began(run.id()); // and answers for its closing steps
        }
        audit.append("run.cancelled", "run:" + run.id(), Outcome.PERMITTED, Map.of());
    }

    @Override
    public void inDoubt(RunTurns.Loaded run, String step, String evidence) {
        echo.inDoubt(run, step, evidence);
    }

    @Override
    public void noticed(
            RunTurns.Loaded run, Command.Notice notice, @Nullable String step, String text) {
        echo.noticed(run, notice, step, text);
    }

    @Override
    public void startErrorWorkflow(RunTurns.Loaded run, String workflow, RunResult result) {
        events.publish(
                "run:" + run.row().run().id(), Aftermath.errorWorkflow(run, workflow, result));
    }

    @Override
    public void turned(RunTurn turn, RunStore.Turned written, Map<String, String> inputs) {
        RunResult completed = turn.completed();
        aftermath.turned(turn.now(), written, completed, Instant.now(clock));
        if (completed != null) {
            echo.ended(turn.now(), written.after(), completed);
        }
        show(turn, written.after(), inputs);
        for (StepState step : turn.changed()) {
            actions.append(written.after(), turn.now().node(step.id()), step);
        }
        if (completed != null) {
            live.ended(turn.now().row().id());
        }
    }

    @Override
    public void ended(List<RunView> runs) {
        gate.ended(runs);
    }

    private void show(RunTurn turn, RunView after, Map<String, String> inputs) {
        var tenant = Scope.currentTenant();
        boolean isNew = turn.now().row().length() == 0; // nobody can be looking at it yet
        if (!isNew && live.isWatched(tenant, turn.now().row().id())) {
            live.progressed(
                    tenant,
                    after,
                    turn.changed().stream()
                            .map(step -> view(turn, step, inputs.get(step.id())))
                            .toList());
        } else {
            live.began(tenant, after);
        }
    }

    private StepView view(RunTurn turn, StepState step, @Nullable String input) {
        Node node = turn.now().node(step.id());
        boolean asks =
                kinds.find(node.type())
                        .filter(kind -> kind.type().behaviour() == Behaviour.ASK)
                        .isPresent();
        return StepView.of(
                step.id(),
                node.name(),
                node.type(),
                RunView.wire(step.status()),
                StepView.began(step),
                step.endedAt(),
                step.attempt(),
                step.epoch(),
                step.port(),
                reads.object(input),
                step.output().isEmpty() ? null : step.output(),
                StepView.error(step),
                asks
                        ? approvals
                                .idOf(turn.now().row().id(), step.id(), step.epoch())
                                .orElse(null)
                        : null);
    }
}
