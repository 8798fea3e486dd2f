package io.cybershield.flow;

import io.cybershield.engine.RunState;
import io.cybershield.engine.StepId;
import io.cybershield.engine.StepState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Runs a drawing that nobody published, without touching anything: actions answer with outputs of
 * the right shape, or with what was pinned. It may stop on its way, and because the same question
 * always runs the same way, going on from a stop is to ask again with a later place.
 */
public final class DraftRun {
    private DraftRun() {}

    /** What people say to an approval that nobody pinned. */
    public enum Decide {
        APPROVE,
        DECLINE,
        NOBODY
    }

    /**
     * A step's result that is taken as given.
     *
     * @param port null for the first of the node
     */
    public record Pin(@Nullable String port, Map<String, @Nullable Object> output) {}

    /**
     * @param trigger where it starts; null for the first there is
     * @param pins by the key of the node, or the id of the step in a round
     * @param breakpoints keys of nodes before which it stops
     * @param after how many steps had begun at the stop that it goes on from; -1 from the start
     * @param single stop before the next step, whichever it is
     * @param until key of the node after which it stops; null to go on
     * @param at when it begins; time stands still but for waits
     */
    public record Ask(
            Drawing drawing,
            @Nullable String trigger,
            Map<String, @Nullable Object> input,
            Map<String, Pin> pins,
            Set<String> breakpoints,
            int after,
            boolean single,
            @Nullable String until,
            Decide decide,
            Instant at) {}

    /** How a step came out. */
    public record Step(
            String id,
            String state,
            @Nullable String port,
            int attempts,
            Map<String, @Nullable Object> output,
            @Nullable String note,
            boolean simulated,
            boolean pinned) {}

    /**
     * Where it stopped.
     *
     * @param before false when the step is over
     * @param position to go on from, see {@link Ask#after}
     * @param config of its node, rendered; as it is written when a place has no value
     * @param context what its expressions see
     */
    public record Stop(
            String step,
            boolean before,
            int position,
            Map<String, @Nullable Object> config,
            Map<String, Object> context) {}

    /**
     * @param state {@code running, waiting, succeeded, failed} or {@code cancelled}
     * @param took on the run's own clock
     * @param unusedPins pins of steps that it never came to
     */
    public record Answer(
            String state,
            @Nullable String summary,
            List<String> notes,
            List<Step> steps,
            @Nullable Stop stop,
            Set<String> unusedPins,
            Duration took,
            int events) {}

    /**
     * @param watch is told of each event, and may end it all by throwing
     * @throws IllegalArgumentException if there is nothing to start from
     * @throws IllegalStateException if it takes more events than allowed
     * @throws io.cybershield.engine.Problem.InvalidWorkflow if the drawing cannot be run at all
     */
    public static Answer of(
            Ask ask, Descriptions kinds, Evaluation evaluation, int mostEvents, Runnable watch) {
        String trigger =
                ask.trigger() != null
                        ? ask.trigger()
                        : WorkflowTests.firstTrigger(ask.drawing(), kinds);
        if (trigger == null
                || ask.drawing().nodes().stream().noneMatch(b -> b.key().equals(trigger))) {
            throw new IllegalArgumentException(
                    trigger == null
                            ? "The drawing has no trigger to start from."
                            : "The drawing has no node '" + trigger + "' to start from.");
        }
        var bench = new Bench(ask);
        var run =
                new InMemoryRun(
                        ask.drawing(),
                        kinds,
                        evaluation,
                        bench,
                        InMemoryRun.PRETENDED,
                        ask.at(),
                        _ -> watch.run(),
                        RunIdentity.simulated(ask.drawing()),
                        mostEvents);
        RunState state = run.run(trigger, ask.input());
        var steps = new ArrayList<Step>();
        for (StepState s : run.steps().values()) {
            steps.add(
                    new Step(
                            s.id(),
                            RunContext.wire(s.status()),
                            s.port(),
                            s.attempt(),
                            s.output(),
                            s.note(),
                            run.simulated().contains(s.id()),
                            bench.used.contains(s.id())));
        }
        Stop stop = null;
        if (run.stopped() instanceof String at) {
            var look = run.look(at);
            stop = new Stop(at, bench.stoppedBefore, bench.begun, look.config(), look.context());
        }
        var unused = new TreeSet<>(ask.pins().keySet());
        bench.used.forEach(step -> {
            unused.remove(step);
            unused.remove(StepId.key(step));
        });
        return new Answer(
                state.status().name().toLowerCase(Locale.ROOT),
                state.result() == null ? null : state.result().summary(),
                state.result() == null ? List.of() : state.result().notes(),
                steps,
                stop,
                unused,
                Duration.between(ask.at(), run.now()),
                run.events());
    }

    /** The world as the person at the bench set it up. */
    private static final class Bench extends Pretend {
        private final Ask ask;
        private final Set<String> used = new TreeSet<>();
        private int begun;
        private boolean stoppedBefore;

        Bench(Ask ask) {
            this.ask = ask;
        }

        @Override
        public Optional<World.Pin> pinned(String step) {
            DraftRun.Pin pin = ask.pins().getOrDefault(step, ask.pins().get(StepId.key(step)));
            if (pin == null) {
                return Optional.empty();
            }
            used.add(step);
            return Optional.of(new World.Pin(pin.port(), pin.output()));
        }

        @Override
        public Optional<World.Verdict> decide(String step, Map<String, @Nullable Object> question) {
            return switch (ask.decide()) {
                case APPROVE -> super.decide(step, question);
                case DECLINE ->
                        Optional.of(new World.Verdict(false, "simulated", "", Duration.ZERO));
                case NOBODY -> Optional.empty();
            };
        }

        @Override
        public boolean stopsBefore(String step) {
            if (begun > ask.after()
                    && (ask.single() || ask.breakpoints().contains(StepId.key(step)))) {
                stoppedBefore = true;
                return true;
            }
            begun++;
            return false;
        }

        @Override
        public boolean stopsAfter(StepState step) {
            return step.endedAt() != null && step.key().equals(ask.until());
        }
    }
}
