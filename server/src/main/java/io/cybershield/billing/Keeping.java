package io.cybershield.billing;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * How many days of events a tenant keeps, and what it was told of a shorter time to come.
 *
 * @param days null for ever
 * @param next null where nothing shorter is announced
 */
record Keeping(@Nullable Integer days, @Nullable Next next) {
    static final Keeping FOR_EVER = new Keeping(null, null);

    /** Days that lie whole between being told and the day from which it holds. */
    static final int NOTICE_DAYS = 7;

    /**
     * @param on the day (UTC) from which it holds
     */
    record Next(int days, LocalDate on) {
        /** The first day that is kept then. */
        LocalDate keepsFrom() {
            return on.minusDays(days);
        }
    }

    /** What would be announced today. */
    static Next announced(int days, LocalDate today) {
        return new Next(days, today.plusDays(NOTICE_DAYS + 1));
    }

    /**
     * What holds today, if that many days are to be kept. Longer holds at once. Shorter holds when
     * it was announced in time: until then, what was.
     *
     * @param wanted null for ever
     * @param atStake whether anything would go until a notice of today is over; if not, nobody
     *     needs one
     */
    Keeping toward(@Nullable Integer wanted, LocalDate today, boolean atStake) {
        if (wanted == null || (days != null && wanted >= days) || !atStake) {
            return new Keeping(wanted, null);
        }
        // Milder than what was announced needs no other notice; stricter does.
        Next then =
                next == null || wanted < next.days()
                        ? announced(wanted, today)
                        : new Next(wanted, next.on());
        return today.isBefore(then.on()) ? new Keeping(days, then) : new Keeping(wanted, null);
    }
}
