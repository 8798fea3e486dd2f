package io.cybershield.hunt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class SmallPartsTest {

    private static final Instant NOW = Instant.parse("2024-05-01T12:00:00Z");

    @Test
    void readsTimesAsRecordsWriteThem() {
        Instant at = Instant.parse("2020-08-06T11:56:04Z");
        for (Object written :
                List.of(
                        "2020-08-06T11:56:04Z",
                        "2020-08-06 11:56:04",
                        "2020-08-06T11:56:04.000000000Z",
                        "2020-08-06 13:56:04 +02:00",
                        "2020-08-06T13:56:04.000+0200",
                        "2020-08-06 11:56:04 UTC",
                        "2020-08-06 11:56:04,000",
                        1596714964L,
                        1596714964000L,
                        "1596714964000000",
                        new java.math.BigDecimal("1596714964.0"))) {
            assertThat(Times.of(Map.of("@timestamp", written))).as("%s", written).isEqualTo(at);
        }
        for (Object odd :
                List.of("", "soon", "2020-13-45 99:99:99", 7L, true, Double.NaN, "x".repeat(99))) {
            assertThat(Times.of(Map.of("ts", odd))).as("%s", odd).isNull();
        }
    }

    @Property(tries = 300)
    void noTextBreaksTheReadingOfTimes(@ForAll String text) {
        Times.bound(text, true, NOW);
        assertThat(Texts.printable(text)).doesNotContain("\u001b", "\n", "\r", "\u202e");
        assertThat(Html.escape(text)).doesNotContain("<", ">", "\"", "'");
    }

    @Test
    void readsBoundsOfTheTimeRange() {
        assertThat(Times.bound("2024-03-01", false, NOW)).isEqualTo("2024-03-01T00:00:00Z");
        assertThat(Times.bound("2024-03-01", true, NOW)).isEqualTo("2024-03-02T00:00:00Z");
        assertThat(Times.bound("2024-03-01T10:00+02:00", false, NOW))
                .isEqualTo("2024-03-01T08:00:00Z");
        assertThat(Times.bound("90m", false, NOW)).isEqualTo("2024-05-01T10:30:00Z");
        assertThat(Times.bound("2w", false, NOW)).isEqualTo("2024-04-17T12:00:00Z");
        assertThat(Times.bound("yesterday", false, NOW)).isNull();
    }

    @Test
    void progressTellsFilesPaceHitsAndTimeLeft() throws IOException {
        var progress = new Progress(4, 1000);
        assertThat(progress.line(80, Duration.ZERO)).contains("0%  0/4 files");
        progress.counted(new ByteArrayInputStream(new byte[250])).readAllBytes();
        progress.file();
        progress.events(5_000, 7);
        String line = progress.line(100, Duration.ofSeconds(10));
        assertThat(line)
                .isEqualTo(
                        "[######..................]  25%  1/4 files  500 events/s  7 hits  0:30"
                                + " left");
        for (int columns = 1; columns < 120; columns++) {
            assertThat(progress.line(columns, Duration.ofSeconds(10)).length())
                    .isLessThanOrEqualTo(columns);
        }
    }

    @Test
    void bucketsHoldEveryHit() {
        var byMinute = new TreeMap<Long, long[]>();
        for (long minute : new long[] {0, 59, 60, 100_000, 250_000}) {
            byMinute.put(minute, new long[] {1, 0, 2});
        }
        Buckets buckets = Buckets.of(byMinute, 3);
        assertThat(buckets.all()).hasSizeLessThanOrEqualTo(121);
        assertThat(buckets.all().stream().mapToLong(Buckets.Bucket::sum).sum()).isEqualTo(15);
    }

    @Test
    void shorteningNeverSplitsACharacter() {
        assertThat(Texts.shortened("ab😀cd", 4)).isEqualTo("ab…");
        assertThat(Texts.shortened("abc", 3)).isEqualTo("abc");
    }
}
