package io.cybershield.inputs;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Times of CEF and LEEF: {@code Sep 19 2026 13:49:25.123 GMT+02:00}, or since 1970. */
final class DeviceTimes {

    private static final Pattern WRITTEN =
            Pattern.compile(
                    "([A-Z][a-z]{2} +\\d{1,2}(?: \\d{4})? \\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,9})?)(?:"
                            + " ?([A-Za-z0-9:+/_-]{1,40}))?");
    private static final int LONGEST_FORMAT = 60;

    private DeviceTimes() {}

    /**
     * @param format in Java's letters, where the sender says it
     * @return null for what we cannot read; a zone that we do not know is no reason to guess
     */
    static @Nullable Instant parse(String text, @Nullable String format, Instant near) {
        if (format != null && format.length() <= LONGEST_FORMAT) {
            Instant told = told(text, format);
            if (told != null) {
                return told;
            }
        }
        Matcher m = WRITTEN.matcher(text);
        if (!m.matches()) {
            return Instants.parse(text);
        }
        Instant utc = SyslogLine.parse(m.group(1) + " - -", near).time();
        String zone = m.group(2);
        if (utc == null || zone == null) {
            return utc;
        }
        try {
            return utc.atOffset(ZoneOffset.UTC)
                    .toLocalDateTime()
                    .atZone(ZoneId.of(zone))
                    .toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static @Nullable Instant told(String text, String format) {
        try {
            return (Instant)
                    DateTimeFormatter.ofPattern(format, Locale.ENGLISH)
                            .parseBest(
                                    text,
                                    time -> OffsetDateTime.from(time).toInstant(),
                                    time -> LocalDateTime.from(time).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException | IllegalArgumentException e) {
            return null;
        }
    }
}
