package io.cybershield.flow;

import io.cybershield.engine.Event;
import io.cybershield.engine.Outcome;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The data that events carry, to be looked through or replaced. */
public final class EventData {
    private EventData() {}

    /**
     * An event with its data replaced; the event itself where that changes nothing.
     *
     * @param map of the members of an input, an output and the like
     * @param list of the items of a for-each
     */
    @SuppressWarnings(
            "NullAway") // a value may be null; the engine's type says so only in its source
    public static Event with(
            Event event,
            UnaryOperator<Map<String, @Nullable Object>> map,
            UnaryOperator<List<@Nullable Object>> list) {
        return switch (event) {
            case Event.RunStarted e -> {
                var data = map.apply(e.input());
                yield data == e.input()
                        ? e
                        : new Event.RunStarted(
                                e.at(), e.run(), e.workflowHash(), e.trigger(), e.seed(), data);
            }
            case Event.StepEvaluated e -> {
                var data = map.apply(e.output());
                yield data == e.output()
                        ? e
                        : new Event.StepEvaluated(e.at(), e.step(), e.epoch(), e.port(), data);
            }
            case Event.OutcomeArrived e -> {
                if (!(e.outcome() instanceof Outcome.Succeeded(var port, var output))) {
                    yield e;
                }
                var data = map.apply(output);
                yield data == output
                        ? e
                        : new Event.OutcomeArrived(
                                e.at(), e.step(), e.epoch(), new Outcome.Succeeded(port, data));
            }
            case Event.DoubtSettled e -> {
                var data = map.apply(e.output());
                yield data == e.output()
                        ? e
                        : new Event.DoubtSettled(
                                e.at(), e.step(), e.epoch(), e.settlement(), e.by(), data);
            }
            case Event.ApprovalDecided e -> {
                var data = map.apply(e.fields());
                yield data == e.fields()
                        ? e
                        : new Event.ApprovalDecided(
                                e.at(),
                                e.step(),
                                e.epoch(),
                                e.approved(),
                                e.by(),
                                e.reason(),
                                data);
            }
            case Event.SignalArrived e -> {
                var data = map.apply(e.payload());
                yield data == e.payload()
                        ? e
                        : new Event.SignalArrived(e.at(), e.id(), e.signal(), data);
            }
            case Event.ItemsListed e -> {
                var data = list.apply(e.items());
                yield data == e.items()
                        ? e
                        : new Event.ItemsListed(e.at(), e.step(), e.epoch(), data);
            }
            case Event.ChildEnded e -> {
                var data = map.apply(e.output());
                yield data == e.output()
                        ? e
                        : new Event.ChildEnded(
                                e.at(),
                                e.step(),
                                e.epoch(),
                                e.child(),
                                e.status(),
                                e.summary(),
                                data);
            }
            case Event.EvaluationFailed _,
                    Event.WaitPlanned _,
                    Event.AttemptStarted _,
                    Event.WorkerLost _,
                    Event.TimerFired _,
                    Event.ChildStarted _,
                    Event.CancelRequested _,
                    Event.RunResumed _,
                    Event.RunMoved _ ->
                    event;
        };
    }
}
