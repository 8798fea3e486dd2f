package io.cybershield.workflow;

import io.cybershield.engine.Command;
import io.cybershield.engine.Event;
import io.cybershield.engine.RunStatus;
import io.cybershield.flow.Drawing;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Scope;
import io.cybershield.workflow.DispatchStore.DueTimer;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Runs that runs start. A child is made in the transaction that journals its start, so it is made
 * once; word of its end, and of its parent's, travels as a timer that is due at once, so that
 * neither run ever waits for the other's lock.
 */
@Component
final class ChildRuns implements TimerWord {
    private static final int DEEPEST = 8;
    private static final String ENDED = "child-ended/";
    private static final String STOP = "stop-child/";
    private final RunStore store;
    private final Versions versions;
    private final EventJson events;
    private final Told told;
    private final Ids ids;

    ChildRuns(RunStore store, Versions versions, EventJson events, Told told, Ids ids) {
        this.store = store;
        this.versions = versions;
        this.events = events;
        this.told = told;
        this.ids = ids;
    }

    /** A child that cannot be started; the message says why. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /**
     * A child that is to begin.
     *
     * @param parent null when nobody waits for its end
     */
    record Child(RunView run, RunStore.@Nullable Parent parent) {}

    Child make(RunStore.Row parent, Command.StartChild start, long number, Instant at)
            throws Refused {
        if (parent.depth() >= DEEPEST) {
            throw new Refused("Workflows may start each other " + DEEPEST + " deep at most.");
        }
        UUID workflow = workflow(start.workflow());
        var ready =
                versions.find(workflow, start.version())
                        .orElseThrow(() ->
                                new Refused(
                                        "There is no version "
                                                + start.version()
                                                + " of workflow "
                                                + workflow
                                                + "."));
        UUID id = ids.next();
        told.made(id, parent.run().id());
        return new Child(
                new RunView(
                        id,
                        number,
                        workflow,
                        ready.drawing().name(),
                        start.version(),
                        "running",
                        at,
                        null,
                        Scope.current().principal().name(),
                        "Started by run " + parent.run().number(),
                        parent.run().incidentId(),
                        0,
                        ready.drawing().nodes().size()),
                start.waits()
                        ? new RunStore.Parent(parent.run().id(), start.step(), start.epoch())
                        : null);
    }

    private static UUID workflow(String text) throws Refused {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw new Refused("'" + text + "' is no id of a workflow.");
        }
    }

    /** The event a child begins with. */
    @SuppressWarnings(
            "NullAway") // a value may be null; the engine's type says so only in its source
    Event first(
            RunView child,
            Versions.Ready version,
            Map<String, @Nullable Object> input,
            Instant at) {
        return new Event.RunStarted(
                at,
                child.id().toString(),
                version.engine().workflowHash(),
                trigger(version.drawing()),
                child.id().getLeastSignificantBits(),
                input);
    }

    /** Key of the trigger that other runs start by; empty where there is none. */
    static String trigger(Drawing drawing) {
        return drawing.nodes().stream()
                .filter(box -> box.type().equals(NodeKinds.MANUAL_TRIGGER))
                .findFirst()
                .or(() ->
                        drawing.nodes().stream()
                                .filter(box -> box.type().equals(NodeKinds.INCIDENT_TRIGGER))
                                .findFirst())
                .map(Drawing.Box::key)
                .orElse("");
    }

    static String endTimer(RunId child, RunStore.Parent parent) {
        return ENDED + child + "/" + parent.epoch() + "/" + parent.step();
    }

    static String stopTimer(Event.Stop mode) {
        return STOP + mode.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public boolean fire(DueTimer timer, TurnBatch batch, Instant now) {
        var turn = batch.find(timer.run());
        if (turn.isEmpty()) {
            return timer.timer().startsWith(STOP) || timer.timer().startsWith(ENDED);
        }
        var word = word(timer.timer(), now);
        word.ifPresent(event -> turn.get().take(event, null));
        return word.isPresent();
    }

    /**
     * What a timer of a run means when it is word from another run; empty when it is the run's own.
     */
    @SuppressWarnings(
            "NullAway") // a value may be null; the engine's type says so only in its source
    private Optional<Event> word(String timer, Instant at) {
        if (timer.startsWith(STOP)) {
            return Optional.of(
                    new Event.CancelRequested(
                            at,
                            "the run that started it",
                            "it was stopped itself",
                            Event.Stop.valueOf(
                                    timer.substring(STOP.length()).toUpperCase(Locale.ROOT))));
        }
        if (!timer.startsWith(ENDED)) {
            return Optional.empty();
        }
        var parts = timer.substring(ENDED.length()).split("/", 3);
        var child = new RunId(UUID.fromString(parts[0]));
        var run = store.get(child);
        var result =
                versions.replay(
                                run.workflowId(),
                                versions.get(run.workflowId(), run.version()),
                                store.journal(child).stream()
                                        .flatMap(entry -> events.read(entry).stream())
                                        .toList())
                        .result();
        return Optional.of(
                new Event.ChildEnded(
                        at,
                        parts[2],
                        Long.parseLong(parts[1]),
                        parts[0],
                        switch (run.state()) {
                            case "succeeded" -> RunStatus.SUCCEEDED;
                            case "cancelled" -> RunStatus.CANCELLED;
                            default -> RunStatus.FAILED;
                        },
                        result == null ? "" : result.summary(),
                        result == null ? Map.of() : result.output()));
    }
}
