package io.cybershield.inputs;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Times in the many ways that records write them. What names no zone is UTC. */
public final class Instants {

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

    private Instants() {}

    /** Text or a number; null for what is no time. */
    public static @Nullable Instant of(@Nullable Object value) {
        return switch (value) {
            case Instant time -> time;
            case String text -> parse(text);
            case Number number -> epoch(number.doubleValue());
            case null, default -> null;
        };
    }

    /** Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size. */
    private static @Nullable Instant epoch(double number) {
        double seconds = number > 1e20 ? 0 : number;
        while (seconds > 1e11) {
            seconds /= 1000;
        }
        return seconds < 1e8 || Double.isNaN(seconds)
                ? null
                : Instant.ofEpochSecond(
                        (long) seconds, Math.round((seconds - Math.floor(seconds)) * 1e6) * 1000);
    }

    /** ISO 8601 with or without zone, a blank for the T; digits alone are an epoch time. */
    public static @Nullable Instant parse(String given) {
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
}
