package io.cybershield.flow;

import io.cybershield.engine.Event;
import io.cybershield.engine.Outcome;
import io.cybershield.engine.RunStatus;
import io.cybershield.engine.StepId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A world that answers as it is told, in order; the last answer to a step stays. What nobody
 * mentions works, and what nobody decides stays open.
 */
final class Script extends Pretend {
    /** One answer of the world to a step. */
    sealed interface Said {
        /**
         * @param outcome null when no answer ever came
         */
        record Act(@Nullable Outcome outcome, Duration after) implements Said {}

        record Settle(Event.Settlement settlement) implements Said {}

        /**
         * @param fields what the form of a task took; null where an approval is answered
         */
        record Decide(
                boolean approve,
                String by,
                String reason,
                @Nullable Map<String, @Nullable Object> fields,
                Duration after)
                implements Said {}
    }

    private final Map<String, List<Said>> says;
    private final Map<String, Integer> used = new HashMap<>();
    private final Set<String> invented = new TreeSet<>();
    private final List<String> faults = new ArrayList<>();

    /**
     * @param says by the id of the step; an answer to a node's key is one to each of its rounds
     */
    Script(Map<String, List<Said>> says) {
        this.says = says;
    }

    /** What people could not have said. */
    List<String> faults() {
        return faults;
    }

    /** Steps that were answered without having been mentioned. */
    Set<String> invented() {
        return invented;
    }

    private <T extends Said> Optional<T> next(String step, Class<T> kind) {
        String name = says.containsKey(step) ? step : StepId.key(step);
        List<T> all =
                says.getOrDefault(name, List.of()).stream()
                        .filter(kind::isInstance)
                        .map(kind::cast)
                        .toList();
        if (all.isEmpty()) {
            return Optional.empty();
        }
        int index = used.merge(step + " " + kind.getSimpleName(), 1, Integer::sum) - 1;
        return Optional.of(all.get(Math.min(index, all.size() - 1)));
    }

    @Override
    public Optional<World.Answer> act(World.Attempt attempt) {
        var said = next(attempt.step(), Said.Act.class);
        if (said.isEmpty()) {
            invented.add(attempt.step());
            return super.act(attempt);
        }
        Outcome outcome = said.get().outcome();
        return outcome == null
                ? Optional.empty()
                : Optional.of(new World.Answer(outcome, said.get().after()));
    }

    @Override
    public Optional<Event.Settlement> settle(String step) {
        return next(step, Said.Settle.class).map(Said.Settle::settlement);
    }

    @Override
    public Optional<World.Verdict> decide(String step, Map<String, @Nullable Object> question) {
        return next(step, Said.Decide.class)
                .map(d -> {
                    if (d.fields() != null && d.approve()) {
                        TaskForm.problems(question.get("form"), d.fields())
                                .forEach(p ->
                                        faults.add(
                                                "Step '"
                                                        + step
                                                        + "': what is filled in does not fit the"
                                                        + " form: "
                                                        + p
                                                        + "."));
                    }
                    return new World.Verdict(
                            d.approve(),
                            d.by(),
                            d.reason(),
                            d.fields() == null ? Map.of() : d.fields(),
                            d.after());
                });
    }

    @Override
    public World.ChildAnswer child(String step) {
        var said = next(step, Said.Act.class);
        if (said.isEmpty()) {
            invented.add(step);
            return super.child(step);
        }
        return switch (said.get().outcome()) {
            case Outcome.Succeeded(_, var output) ->
                    new World.ChildAnswer(RunStatus.SUCCEEDED, "", output, said.get().after());
            case Outcome.Failed(var reason, _, _) ->
                    new World.ChildAnswer(RunStatus.FAILED, reason, Map.of(), said.get().after());
            case Outcome.InDoubt(var reason) ->
                    new World.ChildAnswer(RunStatus.FAILED, reason, Map.of(), said.get().after());
            case null ->
                    new World.ChildAnswer(RunStatus.CANCELLED, "", Map.of(), said.get().after());
        };
    }
}
