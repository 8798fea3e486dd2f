package io.cybershield.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static Progress at(long sent, Duration since, boolean sending) {
        return new Progress("auth.log", sent, 4_000, 1_234, 2, since, sending);
    }

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private Progress.Output output(boolean terminal) {
        return new Progress.Output(
                new PrintStream(bytes, true, StandardCharsets.UTF_8), terminal, 80);
    }

    private String written() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void drawsBytesEventsRefusedAndTimeLeft() {
        assertThat(at(1_000, Duration.ofSeconds(30), true).bar(120))
                .isEqualTo(
                        "auth.log             [######..................]  25%  1000 B  1,234 events"
                                + "  2 refused  1:30 left");
        assertThat(at(4_000, Duration.ofSeconds(30), false).bar(120)).endsWith("reading");
    }

    @Test
    void fitsTheTerminal() {
        for (int columns = 20; columns < 140; columns++) {
            assertThat(at(1_000, Duration.ofSeconds(30), true).bar(columns).length())
                    .isLessThanOrEqualTo(columns);
        }
    }

    @Test
    void anEmptyFileIsDoneAndTimeLeftIsNotGuessedFromNothing() {
        assertThat(new Progress("a", 0, 0, 0, 0, Duration.ZERO, true).bar(80)).contains("100%");
        assertThat(at(0, Duration.ofSeconds(9), true).plain()).doesNotContain("left");
    }

    @Test
    void changesInPlaceOnATerminalAndMakesRoomForLinesThatStay() {
        var out = output(true);
        out.show(at(10, Duration.ZERO, true));
        out.show(at(20, Duration.ofMillis(20), true)); // too soon
        out.show(at(4_000, Duration.ofMillis(400), true));
        out.say("auth.log: 7 events");
        assertThat(written()).startsWith("\r").endsWith("\r\u001b[K" + "auth.log: 7 events\n");
        assertThat(written().split("\r", -1)).hasSize(4);
    }

    @Test
    void writesPlainLinesNowAndThenElsewhere() {
        var out = output(false);
        for (int second = 0; second < 35; second++) {
            out.show(at(second * 100L, Duration.ofSeconds(second), true));
        }
        out.say("auth.log: 7 events");
        assertThat(written()).doesNotContain("\r").doesNotContain("\u001b");
        assertThat(written().lines()).hasSize(4);
        assertThat(written())
                .startsWith("auth.log: 1000 B of 3.9 KiB sent, 1234 events, 2 refused");
    }

    @Test
    void namesSizesForPeople() {
        assertThat(Progress.size(1_023)).isEqualTo("1023 B");
        assertThat(Progress.size(1_536)).isEqualTo("1.5 KiB");
        assertThat(Progress.size(5L << 40)).isEqualTo("5.0 TiB");
    }
}
