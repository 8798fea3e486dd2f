package io.cybershield.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The ways in which a line of a recorded log says its time. Each can be read, and written again at
 * another time with everything else of the line as it was.
 */
enum LogTime {
    /** {@code 2026-11-21T22:35:01.235168+00:00 web-01 ...}: rsyslog's RSYSLOG_FileFormat. */
    ISO(
            "^(\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,9})?(?:Z|[+-]\\d{2}:\\d{2}))(?="
                    + " )") {
        @Override
        Instant read(String stamp, Instant near) {
            return OffsetDateTime.parse(stamp).toInstant();
        }

        @Override
        String write(Instant at, String like) {
            int zone = like.endsWith("Z") ? like.length() - 1 : like.length() - 6;
            int digits = like.charAt(19) == '.' ? zone - 20 : 0;
            var offset = ZoneOffset.of(like.substring(zone));
            String whole = SECONDS.format(at.atOffset(offset));
            String fraction =
                    digits == 0 ? "" : "." + NANOS.format(at.atOffset(offset)).substring(0, digits);
            return whole + fraction + like.substring(zone);
        }
    },
    /** {@code Nov 21 22:35:01 web-01 ...}: RFC 3164, UTC, without a year. */
    MONTH_DAY(
            "^((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 1-3]\\d"
                    + " \\d{2}:\\d{2}:\\d{2})(?= )") {
        @Override
        Instant read(String stamp, Instant near) {
            int year = near.atOffset(ZoneOffset.UTC).getYear();
            Instant best = null;
            // Five years each way: a 29th of February is that far from the next at most, but for
            // centuries.
            for (int y = year - 5; y <= year + 5; y++) {
                Instant candidate = inYear(stamp, y);
                if (candidate != null
                        && (best == null || distance(candidate, near) < distance(best, near))) {
                    best = candidate;
                }
            }
            if (best == null) {
                throw new DateTimeException("No such day: " + stamp);
            }
            return best;
        }

        @Override
        String write(Instant at, String like) {
            return BSD.format(at.atOffset(ZoneOffset.UTC));
        }
    },
    /** {@code ... [21/Nov/2026:22:35:01 +0000] "GET ...}: web server access logs. */
    ACCESS("\\[(\\d{2}/[A-Z][a-z]{2}/\\d{4}:\\d{2}:\\d{2}:\\d{2} [+-]\\d{4})\\](?= \")") {
        @Override
        Instant read(String stamp, Instant near) {
            return OffsetDateTime.parse(stamp, COMMON).toInstant();
        }

        @Override
        String write(Instant at, String like) {
            var offset = OffsetDateTime.parse(like, COMMON).getOffset();
            return COMMON.format(at.atOffset(offset));
        }
    },
    /** {@code type=SYSCALL msg=audit(1795300473.402:7): ...}: seconds since 1970 and a serial. */
    AUDIT("^(?:node=\\S+ )?type=\\w+ msg=audit\\((\\d{9,11}\\.\\d{3})(?=:\\d+\\):)") {
        @Override
        Instant read(String stamp, Instant near) {
            int point = stamp.indexOf('.');
            return Instant.ofEpochSecond(Long.parseLong(stamp.substring(0, point)))
                    .plusMillis(Long.parseLong(stamp.substring(point + 1)));
        }

        @Override
        String write(Instant at, String like) {
            return String.format(
                    Locale.ROOT, "%d.%03d", at.getEpochSecond(), at.toEpochMilli() % 1_000);
        }
    };

    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter NANOS =
            DateTimeFormatter.ofPattern("SSSSSSSSS", Locale.ROOT);
    private static final DateTimeFormatter BSD =
            DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ENGLISH);
    private static final DateTimeFormatter BSD_WITH_YEAR =
            DateTimeFormatter.ofPattern("uuuu MMM ppd HH:mm:ss", Locale.ENGLISH)
                    .withResolverStyle(java.time.format.ResolverStyle.STRICT);
    private static final DateTimeFormatter COMMON =
            DateTimeFormatter.ofPattern("dd/MMM/uuuu:HH:mm:ss Z", Locale.ENGLISH);

    private final Pattern pattern;

    LogTime(String pattern) {
        this.pattern = Pattern.compile(pattern);
    }

    /**
     * @param near settles the year where the stamp has none: the nearest
     * @throws DateTimeException if there is no such time
     */
    abstract Instant read(String stamp, Instant near);

    /**
     * @param like a stamp of the same form, whose offset and precision are kept
     */
    abstract String write(Instant at, String like);

    /** When the line says it was; empty if it says so in no way known here. */
    static Optional<Instant> of(String line, Instant near) {
        for (LogTime form : values()) {
            Matcher at = form.pattern.matcher(line);
            if (at.find()) {
                Instant time = form.tryRead(at, near);
                if (time != null) {
                    return Optional.of(time);
                }
            }
        }
        return Optional.empty();
    }

    /**
     * The line at another time; a line without a time as it is.
     *
     * @param by whole seconds, as not every form knows less
     */
    static String shift(String line, Duration by, Instant near) {
        for (LogTime form : values()) {
            Matcher at = form.pattern.matcher(line);
            if (at.find()) {
                Instant time = form.tryRead(at, near);
                if (time != null) {
                    Instant then = time.plus(by.truncatedTo(ChronoUnit.SECONDS));
                    return line.substring(0, at.start(1))
                            + form.write(then, String.valueOf(at.group(1)))
                            + line.substring(at.end(1));
                }
            }
        }
        return line;
    }

    private @Nullable Instant tryRead(Matcher at, Instant near) {
        try {
            return read(String.valueOf(at.group(1)), near);
        } catch (DateTimeException e) {
            return null; // it looks like a time and is none: February 30th
        }
    }

    private static @Nullable Instant inYear(String stamp, int year) {
        try {
            return LocalDateTime.parse(year + " " + stamp, BSD_WITH_YEAR).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static long distance(Instant a, Instant b) {
        return Math.abs(Duration.between(a, b).toSeconds());
    }
}
