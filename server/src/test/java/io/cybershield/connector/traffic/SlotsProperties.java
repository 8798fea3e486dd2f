package io.cybershield.connector.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** A rate limit against a plain count of what went in each window. */
class SlotsProperties {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    @Property
    void noMinuteHasMoreThanTheLimitAndOneBurst(
            @ForAll @IntRange(min = 1, max = 600) int perMinute,
            @ForAll @IntRange(min = 1, max = 20) int burst,
            @ForAll @Size(min = 1, max = 300) List<@IntRange(min = 0, max = 5_000) Integer> gaps) {
        var went = went(new Slots(perMinute, burst), gaps);
        for (int first = 0; first < went.size(); first++) {
            Instant end = went.get(first).plus(Duration.ofMinutes(1));
            long within = went.stream().skip(first).filter(at -> at.isBefore(end)).count();
            assertThat(within).isLessThanOrEqualTo(perMinute + burst);
        }
    }

    @Property
    void whoComesFirstGoesFirstAndNobodyBeforeHisTime(
            @ForAll @IntRange(min = 1, max = 600) int perMinute,
            @ForAll @IntRange(min = 1, max = 20) int burst,
            @ForAll @Size(min = 1, max = 300) List<@IntRange(min = 0, max = 5_000) Integer> gaps) {
        assertThat(went(new Slots(perMinute, burst), gaps)).isSorted();
        Instant now = T0;
        Instant kept = Instant.EPOCH;
        for (int gap : gaps) {
            now = now.plusMillis(gap);
            var slot = new Slots(perMinute, burst).take(kept, now);
            assertThat(slot.at()).isAfterOrEqualTo(now);
            kept = slot.next();
        }
    }

    @Property
    void afterAQuietTimeABurstGoesAtOnce(
            @ForAll @IntRange(min = 1, max = 600) int perMinute,
            @ForAll @IntRange(min = 1, max = 20) int burst) {
        var slots = new Slots(perMinute, burst);
        Instant kept = T0.minus(Duration.ofHours(1));
        for (int i = 0; i < burst; i++) {
            var slot = slots.take(kept, T0);
            assertThat(slot.at()).isEqualTo(T0);
            kept = slot.next();
        }
        assertThat(slots.take(kept, T0).at()).isAfter(T0);
    }

    private static List<Instant> went(Slots slots, List<Integer> gaps) {
        var went = new ArrayList<Instant>();
        Instant now = T0;
        Instant kept = Instant.EPOCH;
        for (int gap : gaps) {
            now = now.plusMillis(gap);
            var slot = slots.take(kept, now);
            went.add(slot.at());
            kept = slot.next();
        }
        return went;
    }
}
