package io.cybershield.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import io.cybershield.engine.Event;
import io.cybershield.engine.Outcome;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
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
}
