package io.cybershield.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import tools.jackson.core.type.TypeReference;

class OcsfMapperProperties {
    /** Whatever stands in the place of any value, nothing is lost and the record stays OCSF. */
    @Property(tries = 500)
    void anyValueAnywhereIsTaken(
            @ForAll @Size(min = 1, max = 6) List<@IntRange(max = 1_000) Integer> places,
            @ForAll @IntRange(max = 9) int with)
            throws IOException {
        Object[] values = {
            "", "x", -1, 1.5, true, List.of(), List.of(1, "a"), Map.of(), Map.of("uid", 3), 1e300
        };
        for (String good :
                List.of(
                        OcsfMapperTest.VULNERABILITY,
                        OcsfMapperTest.CONTROL,
                        OcsfMapperTest.DEVICE)) {
            Map<String, Object> record = Normaliser.JSON.readValue(good, new TypeReference<>() {});
            for (int place : places) {
                Map<String, Object> at = record;
                for (int step = place; ; step /= 3) {
                    String name = new ArrayList<>(at.keySet()).get(step % at.size());
                    if (at.get(name) instanceof Map<?, ?> inner && !inner.isEmpty() && step > 3) {
                        @SuppressWarnings("unchecked")
                        Map<String, Object> next = new LinkedHashMap<>((Map<String, Object>) inner);
                        at.put(name, next);
                        at = next;
                    } else {
                        at.put(name, values[with]);
                        break;
                    }
                }
            }
            String raw = Normaliser.JSON.writeValueAsString(record);
            Event event = TestEvents.of("json", raw);
            assertThat(event.raw()).isEqualTo(raw);
            assertThat(event.parsed()).isTrue();
            assertThat(OcsfTest.problems(event)).as(raw).isEmpty();
        }
    }
}
