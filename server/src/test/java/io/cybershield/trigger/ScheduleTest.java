package io.cybershield.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.trigger.Ticks.Jitter;
import io.cybershield.trigger.Ticks.Missed;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
    private static Schedule cron(String expression, String zone) {
        return Schedule.of(Map.of("cron", expression, "zone", zone));
    }

    private static Instant at(String local, String zone) {
        return LocalDateTime.parse(local).atZone(ZoneId.of(zone)).toInstant();
    }

    /** Local date and time of the ticks after a local time. */
    private static List<String> ticks(String expression, String zone, String after, int most) {
        return cron(expression, zone).upcoming(at(after, zone), most).stream()
                .map(t -> ZonedDateTime.ofInstant(t, ZoneId.of(zone)).toOffsetDateTime().toString())
                .toList();
    }

    @Test
    void aTickInTheHourThatSpringLeavesOutComesAtTheChangeAndOnce() {
        assertThat(ticks("30 2 * * *", "Europe/Berlin", "2026-03-28T03:00", 3))
                .containsExactly(
                        "2026-03-29T03:00+02:00",
                        "2026-03-30T02:30+02:00",
                        "2026-03-31T02:30+02:00");
        assertThat(ticks("30 2 * * *", "America/New_York", "2026-03-07T03:00", 2))
                .containsExactly("2026-03-08T03:00-04:00", "2026-03-09T02:30-04:00");
    }

    @Test
    void aTickInTheHourThatAutumnRepeatsComesTheFirstTimeOnly() {
        assertThat(ticks("30 2 * * *", "Europe/Berlin", "2026-10-24T03:00", 3))
                .containsExactly(
                        "2026-10-25T02:30+02:00",
                        "2026-10-26T02:30+01:00",
                        "2026-10-27T02:30+01:00");
        // Also when the question is asked in the middle of the second time.
        Instant second = Instant.parse("2026-10-25T01:10:00Z");
        assertThat(cron("30 2 * * *", "Europe/Berlin").next(second))
                .contains(Instant.parse("2026-10-26T01:30:00Z"));
    }

    @Test
    void whatTicksInEveryHourGoesOnThroughBothHoursOfAutumn() {
        assertThat(ticks("30 * * * *", "Europe/Berlin", "2026-10-25T01:00", 4))
                .containsExactly(
                        "2026-10-25T01:30+02:00",
                        "2026-10-25T02:30+02:00",
                        "2026-10-25T02:30+01:00",
                        "2026-10-25T03:30+01:00");
        assertThat(ticks("0 * * * *", "Europe/Berlin", "2026-03-29T01:00", 2))
                .containsExactly("2026-03-29T03:00+02:00", "2026-03-29T04:00+02:00");
    }

    @Test
    void changesOfHalfAnHourAndOfAWholeDayAreChangesToo() {
        // Lord Howe moves by 30 minutes; Samoa left out 30 December 2011.
        assertThat(ticks("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00", 2))
                .containsExactly("2026-10-04T02:30+11:00", "2026-10-05T02:15+11:00");
        assertThat(ticks("0 9 30 12 *", "Pacific/Apia", "2011-12-01T00:00", 2))
                .containsExactly("2011-12-31T00:00+14:00", "2012-12-30T09:00+14:00");
    }

    @Test
    void leapDaysComeWhenTheyDoAlsoOverACenturyWithoutOne() {
        assertThat(ticks("0 0 29 2 *", "UTC", "2095-01-01T00:00", 2))
                .containsExactly("2096-02-29T00:00Z", "2104-02-29T00:00Z");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Europe/Berlin",
                "America/New_York",
                "Australia/Lord_Howe",
                "America/Santiago",
                "Asia/Kolkata",
                "Africa/Cairo"
            })
    void everyTickOfAYearIsWhatLookingAtEveryMinuteFinds(String zone) {
        ZoneId id = ZoneId.of(zone);
        Instant from = Instant.parse("2026-01-01T00:00:00Z");
        Instant to = Instant.parse("2027-01-01T00:00:00Z");
        for (int minute : List.of(0, 20, 45)) {
            var expected = new ArrayList<Instant>();
            for (Instant t = from.plusSeconds(60); t.isBefore(to); t = t.plusSeconds(60)) {
                if (t.atZone(id).getMinute() == minute) {
                    expected.add(t);
                }
            }
            // Gaps: a tick that is left out comes at the change, unless one is there already.
            for (var change = id.getRules().nextTransition(from);
                    change != null && change.getInstant().isBefore(to);
                    change = id.getRules().nextTransition(change.getInstant())) {
                if (change.isGap()) {
                    LocalDateTime local = change.getDateTimeBefore();
                    boolean leftOut = false;
                    for (;
                            local.isBefore(change.getDateTimeAfter());
                            local = local.plusMinutes(1)) {
                        leftOut |= local.getMinute() == minute;
                    }
                    if (leftOut && !expected.contains(change.getInstant())) {
                        expected.add(change.getInstant());
                    }
                }
            }
            expected.sort(null);
            Schedule schedule = cron(minute + " * * * *", zone);
            var found = new ArrayList<Instant>();
            Instant at = from;
            while (true) {
                at = schedule.next(at).orElseThrow();
                if (!at.isBefore(to)) {
                    break;
                }
                found.add(at);
            }
            assertThat(found).as("minute %d in %s", minute, zone).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "60 * * * *|UTC",
                "0 0 30 2 *|UTC",
                "hello|UTC",
                "0 9 * * *|Europe/Nowhere",
                "* * *|UTC"
            })
    void whatNeverComesOrCannotBeReadIsRefusedWithTheMend(String expression, String zone) {
        assertThatThrownBy(() -> cron(expression, zone))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'");
    }

    @Test
    void anIntervalTicksOnTheSameMomentsWheneverItIsAsked() {
        Schedule every = Schedule.of(Map.of("everySeconds", 900));
        assertThat(every.upcoming(Instant.parse("2026-11-22T08:07:31Z"), 2))
                .containsExactly(
                        Instant.parse("2026-11-22T08:15:00Z"),
                        Instant.parse("2026-11-22T08:30:00Z"));
        assertThat(every.next(Instant.parse("2026-11-22T08:15:00Z")))
                .contains(Instant.parse("2026-11-22T08:30:00Z"));
    }

    // ---- what was missed

    private static final Jitter NONE = new Jitter(new UUID(0, 1), "tick", Duration.ZERO);

    @Test
    void missedTicksAreSkippedOrMadeUpForOnceOrAllUpToAHundred() {
        Schedule every = Schedule.of(Map.of("everySeconds", 60));
        Instant tick = Instant.parse("2026-11-22T00:00:00Z");
        Instant later = tick.plus(Duration.ofMinutes(250)).plusSeconds(30);
        assertThat(Ticks.plan(every, tick, later, Missed.ONCE, NONE))
                .isEqualTo(
                        new Ticks.Plan(
                                tick.plus(Duration.ofMinutes(250)),
                                250,
                                tick.plus(Duration.ofMinutes(251))));
        // The latest is less than a minute late: that is not missed.
        assertThat(Ticks.plan(every, tick, later, Missed.SKIP, NONE).fire())
                .isEqualTo(tick.plus(Duration.ofMinutes(250)));
        int fired = 0;
        long missed = 0;
        Instant at = tick;
        while (!at.isAfter(later)) {
            var plan = Ticks.plan(every, at, later, Missed.ALL, NONE);
            fired += plan.fire() == null ? 0 : 1;
            missed += plan.missed();
            at = plan.next();
        }
        assertThat(fired).isEqualTo(100);
        assertThat(missed).isEqualTo(151);
    }

    @Test
    void aDailyTickThatIsHoursLateIsSkippedWhereTheSettingSaysSo() {
        Schedule daily = cron("0 6 * * *", "UTC");
        Instant tick = Instant.parse("2026-11-20T06:00:00Z");
        Instant now = Instant.parse("2026-11-22T08:00:00Z");
        assertThat(Ticks.plan(daily, tick, now, Missed.SKIP, NONE))
                .isEqualTo(new Ticks.Plan(null, 3, Instant.parse("2026-11-23T06:00:00Z")));
    }

    @Test
    void aYearOfMissedSecondsIsCountedWholeInBoundedLooks() {
        Schedule every = Schedule.of(Map.of("everySeconds", 1));
        Instant tick = Instant.parse("2026-11-01T00:00:00Z");
        Instant now = tick.plus(Duration.ofDays(3));
        long missed = 0;
        int fired = 0;
        int looks = 0;
        Instant at = tick;
        while (!at.isAfter(now)) {
            var plan = Ticks.plan(every, at, now, Missed.ONCE, NONE);
            missed += plan.missed();
            fired += plan.fire() == null ? 0 : 1;
            at = plan.next();
            looks++;
        }
        assertThat(fired).isOne();
        assertThat(missed).isEqualTo(3 * 86_400);
        assertThat(looks).isLessThan(5);
    }

    @Test
    void theSpreadOfATickIsTheSameEverywhereAndWithinItsBound() {
        var here = new Jitter(new UUID(7, 7), "tick", Duration.ofSeconds(30));
        var there = new Jitter(new UUID(7, 7), "tick", Duration.ofSeconds(30));
        var moved = new java.util.HashSet<Duration>();
        for (int i = 0; i < 200; i++) {
            Instant tick = Instant.EPOCH.plusSeconds(60L * i);
            assertThat(here.fireAt(tick)).isEqualTo(there.fireAt(tick));
            moved.add(Duration.between(tick, here.fireAt(tick)));
        }
        assertThat(moved).hasSizeGreaterThan(150);
        assertThat(moved).allMatch(d -> !d.isNegative() && d.toMillis() <= 30_000);
    }
}
