package io.cybershield.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordingTest {
    private static final Instant BEGIN = Instant.parse("2026-12-31T23:59:50Z");

    @Test
    void mergesFilesByTimeKeepingEachFilesOrder() {
        var recording =
                Recording.of(
                        List.of(
                                List.of(
                                        "Dec 31 23:59:58 h a: 1",
                                        "  and more",
                                        "Dec 31 23:59:57 h a: 2"),
                                List.of("2026-12-31T23:59:57.5+00:00 h b: 3")),
                        List.of(new Recording.Chapter(BEGIN, "It begins.")));
        assertThat(recording.lines().stream().map(Recording.Line::text))
                .containsExactly(
                        "2026-12-31T23:59:57.5+00:00 h b: 3",
                        "Dec 31 23:59:58 h a: 1",
                        "  and more",
                        "Dec 31 23:59:57 h a: 2");
    }

    @Test
    void theShippedRecordingHasATimeInEachLineAndEndsWhenTold() throws IOException {
        Recording recording = Recording.shipped();
        Instant near = recording.story().getFirst().at();
        assertThat(recording.lines())
                .hasSizeGreaterThan(400)
                .allSatisfy(line -> assertThat(LogTime.of(line.text(), near)).isPresent());
        Instant end = Instant.parse("2027-01-01T00:01:00Z");
        Recording moved = recording.endingAt(end);
        assertThat(Duration.between(moved.last(), end).abs()).isLessThan(Duration.ofSeconds(1));
        assertThat(moved.length()).isEqualTo(recording.length());
        // What each line says of itself agrees with where it was put.
        assertThat(moved.lines())
                .allSatisfy(line ->
                        assertThat(LogTime.of(line.text(), end).orElseThrow())
                                .isBetween(line.at().minusSeconds(2), line.at()));
    }

    @Test
    void theAuditTrailOfTheRecordingCanBeMovedToo() throws IOException {
        Instant near = Recording.shipped().story().getFirst().at();
        List<String> lines =
                Files.readAllLines(Path.of("../content/demo/linux-intrusion/audit.log"));
        assertThat(lines)
                .hasSizeGreaterThan(500)
                .allSatisfy(line -> assertThat(LogTime.of(line, near)).isPresent());
    }

    @Test
    void playsEachLineOnceInOrderAndEndsWithTheLast() throws Exception {
        Recording recording = Recording.shipped();
        Instant begin = Instant.parse("2027-03-01T12:00:00Z");
        var replay = Replay.from(recording, begin, Duration.ofSeconds(60));
        var sent = new ArrayList<String>();
        var told = new ArrayList<String>();
        var waited = new ArrayList<Duration>();
        replay.play(
                Duration.ofMillis(250),
                time -> {
                    waited.add(time);
                    return true;
                },
                sent::addAll,
                chapter -> told.add(chapter.text()));
        assertThat(sent)
                .isEqualTo(replay.recording().lines().stream().map(Recording.Line::text).toList());
        assertThat(told)
                .isEqualTo(recording.story().stream().map(Recording.Chapter::text).toList());
        assertThat(waited.stream().reduce(Duration.ZERO, Duration::plus))
                .isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void sendsNothingBeforeItIsWritten() throws IOException {
        Instant begin = Instant.parse("2027-03-01T12:00:00Z");
        var replay = Replay.from(Recording.shipped(), begin, Duration.ofSeconds(60));
        for (int second = 0; second <= 60; second++) {
            Instant now = begin.plusSeconds(second);
            assertThat(replay.due(Duration.ofNanos(-1), Duration.ofSeconds(second)).lines())
                    .allSatisfy(line ->
                            assertThat(LogTime.of(line, now).orElseThrow()).isBeforeOrEqualTo(now));
        }
    }

    @Test
    void stopsPlayingWhenTold() throws Exception {
        var replay = Replay.from(Recording.shipped(), BEGIN, Duration.ofSeconds(60));
        var sent = new ArrayList<String>();
        replay.play(Duration.ofSeconds(1), _ -> false, sent::addAll, _ -> {});
        assertThat(sent).hasSizeLessThan(20);
    }
}
