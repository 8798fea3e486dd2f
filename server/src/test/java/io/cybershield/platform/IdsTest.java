package io.cybershield.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Order of identifiers. */
class IdsTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private Instant time = NOW;
    private final Ids ids = new Ids(clock());

    private Clock clock() {
        return ((InstantSource) () -> time).withZone(ZoneOffset.UTC);
    }

    private static long millis(UUID id) {
        return id.getMostSignificantBits() >>> 16;
    }

    @Test
    void sortAsTheyWereMadeWithinAMillisecondAndWhereTheClockIsPutBackALittle() {
        UUID before = ids.next();
        assertThat(millis(before)).isEqualTo(NOW.toEpochMilli());
        for (int i = 0; i < 10_000; i++) {
            if (i == 6_000) {
                time = NOW.minusMillis(900);
            }
            UUID id = ids.next();
            assertThat(id.version()).isEqualTo(7);
            assertThat(id.variant()).isEqualTo(2);
            assertThat(id.toString()).isGreaterThan(before.toString());
            before = id;
        }
        // 10,000 are two milliseconds and a half of the counter's 4,096.
        assertThat(millis(before)).isEqualTo(NOW.toEpochMilli() + 2);
        time = NOW.plusSeconds(1);
        assertThat(millis(ids.next())).isEqualTo(time.toEpochMilli());
    }

    @Test
    void followAClockThatWasPutRight() {
        time = NOW.plus(Duration.ofDays(400));
        ids.next();
        time = NOW;
        assertThat(millis(ids.next())).isEqualTo(NOW.toEpochMilli());
    }

    @Test
    void areEachOnesOwn() throws Exception {
        List<Future<List<UUID>>> made = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (int t = 0; t < 4; t++) {
                made.add(
                        threads.submit(() -> {
                            var own = new ArrayList<UUID>();
                            for (int i = 0; i < 20_000; i++) {
                                own.add(ids.next());
                            }
                            return own;
                        }));
            }
        }
        var highs = new HashSet<Long>();
        for (Future<List<UUID>> own : made) {
            assertThat(own.get())
                    .isSortedAccordingTo((a, b) -> a.toString().compareTo(b.toString()));
            own.get().forEach(id -> highs.add(id.getMostSignificantBits()));
        }
        assertThat(highs).hasSize(80_000);
    }
}
