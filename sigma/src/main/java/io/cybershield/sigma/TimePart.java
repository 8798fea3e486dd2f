package io.cybershield.sigma;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.IsoFields;
import java.util.regex.Pattern;

/**
 * A part of a date. Fields are taken as they stand in the text, without moving them between time
 * zones, as the specification asks; a number is an epoch time, read as UTC.
 */
enum TimePart {
    MINUTE(0, 59),
    HOUR(0, 23),
    DAY(1, 31),
    WEEK(1, 53),
    MONTH(1, 12),
    YEAR(0, 9999);

    private static final Pattern ISO =
            Pattern.compile(
                    "(\\d{4})[-/](\\d{2})[-/](\\d{2})(?:[T ](\\d{2}):(\\d{2})(?::.{0,40})?)?");

    final int least;
    final int most;

    TimePart(int least, int most) {
        this.least = least;
        this.most = most;
    }

    /** The part, or -1 when the value is no date or has no such part. */
    int of(Object value) {
        if (value instanceof Number number) {
            return ofEpoch(number.longValue());
        }
        String text = value.toString();
        if (text.length() > 64) {
            return -1;
        }
        var match = ISO.matcher(text);
        if (!match.matches()) {
            return text.matches("\\d{9,19}") ? ofDigits(text) : -1;
        }
        boolean timed = match.group(4) != null;
        if (!timed && (this == HOUR || this == MINUTE)) {
            return -1;
        }
        try {
            return of(
                    LocalDateTime.of(
                            Integer.parseInt(match.group(1)),
                            Integer.parseInt(match.group(2)),
                            Integer.parseInt(match.group(3)),
                            timed ? Integer.parseInt(match.group(4)) : 0,
                            timed ? Integer.parseInt(match.group(5)) : 0));
        } catch (DateTimeException e) {
            return -1;
        }
    }

    private int ofDigits(String digits) {
        try {
            return ofEpoch(Long.parseLong(digits));
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Seconds, milliseconds, microseconds or nanoseconds, told apart by size. */
    private int ofEpoch(long epoch) {
        if (epoch < 0) {
            return -1;
        }
        long seconds = epoch;
        while (seconds >= 100_000_000_000L) {
            seconds /= 1000;
        }
        return of(LocalDateTime.ofInstant(Instant.ofEpochSecond(seconds), ZoneOffset.UTC));
    }

    private int of(LocalDateTime time) {
        return switch (this) {
            case MINUTE -> time.getMinute();
            case HOUR -> time.getHour();
            case DAY -> time.getDayOfMonth();
            case WEEK -> time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
            case MONTH -> time.getMonthValue();
            case YEAR -> time.getYear();
        };
    }
}
