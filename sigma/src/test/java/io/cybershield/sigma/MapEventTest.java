package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MapEventTest {

    private static MapEvent event(String json) {
        return MapEvent.of(Json.object(json));
    }

    @Test
    void dottedNamesWalkMapsAndLists() {
        var event =
                event(
                        """
                        {"a": {"b": {"c": 1}, "d.e": 2}, "f.g": 3, "h": [{"i": 4}, {"i": 5}, {}], "n": null}
                        """);
        assertThat(event.get("a.b.c")).isEqualTo(1L);
        assertThat(event.get("a.d.e")).isEqualTo(2L);
        assertThat(event.get("f.g")).isEqualTo(3L);
        assertThat(event.get("h.i")).isEqualTo(List.of(4L, 5L));
        assertThat(event.get("a.b.x")).isNull();
        assertThat(event.has("n")).isTrue();
        assertThat(event.has("a.b.c")).isTrue();
        assertThat(event.has("h.i")).isTrue();
        assertThat(event.has("a.b.x")).isFalse();
        assertThat(event.source()).isEqualTo(EventSource.UNKNOWN);
    }

    @Test
    void namesWithSpacesAnswerWithoutThem() {
        var event = event("{\"Source Name\": \"x\"}");
        assertThat(event.get("SourceName")).isEqualTo("x");
        assertThat(event.get("Source Name")).isEqualTo("x");
        assertThat(event.has("SourceName")).isTrue();
    }

    @Test
    void readsEveryShapeOfWindowsEvent() {
        List<MapEvent> events =
                List.of(
                        event(
                                """
                                {"Event": {"System": {"Provider": {"#attributes": {"Name": "P"}},
                                 "EventID": {"#text": 7, "#attributes": {"Qualifiers": "0"}},
                                 "Channel": "Security", "Computer": "C"},
                                 "EventData": {"#attributes": {"Name": "x"}, "Image": "i"}}}
                                """),
                        event(
                                """
                                {"log_name": "Security", "event_id": 7, "source_name": "P",
                                 "computer_name": "C", "event_data": {"Image": "i"}}
                                """),
                        event(
                                """
                                {"winlog": {"channel": "Security", "event_id": "7",
                                 "provider_name": "P", "computer_name": "C",
                                 "event_data": {"Image": "i"}}}
                                """));
        assertThat(events)
                .allSatisfy(event -> {
                    assertThat(event.source()).isEqualTo(EventSource.windows("security", "7"));
                    assertThat(event.get("Image")).isEqualTo("i");
                    assertThat(event.get("Provider_Name")).isEqualTo("P");
                    assertThat(event.get("EventID").toString()).isEqualTo("7");
                    assertThat(event.get("Computer")).isEqualTo("C");
                });
    }

    @Test
    void refusesEventsBeyondTheLimits() {
        var wide = new HashMap<String, Object>();
        for (int i = 0; i <= MapEvent.MOST_FIELDS; i++) {
            wide.put("f" + i, i);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MapEvent.of(wide))
                .withMessageContaining("10,000 fields");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MapEvent.of(Map.of("a", Collections.nCopies(20_000, "x"))))
                .withMessageContaining("10,000 fields");
        Object deep = "x";
        for (int i = 0; i < 100_000; i++) {
            deep = Map.of("a", deep);
        }
        var outer = Map.of("a", deep);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MapEvent.of(outer))
                .withMessageContaining("deeper");
    }

    @Test
    void keywordsFindNestedValues() {
        var event = event("{\"a\": {\"b\": [{\"c\": \"deep evil here\"}]}, \"n\": 42}");
        assertThat(new ArrayList<Object>((java.util.Collection<?>) event.values()))
                .containsExactly("deep evil here", 42L);
    }
}
