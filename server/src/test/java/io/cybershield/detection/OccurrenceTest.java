package io.cybershield.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.ingest.Event;
import io.cybershield.ingest.TestEvents;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OccurrenceTest {
    private static Event at(Instant occurred, String user) {
        return TestEvents.of(
                "json",
                "{\"time\":\"%s\",\"kind\":\"failed\",\"user\":\"%s\"}".formatted(occurred, user));
    }

    private static Occurrence of(Event event) {
        return Occurrence.of(
                event, List.of(TestRules.FAILED), Set.of(List.of("user", "ocsf.user.name")));
    }

    @Test
    void anEventFromTheFutureCountsAsOfItsReceipt() {
        Event ahead = at(TestEvents.RECEIVED.plus(Duration.ofHours(3)), "ada");
        assertThat(ahead.occurredAt()).isAfter(TestEvents.RECEIVED);
        assertThat(of(ahead).at()).isEqualTo(TestEvents.RECEIVED.toEpochMilli());
        assertThat(Occurrence.lineOf(ahead)).isEqualTo(Occurrence.LIVE);
    }

    @Test
    void anOldEventIsHistoryOfItsSource() {
        Event fresh = at(TestEvents.RECEIVED.minus(Duration.ofMinutes(15)), "ada");
        Event old = at(TestEvents.RECEIVED.minus(Duration.ofMinutes(16)), "ada");
        assertThat(Occurrence.lineOf(fresh)).isEqualTo(Occurrence.LIVE);
        assertThat(Occurrence.lineOf(old)).isEqualTo(old.sourceId().toString());
    }

    @Test
    void keepsOnlyWhatIsAskedAndLongValuesByTheirStartAndHash() {
        String user = "u".repeat(100_000);
        Occurrence occurrence = of(at(TestEvents.RECEIVED, user));
        Occurrence other = of(at(TestEvents.RECEIVED, user + "x"));
        assertThat(occurrence.values()).containsOnlyKeys("user");
        assertThat(occurrence.values().get("user").toString()).hasSizeLessThan(300);
        assertThat(occurrence.values()).isNotEqualTo(other.values());
    }
}
