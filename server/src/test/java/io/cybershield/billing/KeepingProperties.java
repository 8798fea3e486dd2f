package io.cybershield.billing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which day is the cut: whatever plans do, nothing goes that was not announced a week before. */
class KeepingProperties {
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 23);

    /**
     * What a day brings.
     *
     * @param wanted days of the plan; null for ever
     */
    record Day(@Nullable Integer wanted, boolean atStake) {}

    @Provide
    Arbitrary<List<Day>> days() {
        Arbitrary<Integer> wanted = Arbitraries.of(1, 2, 7, 8, 30, 31, 90, 365);
        return Combinators.combine(wanted.injectNull(0.2), Arbitraries.of(true, true, false))
                .as(Day::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(60);
    }

    private static long length(@Nullable Integer days) {
        return days == null ? Long.MAX_VALUE : days;
    }

    @Property(tries = 2_000)
    void whatIsShorterWasAnnouncedAWeekBeforeOrTakesNothing(@ForAll("days") List<Day> days) {
        var keeping = Keeping.FOR_EVER;
        var announced = new ArrayList<List<Keeping.Next>>();
        for (int i = 0; i < days.size(); i++) {
            Day day = days.get(i);
            LocalDate today = TODAY.plusDays(i);
            Keeping next = keeping.toward(day.wanted(), today, day.atStake());
            if (length(next.days()) < length(keeping.days()) && day.atStake()) {
                // On each of the seven days before, administrators knew of a day no later than this
                // one, and of no fewer days than hold now or they had been told of fewer.
                assertThat(i).isGreaterThan(Keeping.NOTICE_DAYS);
                for (int back = 1; back <= Keeping.NOTICE_DAYS; back++) {
                    assertThat(announced.get(i - back))
                            .anyMatch(
                                    n -> !n.on().isAfter(today) && n.days() <= length(next.days()));
                }
            }
            assertThat(length(next.days()))
                    .isGreaterThanOrEqualTo(Math.min(length(day.wanted()), length(keeping.days())));
            if (next.next() != null) {
                assertThat(next.next().on()).isAfter(today);
                assertThat((long) next.next().days()).isLessThan(length(next.days()));
                assertThat(Integer.valueOf(next.next().days())).isEqualTo(day.wanted());
            }
            announced.add(next.next() == null ? List.of() : List.of(next.next()));
            keeping = next;
        }
    }

    @Property(tries = 1_000)
    void askedAgainTheSameDayNothingChanges(@ForAll("days") List<Day> days) {
        var keeping = Keeping.FOR_EVER;
        for (int i = 0; i < days.size(); i++) {
            Day day = days.get(i);
            LocalDate today = TODAY.plusDays(i);
            keeping = keeping.toward(day.wanted(), today, day.atStake());
            assertThat(keeping.toward(day.wanted(), today, true)).isEqualTo(keeping);
        }
    }

    @Property(tries = 500)
    void aPlanThatStaysHoldsAfterAWeekAtTheLatest(@ForAll("days") List<Day> days) {
        var keeping = Keeping.FOR_EVER;
        for (int i = 0; i < days.size(); i++) {
            keeping = keeping.toward(days.get(i).wanted(), TODAY.plusDays(i), true);
        }
        Integer wanted = days.getLast().wanted();
        for (int i = 0; i <= Keeping.NOTICE_DAYS + 1; i++) {
            keeping = keeping.toward(wanted, TODAY.plusDays(days.size() + i), true);
        }
        assertThat(keeping).isEqualTo(new Keeping(wanted, null));
    }

    @Test
    void longerHoldsAtOnceAndTakesTheNoticeBack() {
        var told = new Keeping(90, new Keeping.Next(30, TODAY.plusDays(3)));
        assertThat(told.toward(365, TODAY, true)).isEqualTo(new Keeping(365, null));
        assertThat(told.toward(90, TODAY, true)).isEqualTo(new Keeping(90, null));
        assertThat(told.toward(null, TODAY, true)).isEqualTo(Keeping.FOR_EVER);
    }

    @Test
    void milderThanAnnouncedKeepsItsDayAndStricterIsAnnouncedAnew() {
        var told = new Keeping(90, new Keeping.Next(30, TODAY.plusDays(3)));
        assertThat(told.toward(60, TODAY, true))
                .isEqualTo(new Keeping(90, new Keeping.Next(60, TODAY.plusDays(3))));
        assertThat(told.toward(7, TODAY, true))
                .isEqualTo(new Keeping(90, new Keeping.Next(7, TODAY.plusDays(8))));
        assertThat(told.toward(30, TODAY.plusDays(3), true)).isEqualTo(new Keeping(30, null));
    }

    @Test
    void whatIsKeptBeginsWithAWholeDay() {
        assertThat(Keeping.announced(30, TODAY).on()).isEqualTo(LocalDate.of(2026, 12, 1));
        assertThat(Keeping.announced(30, TODAY).keepsFrom()).isEqualTo(LocalDate.of(2026, 11, 1));
    }
}
