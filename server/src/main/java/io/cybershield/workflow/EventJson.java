package io.cybershield.workflow;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.cybershield.engine.Event;
import io.cybershield.engine.Outcome;
import io.cybershield.flow.PayloadCut;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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

    private static final String WITH_REFERENCES = "{\"refs\":";

    /** One entry of a journal: what one turn took, in order. */
    String write(List<Event> turn) {
        if (turn.stream().anyMatch(event -> !PayloadCut.of(event).isEmpty())) {
            var forms = turn.stream().map(PayloadForms::written).toList();
            return WITH_REFERENCES + json.writerFor(EVENTS).writeValueAsString(forms) + "}";
        }
        return json.writerFor(EVENTS).writeValueAsString(turn);
    }

    /** Entries from before turns were written whole hold one event. */
    List<Event> read(String entry) {
        if (entry.startsWith(WITH_REFERENCES)) {
            List<Event> forms =
                    json.readValue(
                            entry.substring(WITH_REFERENCES.length(), entry.length() - 1), EVENTS);
            return forms.stream().map(PayloadForms::read).toList();
        }
        return entry.startsWith("[")
                ? json.readValue(entry, EVENTS)
                : List.of(json.readValue(entry, Event.class));
    }

    /** A journal's next entry, and the hash that chains it to those before. */
    record Entry(String text, byte[] head) {}

    Entry entry(byte[] head, List<Event> added) {
        String text = write(added);
        return new Entry(text, chain(head, text));
    }

    /** The hash of a journal with one more entry. */
    static byte[] chain(byte[] before, String entry) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(before);
            return digest.digest(entry.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
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
