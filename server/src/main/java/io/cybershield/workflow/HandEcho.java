package io.cybershield.workflow;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.engine.Event;
import io.cybershield.flow.SignalName;
import io.cybershield.platform.Scope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Tells everybody of the product. */
@Component
final class HandEcho implements HandsTold {
    private static final int MOST_NAMED = 100;
    private final RunEcho echo;
    private final RunPeople people;
    private final AuditTrail audit;

    HandEcho(RunEcho echo, RunPeople people, AuditTrail audit) {
        this.echo = echo;
        this.people = people;
        this.audit = audit;
    }

    @Override
    public void goesOn(UUID run) {
        people.began(run);
    }

    @Override
    public void answers(RunView run) {
        people.began(run.id());
        audit.append(
                "run.answered-for",
                "run:" + run.id(),
                Outcome.PERMITTED,
                Map.of("startedBy", run.startedBy()));
    }

    @Override
    public void stopping(RunId run, Event.Stop mode, String reason) {
        people.began(run.value()); // and answers for closing and undoing
        audit.append(
                switch (mode) {
                    case KILL -> "run.killed";
                    case CANCEL -> "run.cancelled";
                    case UNDO -> "run.undone";
                },
                "run:" + run,
                Outcome.PERMITTED,
                Map.of("reason", reason));
    }

    @Override
    public void resumed(RunView run, String by) {
        echo.resumed(run, by);
        boolean now = Scope.current().principal().name().equals(by);
        audit.append(
                "run.resumed",
                "run:" + run.id(),
                Outcome.PERMITTED,
                now ? Map.of() : Map.of("askedBy", by));
    }

    @Override
    public void resumesAsked(List<UUID> runs) {
        audit.append(
                "run.bulk-resumed",
                "dead-letters",
                Outcome.PERMITTED,
                Map.of("count", runs.size(), "runs", named(runs)));
    }

    @Override
    public void discarded(List<UUID> runs, String reason) {
        audit.append(
                "run.failures-discarded",
                "dead-letters",
                Outcome.PERMITTED,
                Map.of("count", runs.size(), "reason", reason, "runs", named(runs)));
    }

    private static List<String> named(List<UUID> runs) {
        return runs.stream().limit(MOST_NAMED).map(UUID::toString).toList();
    }

    @Override
    public void signalled(RunId run, String id, SignalName signal) {
        var detail = new LinkedHashMap<String, Object>();
        detail.put("signal", signal.name());
        detail.put("key", signal.key());
        detail.put("id", id);
        audit.append("run.signalled", "run:" + run, Outcome.PERMITTED, detail);
    }

    @Override
    public void moved(RunView run, RunMove move) {
        audit.append(
                "run.moved",
                "run:" + run.id(),
                Outcome.PERMITTED,
                Map.of(
                        "number", run.number(),
                        "workflow", run.workflowId().toString(),
                        "from", move.from(),
                        "to", move.to(),
                        "reason", move.reason()));
    }
}
