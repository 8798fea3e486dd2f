package io.cybershield.flow;

import io.cybershield.engine.Event;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a wait is for: some time, a moment, a signal, or whichever of them comes first. */
final class Waits {
    private Waits() {}

    /**
     * @param config rendered
     * @throws IllegalArgumentException if it says nothing that could be waited for
     */
    static Event.WaitPlanned planned(
            Map<String, @Nullable Object> config, String step, long epoch, Instant at) {
        Instant until = text(config, "until").isEmpty() ? null : moment(text(config, "until"));
        if (config.get("seconds") instanceof Number seconds) {
            Instant over = at.plusSeconds(seconds.longValue());
            until = until == null || over.isBefore(until) ? over : until;
        }
        String signal =
                text(config, "signal").isEmpty()
                        ? null
                        : new SignalName(text(config, "signal"), text(config, "key")).text();
        if (until == null && signal == null) {
            throw new IllegalArgumentException(
                    "It would wait for ever: say how long, until when, or for which signal.");
        }
        return new Event.WaitPlanned(at, step, epoch, until, signal);
    }

    private static Instant moment(String text) {
        try {
            return text.length() == 10
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "'"
                            + (text.length() > 60 ? text.substring(0, 60) + "..." : text)
                            + "' is no moment to wait until: write it like 2026-03-01T09:00:00Z,"
                            + " with an offset from UTC, or as a date.",
                    e);
        }
    }

    private static String text(Map<String, @Nullable Object> config, String key) {
        Object value = config.get(key);
        return value == null ? "" : value.toString().strip();
    }
}
