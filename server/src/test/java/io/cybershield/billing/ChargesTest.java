package io.cybershield.billing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a month costs. */
class ChargesTest {
    private static final YearMonth NOVEMBER = YearMonth.of(2026, 11);
    private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");
    private static final Instant END = Instant.parse("2026-12-01T00:00:00Z");

    private static Subscription plan(
            String name, long cents, String from, @Nullable String until, @Nullable String trial) {
        return new Subscription(
                1,
                name,
                cents,
                "EUR",
                Instant.parse(from),
                until == null ? null : Instant.parse(until),
                trial == null ? null : Instant.parse(trial));
    }

    @Test
    void aWholeMonthCostsThePrice() {
        var lines =
                Charges.of(NOVEMBER, List.of(plan("a", 4900, "2026-01-01T00:00:00Z", null, null)));
        assertThat(lines).containsExactly(new Charges.Line("a", 4900, START, END, false, 4900));
    }

    @Test
    void aChangeIsChargedByTheTimeOfEachPlan() {
        // 10 of 30 days for 49.00, 20 for 249.00
        var lines =
                Charges.of(
                        NOVEMBER,
                        List.of(
                                plan(
                                        "a",
                                        4900,
                                        "2026-01-01T00:00:00Z",
                                        "2026-11-11T00:00:00Z",
                                        null),
                                plan("b", 24900, "2026-11-11T00:00:00Z", null, null)));
        assertThat(lines).extracting(Charges.Line::cents).containsExactly(1633L, 16600L);
        assertThat(Charges.total(lines)).isEqualTo(18233);
    }

    @Test
    void theTrialCostsNothingAndTheRestOfItsMonthItsShare() {
        var lines =
                Charges.of(
                        NOVEMBER,
                        List.of(
                                plan(
                                        "a",
                                        3000,
                                        "2026-11-07T00:00:00Z",
                                        null,
                                        "2026-11-21T00:00:00Z")));
        assertThat(lines).extracting(Charges.Line::trial).containsExactly(true, false);
        assertThat(lines).extracting(Charges.Line::cents).containsExactly(0L, 1000L);
        // a change in the trial does not end it
        var changed =
                Charges.of(
                        NOVEMBER,
                        List.of(
                                plan(
                                        "a",
                                        3000,
                                        "2026-11-07T00:00:00Z",
                                        "2026-11-10T00:00:00Z",
                                        "2026-11-21T00:00:00Z"),
                                plan(
                                        "b",
                                        6000,
                                        "2026-11-10T00:00:00Z",
                                        null,
                                        "2026-11-21T00:00:00Z")));
        assertThat(Charges.total(changed)).isEqualTo(2000);
    }

    @Test
    void whatLiesOutsideTheMonthCostsNothing() {
        assertThat(
                        Charges.of(
                                NOVEMBER,
                                List.of(
                                        plan(
                                                "a",
                                                4900,
                                                "2026-10-01T00:00:00Z",
                                                "2026-11-01T00:00:00Z",
                                                null),
                                        plan("b", 9900, "2026-12-01T00:00:00Z", null, null))))
                .isEmpty();
    }

    @Test
    void howeverAMonthIsCutItsLinesMakeThePriceAndNoneIsBelowNought() {
        var random = new Random(26);
        for (int round = 0; round < 500; round++) {
            long price = 1 + random.nextLong(1_000_000);
            var cuts =
                    LongStream.generate(() ->
                                    START.toEpochMilli()
                                            + random.nextLong(
                                                    END.toEpochMilli() - START.toEpochMilli()))
                            .limit(random.nextInt(40))
                            .sorted()
                            .mapToObj(Instant::ofEpochMilli)
                            .toList();
            var parts = new ArrayList<Subscription>();
            Instant from = START.minusSeconds(99);
            for (Instant cut : cuts) {
                parts.add(new Subscription(1, "a", price, "EUR", from, cut, null));
                from = cut;
            }
            parts.add(new Subscription(1, "a", price, "EUR", from, null, null));
            var lines = Charges.of(NOVEMBER, parts);
            assertThat(Charges.total(lines)).isEqualTo(price);
            assertThat(lines).allMatch(line -> line.cents() >= 0);
        }
    }
}
