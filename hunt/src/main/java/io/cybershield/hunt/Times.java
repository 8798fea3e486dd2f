package io.cybershield.hunt;

import io.cybershield.inputs.Instants;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
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

    private static final Pattern AGO = Pattern.compile("(\\d{1,6})([smhdw])");

    private Times() {}

    static @Nullable Instant of(Map<String, ? extends @Nullable Object> fields) {
        for (String name : FIELDS) {
            Object value = fields.get(name);
            if (value != null) {
                Instant time = Instants.of(value);
                if (time != null) {
                    return time;
                }
            }
        }
        return null;
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
            return Instants.parse(text);
        }
    }
}
