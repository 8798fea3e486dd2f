package io.cybershield.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import io.cybershield.engine.Event;
import io.cybershield.engine.Outcome;
import io.cybershield.engine.Payload;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EventJsonTest {
    private static final Instant AT = Instant.parse("2026-11-22T08:00:00Z");
    private final EventJson json = new EventJson();

    @Test
    void anEntryHoldsAllThatOneTurnTook() {
        List<Event> turn =
                List.of(
                        new Event.AttemptStarted(AT, "loop[3]/act", 2, "worker"),
                        new Event.WorkerLost(AT, "loop[3]/act", 2),
                        new Event.RunResumed(AT, "Ann"));
        assertThat(json.read(json.write(turn))).isEqualTo(turn);
    }

    /** A journal outlives the classes it is made of, so no event may go by its class's name. */
    @Test
    void everyKindOfEventHasANameOfItsOwn() {
        var named =
                Arrays.stream(EventJson.class.getDeclaredClasses())
                        .map(kinds -> kinds.getAnnotation(JsonSubTypes.class))
                        .filter(Objects::nonNull)
                        .flatMap(kinds -> Arrays.stream(kinds.value()))
                        .map(JsonSubTypes.Type::value)
                        .toList();
        assertThat(kindsOf(Event.class)).isNotEmpty().allMatch(named::contains);
        assertThat(kindsOf(Outcome.class)).isNotEmpty().allMatch(named::contains);
    }

    private static Stream<Class<?>> kindsOf(Class<?> type) {
        Class<?>[] permitted = type.getPermittedSubclasses();
        return permitted == null
                ? Stream.of(type)
                : Arrays.stream(permitted).flatMap(EventJsonTest::kindsOf);
    }

    @Test
    void entriesFromBeforeTurnsWereWrittenWholeAreRead() {
        assertThat(
                        json.read(
                                """
                                {"type":"cancel-requested","at":"2026-11-22T08:00:00Z","by":"Ann","reason":"Enough."}
                                """
                                        .strip()))
                .containsExactly(new Event.CancelRequested(AT, "Ann", "Enough.", null));
    }

    @Test
    void referencesComeBackAndDataThatLooksLikeThemStaysData() {
        var payload = new Payload("ab".repeat(32), 123_456, Payload.Kind.OBJECT);
        Map<String, Object> looks =
                Map.of(
                        "@payload",
                        Map.of("hash", payload.hash(), "bytes", 123_456L, "kind", "object"));
        Map<String, Object> data =
                Map.of(
                        "real",
                        payload,
                        "forged",
                        looks,
                        "twice",
                        Map.of("@data", looks),
                        "deep",
                        Map.of("in", looks, "list", List.of(looks)),
                        "@payload",
                        "a name",
                        "@refs",
                        looks);
        var items = new Payload.Items(payload, 17, 3);
        List<Event> turn =
                List.of(
                        new Event.StepEvaluated(AT, "a", 1, "out", data),
                        new Event.ItemsListed(AT, "b", 1, items),
                        new Event.ItemsListed(AT, "c", 1, List.of(Map.of("@items", looks))),
                        new Event.ItemsListed(AT, "d", 1, List.of(Map.of("@data", List.of(looks)))),
                        new Event.SignalArrived(AT, "1", "s", looks));
        String text = json.write(turn);
        assertThat(text).startsWith("{\"refs\":[");
        assertThat(json.read(text)).isEqualTo(turn);
        assertThat(json.write(json.read(text))).as("to the byte").isEqualTo(text);
        var read = (Event.StepEvaluated) json.read(text).getFirst();
        assertThat(read.output().get("real")).isEqualTo(payload);
        assertThat(read.output().get("forged")).isEqualTo(looks);
        assertThat(((Event.ItemsListed) json.read(text).get(1)).items()).isEqualTo(items);

        // Without any reference nothing is written otherwise, and nothing is read as one.
        List<Event> plain = List.of(new Event.StepEvaluated(AT, "a", 1, "out", looks));
        assertThat(json.write(plain)).startsWith("[");
        assertThat(json.read(json.write(plain))).isEqualTo(plain);
    }

    @Test
    void columnsKeepReferencesApartFromDataToo() {
        var payload = new Payload("cd".repeat(32), 9_000, Payload.Kind.TEXT);
        Map<String, Object> forged =
                Map.of(
                        "@refs",
                        Map.of(
                                "a",
                                Map.of(
                                        "@payload",
                                        Map.of(
                                                "hash",
                                                payload.hash(),
                                                "bytes",
                                                9_000L,
                                                "kind",
                                                "text"))));
        for (Map<String, Object> data :
                List.of(
                        Map.<String, Object>of("a", payload),
                        forged,
                        Map.<String, Object>of("a", payload, "@refs", forged),
                        Map.<String, Object>of("@payload", "x"))) {
            assertThat(PayloadForms.loaded(PayloadForms.stored(data))).isEqualTo(data);
        }
    }
}
