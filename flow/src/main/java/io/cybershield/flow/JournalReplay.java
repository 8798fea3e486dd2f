package io.cybershield.flow;

import io.cybershield.engine.Command;
import io.cybershield.engine.Decision;
import io.cybershield.engine.Engine;
import io.cybershield.engine.Event;
import io.cybershield.engine.Move;
import io.cybershield.engine.Node;
import io.cybershield.engine.RunState;
import io.cybershield.engine.StepId;
import io.cybershield.engine.StepState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Does a run over again from its journal: what came from outside is taken as it is written, what
 * was computed is computed again and must come out the same, to the byte.
 */
public final class JournalReplay {
    private static final int MOST_DIFFERENCES = 100;

    private JournalReplay() {}

    /**
     * Where the journal and its replay part.
     *
     * @param entry of the journal, from 1
     * @param event in that entry, from 1
     * @param again what it came to this time; null when it does not count any more
     */
    public record Difference(
            int entry, int event, String what, String stored, @Nullable String again) {}

    /**
     * @param steps the last that is known of each, finished rounds included
     * @param recomputed how many events were computed again and compared
     */
    public record Report(
            RunState state,
            Map<String, StepState> steps,
            int events,
            int recomputed,
            List<Difference> differences) {}

    private record Asked(String step, long epoch) {}

    /**
     * @param entries what each turn took, in order
     * @param text an event as the journal writes it
     * @param payloads what the journal refers to
     */
    public static Report of(
            Drawing drawing,
            Descriptions kinds,
            Evaluation evaluation,
            RunIdentity identity,
            List<List<Event>> entries,
            Function<Event, String> text,
            PayloadSource payloads) {
        return of(drawing, _ -> drawing, kinds, evaluation, identity, entries, text, payloads);
    }

    /**
     * Of a run that may have been moved between versions.
     *
     * @param drawing that it began in
     * @param versions the others, by hash
     */
    public static Report of(
            Drawing drawing,
            Function<String, Drawing> versions,
            Descriptions kinds,
            Evaluation evaluation,
            RunIdentity identity,
            List<List<Event>> entries,
            Function<Event, String> text,
            PayloadSource payloads) {
        var definition = drawing.definition();
        var engine = Engine.of(definition, kinds.catalogue());
        var steps = new LinkedHashMap<String, StepState>();
        var differences = new ArrayList<Difference>();
        var asked = new HashMap<Asked, RunState>();
        RunState state = RunState.NEW;
        int events = 0;
        int recomputed = 0;
        for (int i = 0; i < entries.size(); i++) {
            for (int k = 0; k < entries.get(i).size(); k++) {
                Event stored = entries.get(i).get(k);
                events++;
                if (isComputed(stored) && stored instanceof Event.OfStep of) {
                    RunState seen = asked.remove(new Asked(of.step(), of.epoch()));
                    if (seen != null) {
                        recomputed++;
                        Node node = definition.find(StepId.key(of.step())).orElseThrow();
                        Event again =
                                compute(
                                        node,
                                        seen,
                                        of,
                                        definition,
                                        kinds,
                                        evaluation,
                                        identity,
                                        payloads);
                        String before = text.apply(stored);
                        // Journals from before there were references hold everything.
                        String now =
                                PayloadCut.of(stored).isEmpty() && before.equals(text.apply(again))
                                        ? before
                                        : text.apply(PayloadCut.cut(again, PayloadCut.HASHING));
                        if (!before.equals(now) && differences.size() < MOST_DIFFERENCES) {
                            differences.add(
                                    new Difference(
                                            i + 1, k + 1, "Step '" + of.step() + "'", before, now));
                        }
                    }
                }
                Decision decision;
                if (stored instanceof Event.RunMoved moved) {
                    var next = versions.apply(moved.to()).definition();
                    var to = Engine.of(next, kinds.catalogue());
                    decision = Move.between(engine, to).decide(state, moved);
                    if (decision.ignored() == null) {
                        definition = next;
                        engine = to;
                    }
                } else {
                    decision = engine.decide(state, stored);
                }
                if (decision.ignored() != null) {
                    if (differences.size() < MOST_DIFFERENCES) {
                        differences.add(
                                new Difference(
                                        i + 1,
                                        k + 1,
                                        "An event that counted is ignored: " + decision.ignored(),
                                        text.apply(stored),
                                        null));
                    }
                    continue;
                }
                state = decision.state();
                decision.steps().forEach(step -> steps.put(step.id(), step));
                for (Command command : decision.commands()) {
                    if (command instanceof Command.Evaluate(var step, var epoch)) {
                        asked.put(new Asked(step, epoch), state);
                    }
                }
            }
        }
        return new Report(state, steps, events, recomputed, differences);
    }

    private static boolean isComputed(Event event) {
        return event instanceof Event.StepEvaluated
                || event instanceof Event.EvaluationFailed
                || event instanceof Event.WaitPlanned
                || event instanceof Event.ItemsListed;
    }

    private static Event compute(
            Node node,
            RunState seen,
            Event.OfStep of,
            io.cybershield.engine.WorkflowDefinition definition,
            Descriptions kinds,
            Evaluation evaluation,
            RunIdentity identity,
            PayloadSource payloads) {
        var context =
                RunContext.of(
                        seen,
                        of.step(),
                        definition,
                        identity.number(),
                        identity.workflow(),
                        identity.tenant(),
                        new RunContext.Seen(payloads));
        try {
            var config = context.render(node, kinds.find(node.type()).orElseThrow());
            return evaluation.evaluate(node, config, context, of.step(), of.epoch(), of.at());
        } catch (TextTemplate.NoValue e) {
            return new Event.EvaluationFailed(
                    of.at(), of.step(), of.epoch(), String.valueOf(e.getMessage()));
        }
    }
}
