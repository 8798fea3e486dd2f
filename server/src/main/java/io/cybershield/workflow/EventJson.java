package io.cybershield.workflow;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.cybershield.engine.Event;
import io.cybershield.engine.Outcome;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The journal's text: one JSON object an event, its kind in {@code type}. The engine itself knows
 * no JSON.
 */
@Component
final class EventJson {
    private static final TypeReference<List<Event>> EVENTS = new TypeReference<>() {};
    private final JsonMapper json =
            JsonMapper.builder()
                    .addMixIn(Event.class, EventKinds.class)
                    .addMixIn(Outcome.class, OutcomeKinds.class)
                    .build();

    /** One entry of a journal: what one turn took, in order. */
    String write(List<Event> turn) {
        return json.writerFor(EVENTS).writeValueAsString(turn);
    }

    /** Entries from before turns were written whole hold one event. */
    List<Event> read(String entry) {
        return entry.startsWith("[")
                ? json.readValue(entry, EVENTS)
                : List.of(json.readValue(entry, Event.class));
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Event.RunStarted.class, name = "run-started"),
        @JsonSubTypes.Type(value = Event.StepEvaluated.class, name = "step-evaluated"),
        @JsonSubTypes.Type(value = Event.EvaluationFailed.class, name = "evaluation-failed"),
        @JsonSubTypes.Type(value = Event.WaitPlanned.class, name = "wait-planned"),
        @JsonSubTypes.Type(value = Event.AttemptStarted.class, name = "attempt-started"),
        @JsonSubTypes.Type(value = Event.OutcomeArrived.class, name = "outcome-arrived"),
        @JsonSubTypes.Type(value = Event.WorkerLost.class, name = "worker-lost"),
        @JsonSubTypes.Type(value = Event.DoubtSettled.class, name = "doubt-settled"),
        @JsonSubTypes.Type(value = Event.ApprovalDecided.class, name = "approval-decided"),
        @JsonSubTypes.Type(value = Event.TimerFired.class, name = "timer-fired"),
        @JsonSubTypes.Type(value = Event.SignalArrived.class, name = "signal-arrived"),
        @JsonSubTypes.Type(value = Event.ItemsListed.class, name = "items-listed"),
        @JsonSubTypes.Type(value = Event.ChildStarted.class, name = "child-started"),
        @JsonSubTypes.Type(value = Event.ChildEnded.class, name = "child-ended"),
        @JsonSubTypes.Type(value = Event.RunResumed.class, name = "run-resumed"),
        @JsonSubTypes.Type(value = Event.RunMoved.class, name = "run-moved"),
        @JsonSubTypes.Type(value = Event.CancelRequested.class, name = "cancel-requested")
    })
    private interface EventKinds {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Outcome.Succeeded.class, name = "succeeded"),
        @JsonSubTypes.Type(value = Outcome.Failed.class, name = "failed"),
        @JsonSubTypes.Type(value = Outcome.InDoubt.class, name = "in-doubt")
    })
    private interface OutcomeKinds {}
}
