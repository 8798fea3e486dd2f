package io.cybershield.billing;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** What a month costs: pure, from the subscriptions that held in it. */
final class Charges {
    private Charges() {}

    /**
     * One plan for some of the month.
     *
     * @param trial whether that time was free
     */
    record Line(
            String plan,
            long monthlyCents,
            Instant from,
            Instant until,
            boolean trial,
            long cents) {}

    /**
     * Lines of the month in the order of time, by the second of a month in UTC. What is rounded off
     * one line is carried to the next, so that a month at one price costs that price however often
     * it was cut.
     *
     * @param subscriptions of one tenant in one currency, in the order of time
     */
    static List<Line> of(YearMonth month, List<Subscription> subscriptions) {
        Instant start = start(month);
        Instant end = start(month.plusMonths(1));
        BigInteger whole = BigInteger.valueOf(Duration.between(start, end).toMillis());
        var lines = new ArrayList<Line>();
        BigInteger exact = BigInteger.ZERO; // in cents times the milliseconds of the month
        long charged = 0;
        for (Subscription one : subscriptions) {
            Instant from = latest(one.from(), start);
            Instant until = one.until() == null ? end : earliest(one.until(), end);
            if (!from.isBefore(until)) {
                continue;
            }
            Instant trial =
                    one.trialUntil() == null
                            ? from
                            : earliest(latest(one.trialUntil(), from), until);
            if (from.isBefore(trial)) {
                lines.add(new Line(one.plan(), one.monthlyCents(), from, trial, true, 0));
            }
            if (!trial.isBefore(until)) {
                continue;
            }
            exact =
                    exact.add(
                            BigInteger.valueOf(one.monthlyCents())
                                    .multiply(
                                            BigInteger.valueOf(
                                                    Duration.between(trial, until).toMillis())));
            long upToHere =
                    new BigDecimal(exact)
                            .divide(new BigDecimal(whole), 0, RoundingMode.HALF_UP)
                            .longValueExact();
            lines.add(
                    new Line(
                            one.plan(),
                            one.monthlyCents(),
                            trial,
                            until,
                            false,
                            upToHere - charged));
            charged = upToHere;
        }
        return List.copyOf(lines);
    }

    static long total(List<Line> lines) {
        return lines.stream().mapToLong(Line::cents).sum();
    }

    static Instant start(YearMonth month) {
        return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private static Instant latest(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    private static Instant earliest(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
