package io.cybershield.workflow;

import io.cybershield.engine.RunState;
import io.cybershield.engine.StepState;
import io.cybershield.engine.StepStatus;
import io.cybershield.flow.Drawing;
import io.cybershield.flow.SignalName;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a person can do to a run now, in words.
 *
 * @param signals steps that wait for one
 * @param held steps that are due and wait for their connection, or for somebody who answers for the
 *     run
 */
record RunOptions(List<Option> options, List<Awaited> signals, List<HeldSteps.Held> held) {
    private static final int MOST_STEPS = 200;

    /**
     * One thing to do.
     *
     * @param does what would happen, or what stands against it
     * @param steps ids of those it is about: taken back in this order, or tried again
     */
    @Schema(name = "RunOption")
    record Option(
            @Schema(allowableValues = {"cancel", "undo", "kill", "resume", "resume-newest"})
                    String action,
            boolean possible,
            String does,
            List<String> steps) {}

    /** A signal that a step waits for. */
    @Schema(name = "AwaitedSignal")
    record Awaited(String step, String signal, String key) {}

    static RunOptions of(
            RunTurns.Loaded run,
            List<HeldSteps.Held> held,
            Optional<String> objection,
            Optional<Integer> newer) {
        RunState state = run.state();
        var options = new ArrayList<Option>();
        boolean queued = run.row().run().state().equals(RunView.QUEUED);
        if (queued) {
            options.add(
                    new Option(
                            "cancel",
                            true,
                            "It has not begun, and never will. Nothing has happened yet.",
                            List.of()));
        } else if (!state.status().isFinal()) {
            boolean ending = state.ending() != null;
            options.add(cancel(run.version().drawing(), ending));
            options.add(undo(run.version().drawing(), state, ending));
            options.add(
                    new Option(
                            "kill",
                            true,
                            "It ends at once, whatever its steps do. Nothing is taken back and no"
                                    + " closing step runs. An action that is under way may still"
                                    + " happen.",
                            List.of()));
        } else if (run.row().run().state().equals("failed")) {
            List<String> again = objection.isPresent() ? List.of() : few(Resumption.again(state));
            options.add(
                    new Option(
                            "resume",
                            objection.isEmpty(),
                            objection.orElse(
                                    "It goes on where it failed, in the same version. What"
                                            + " succeeded stays, with its results; what failed or"
                                            + " was cut off is tried again"
                                            + names(run.version().drawing(), again)
                                            + "."),
                            again));
            newer.ifPresent(version ->
                    options.add(
                            new Option(
                                    "resume-newest",
                                    objection.isEmpty(),
                                    objection.orElse(
                                            "A new run goes on in version "
                                                    + version
                                                    + ". What this one did counts as done there and"
                                                    + " is not done again; the rest is run. It is"
                                                    + " refused where that version would have done"
                                                    + " something else."),
                                    List.of())));
        }
        return new RunOptions(options, awaited(state), held);
    }

    private static Option cancel(Drawing drawing, boolean ending) {
        var closing =
                drawing.nodes().stream().anyMatch(box -> box.type().equals(NodeKinds.FINALLY));
        Long limit = drawing.settingsOrNone().closingSeconds();
        return new Option(
                "cancel",
                !ending,
                ending
                        ? "It is being ended already. A kill does not wait for that."
                        : "It ends. What was done stays done, and an action that is under way may"
                                + " still happen."
                                + (closing
                                        ? " Its closing steps run, for "
                                                + words(
                                                        limit == null
                                                                ? Duration.ofMinutes(10)
                                                                : Duration.ofSeconds(limit))
                                                + " at most."
                                        : ""),
                List.of());
    }

    private static Option undo(Drawing drawing, RunState state, boolean ending) {
        var ids = new ArrayList<String>();
        state.undoable().values().forEach(one -> ids.addFirst(one.step().id()));
        if (ending) {
            return new Option("undo", false, "It is being ended already.", List.of());
        }
        return ids.isEmpty()
                ? new Option(
                        "undo",
                        false,
                        "There is nothing to take back: no step that was done has an edge 'undo'.",
                        List.of())
                : new Option(
                        "undo",
                        true,
                        "It ends, and what was done is taken back, the last first"
                                + names(drawing, few(ids))
                                + ". What cannot be taken back is said in the result.",
                        few(ids));
    }

    private static List<String> few(List<String> ids) {
        return ids.size() > MOST_STEPS ? List.copyOf(ids.subList(0, MOST_STEPS)) : ids;
    }

    private static String names(Drawing drawing, List<String> ids) {
        if (ids.isEmpty() || ids.size() > 5) {
            return ids.isEmpty() ? "" : " (" + ids.size() + " steps)";
        }
        return ": "
                + String.join(
                        ", ",
                        ids.stream().map(id -> "'" + name(drawing, id) + "'").distinct().toList());
    }

    private static String name(Drawing drawing, String id) {
        String key = io.cybershield.engine.StepId.key(id);
        return drawing.nodes().stream()
                .filter(box -> box.key().equals(key))
                .map(Drawing.Box::name)
                .findFirst()
                .orElse(key);
    }

    private static String words(Duration limit) {
        return limit.toSeconds() % 60 == 0
                ? limit.toMinutes() + (limit.toMinutes() == 1 ? " minute" : " minutes")
                : limit.toSeconds() + " seconds";
    }

    private static List<Awaited> awaited(RunState state) {
        var found = new ArrayList<Awaited>();
        for (StepState step : state.steps().values()) {
            @Nullable String signal = step.signal();
            if (step.status() == StepStatus.WAITING
                    && signal != null
                    && found.size() < MOST_STEPS) {
                var name = SignalName.of(signal);
                found.add(new Awaited(step.id(), name.name(), name.key()));
            }
        }
        return found;
    }
}
