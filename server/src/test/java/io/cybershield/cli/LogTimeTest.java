package io.cybershield.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LogTimeTest {
    private static final Instant NEAR = Instant.parse("2026-11-21T22:40:00Z");
    private static final Duration LATER = Duration.ofDays(12).plusSeconds(3_725);

    @Test
    void shiftsTraditionalSyslogAndPadsTheDay() {
        String line = "Nov 21 22:39:33 web-01 sshd[54]: Accepted publickey for alice";
        assertThat(LogTime.shift(line, LATER, NEAR))
                .isEqualTo("Dec  3 23:41:38 web-01 sshd[54]: Accepted publickey for alice");
    }

    @Test
    void shiftsIsoKeepingFractionAndOffset() {
        assertThat(LogTime.shift("2026-11-21T22:40:01.532849+00:00 web-01 CRON[1]: x", LATER, NEAR))
                .isEqualTo("2026-12-03T23:42:06.532849+00:00 web-01 CRON[1]: x");
        assertThat(LogTime.shift("2026-11-21T23:40:01+01:00 web-01 a: x", LATER, NEAR))
                .isEqualTo("2026-12-04T00:42:06+01:00 web-01 a: x");
        assertThat(LogTime.shift("2026-11-21T22:40:01.5Z web-01 a: x", LATER, NEAR))
                .isEqualTo("2026-12-03T23:42:06.5Z web-01 a: x");
    }

    @Test
    void shiftsAccessLogKeepingItsOffset() {
        String line =
                "web-01 203.0.113.66 - - [21/Nov/2026:23:35:16 +0100] \"GET /uploads/ HTTP/1.1\""
                        + " 403 153 \"-\" \"x\"";
        assertThat(LogTime.of(line, NEAR)).contains(Instant.parse("2026-11-21T22:35:16Z"));
        assertThat(LogTime.shift(line, LATER, NEAR))
                .isEqualTo(
                        "web-01 203.0.113.66 - - [04/Dec/2026:00:37:21 +0100] \"GET /uploads/"
                                + " HTTP/1.1\" 403 153 \"-\" \"x\"");
    }

    @Test
    void shiftsAuditKeepingItsSerial() {
        String line = "node=web-01 type=SYSCALL msg=audit(1795300473.402:7): arch=c000003e";
        assertThat(LogTime.shift(line, Duration.ofSeconds(100), NEAR))
                .isEqualTo("node=web-01 type=SYSCALL msg=audit(1795300573.402:7): arch=c000003e");
    }

    @Test
    void takesTheNearestYearWhereNoneIsSaid() {
        Instant newYear = Instant.parse("2027-01-01T00:00:10Z");
        assertThat(LogTime.of("Dec 31 23:59:58 web-01 a: x", newYear))
                .contains(Instant.parse("2026-12-31T23:59:58Z"));
        assertThat(LogTime.of("Feb 29 01:00:00 web-01 a: x", newYear))
                .contains(Instant.parse("2028-02-29T01:00:00Z"));
    }

    @Test
    void leavesALineWithoutATimeAsItIs() {
        for (String line :
                new String[] {
                    "",
                    "no time here",
                    "Feb 30 01:00:00 web-01 a: x",
                    "Nov 21 25:00:00 h a: b",
                    "at Nov 21 22:39:33 web-01",
                    "[21/Nov/2026:23:35:16 +0100] without a request"
                }) {
            assertThat(LogTime.shift(line, LATER, NEAR)).isEqualTo(line);
        }
    }

    @Test
    void shiftsOnlyTheLinesOwnTimeAndNotOneThatItQuotes() {
        String line = "Nov 21 22:39:33 web-01 app: replayed 2026-11-21T22:39:33Z ok";
        assertThat(LogTime.shift(line, Duration.ofSeconds(1), NEAR))
                .isEqualTo("Nov 21 22:39:34 web-01 app: replayed 2026-11-21T22:39:33Z ok");
    }
}
