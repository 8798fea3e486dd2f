package io.cybershield.hunt;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** When events occurred, in the many ways that records say so. What names no zone is UTC. */
final class Times {

    /** The name under which log lines keep what their header said. */
    static final String FIELD = "@timestamp";

    /** Of the event itself first, of its collection last. */
    private static final List<String> FIELDS =
            List.of(
                    "TimeCreated_SystemTime",
                    "TimeCreated",
                    "EventTime",
                    "eventTime",
                    FIELD,
                    "TimeGenerated",
                    "UtcTime",
                    "published",
                    "requestReceivedTimestamp",
                    "CreationTime",
                    "timestamp",
                    "Timestamp",
                    "_time",
                    "time",
                    "ts",
                    "created_at",
                    "date");

    private static final DateTimeFormatter LOCAL =
            new DateTimeFormatterBuilder()
                    .append(DateTimeFormatter.ISO_LOCAL_DATE)
                    .appendLiteral('T')
                    .appendPattern("HH:mm")
                    .optionalStart()
                    .appendPattern(":ss")
                    .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
                    .optionalEnd()
                    .toFormatter(Locale.ROOT);

    private static final Pattern ZONE = Pattern.compile("(.*?) ?(Z|UTC|[+-]\\d{2}:?\\d{2})");
    private static final Pattern AGO = Pattern.compile("(\\d{1,6})([smhdw])");

    private Times() {}

    static @Nullable Instant of(Map<String, ? extends @Nullable Object> fields) {
        for (String name : FIELDS) {
            Object value = fields.get(name);
            if (value != null) {
                Instant time = of(value);
                if (time != null) {
                    return time;
                }
            }
        }
        return null;
    }

    private static @Nullable Instant of(Object value) {
        return switch (value) {
            case Instant time -> time;
            case String text -> parse(text);
            case Number number -> epoch(number.doubleValue());
            default -> null;
        };
    }

    /** Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size. */
    private static @Nullable Instant epoch(double number) {
        double seconds = number;
        while (seconds > 1e11) {
            seconds /= 1000;
        }
        return seconds < 1e8 || Double.isNaN(seconds)
                ? null
                : Instant.ofEpochSecond(
                        (long) seconds, Math.round((seconds - Math.floor(seconds)) * 1e6) * 1000);
    }

    /** ISO 8601 with or without zone, a blank for the T; digits alone are an epoch time. */
    static @Nullable Instant parse(String given) {
        String text = given.strip();
        if (text.length() < 9 || text.length() > 60) {
            return null;
        }
        try {
            if (text.charAt(text.length() - 1) == 'Z') {
                return Instant.parse(text.replace(' ', 'T'));
            }
        } catch (DateTimeException e) {
            // One of the other forms, then.
        }
        try {
            Matcher zoned = ZONE.matcher(text);
            ZoneOffset zone = ZoneOffset.UTC;
            String local = text;
            if (text.length() > 16 && zoned.matches()) {
                local = String.valueOf(zoned.group(1));
                String name = String.valueOf(zoned.group(2));
                zone = name.equals("UTC") ? ZoneOffset.UTC : ZoneOffset.of(name);
            }
            if (local.length() > 10 && (local.charAt(10) == 'T' || local.charAt(10) == ' ')) {
                String form = local.substring(0, 10) + 'T' + local.substring(11).strip();
                return LocalDateTime.parse(form.replace(',', '.'), LOCAL).toInstant(zone);
            }
        } catch (DateTimeException e) {
            return null;
        }
        try {
            return epoch(Double.parseDouble(text));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /**
     * A bound of the time range: a day, a time, or so long ago ({@code 24h}, {@code 7d}).
     *
     * @param upper a day then means its end
     * @return null if it is none of these
     */
    static @Nullable Instant bound(String text, boolean upper, Instant now) {
        Matcher ago = AGO.matcher(text);
        if (ago.matches()) {
            long count = Long.parseLong(String.valueOf(ago.group(1)));
            return now.minus(
                    switch (String.valueOf(ago.group(2))) {
                        case "s" -> Duration.ofSeconds(count);
                        case "m" -> Duration.ofMinutes(count);
                        case "h" -> Duration.ofHours(count);
                        case "d" -> Duration.ofDays(count);
                        default -> Duration.ofDays(7 * count);
                    });
        }
        try {
            LocalDate day = LocalDate.parse(text);
            return (upper ? day.plusDays(1) : day).atStartOfDay().toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            // Not a day alone.
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return parse(text);
        }
    }
}
