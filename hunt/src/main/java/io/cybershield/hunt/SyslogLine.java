package io.cybershield.hunt;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A line of syslog: RFC 5424, RFC 3164, or as a daemon writes it to a file, without priority.
 *
 * @param time null when the line says none
 * @param facility 0..23; -1 when not said
 */
record SyslogLine(
        @Nullable Instant time,
        @Nullable String host,
        @Nullable String program,
        @Nullable String pid,
        String message,
        int facility) {

    private static final Pattern PRIORITY = Pattern.compile("<(\\d{1,3})>(?s:(.*))");
    private static final Pattern MONTH_DAY =
            Pattern.compile(
                    "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +(\\d{1,2})(?: (\\d{4}))?"
                            + " (\\d{2}):(\\d{2}):(\\d{2})(?:\\.\\d{1,9})? (.*)",
                    Pattern.DOTALL);
    private static final Pattern DATED =
            Pattern.compile(
                    "(\\d{4}-\\d{2}-\\d{2}[T"
                        + " ]\\d{2}:\\d{2}:\\d{2}(?:[.,]\\d{1,9})?(?:Z|[+-]\\d{2}:?\\d{2})?) +(.*)",
                    Pattern.DOTALL);
    private static final Pattern TAG =
            Pattern.compile(
                    "([A-Za-z0-9_./@+-]{1,64})(?:\\[(\\d{1,10})\\])?: ?(.*)", Pattern.DOTALL);
    private static final Pattern MODERN =
            Pattern.compile(
                    "1 (\\S+) (\\S+) (\\S+) (\\S+) (\\S+)"
                            + " (-|(?:\\[(?:[^\\]\\\\\"]|\"(?:[^\"\\\\]|\\\\.)*+\")*+\\])++) ?(.*)",
                    Pattern.DOTALL);
    private static final List<String> MONTHS =
            List.of(
                    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
                    "Dec");

    /**
     * @param near gives the year that RFC 3164 leaves out: the line is the latest that is not after
     * @return null if the line has no header of syslog
     */
    static @Nullable SyslogLine parse(String line, Instant near) {
        Matcher priority = PRIORITY.matcher(line);
        String rest = line;
        int facility = -1;
        if (priority.matches()) {
            facility = Integer.parseInt(group(priority, 1)) >> 3;
            rest = group(priority, 2);
            Matcher modern = MODERN.matcher(rest);
            if (modern.matches()) {
                return new SyslogLine(
                        Times.parse(group(modern, 1)),
                        nil(group(modern, 2)),
                        nil(group(modern, 3)),
                        nil(group(modern, 4)),
                        unmarked(group(modern, 7)),
                        facility);
            }
        }
        Matcher at = MONTH_DAY.matcher(rest);
        if (at.matches()) {
            return tagged(monthDay(at, near), group(at, 7), facility);
        }
        at = DATED.matcher(rest);
        if (at.matches()) {
            return tagged(Times.parse(group(at, 1)), group(at, 2), facility);
        }
        return facility < 0 ? null : new SyslogLine(null, null, null, null, rest, facility);
    }

    private static SyslogLine tagged(@Nullable Instant time, String rest, int facility) {
        int space = rest.indexOf(' ');
        String host = space < 0 ? null : rest.substring(0, space);
        String after = space < 0 ? rest : rest.substring(space + 1).stripLeading();
        if (host != null && host.endsWith(":")) { // no host, a tag at once
            host = null;
            after = rest;
        }
        Matcher tag = TAG.matcher(after);
        return tag.matches()
                ? new SyslogLine(time, host, tag.group(1), tag.group(2), group(tag, 3), facility)
                : new SyslogLine(time, host, null, null, after, facility);
    }

    private static @Nullable Instant monthDay(Matcher at, Instant near) {
        int month = MONTHS.indexOf(group(at, 1)) + 1;
        int last = near.atOffset(ZoneOffset.UTC).getYear() + 1;
        int first = last - 5; // four back: the 29th of February
        if (at.group(3) != null) {
            last = Integer.parseInt(group(at, 3));
            first = last;
        }
        for (int year = last; year >= first; year--) {
            try {
                Instant time =
                        LocalDateTime.of(
                                        year,
                                        month,
                                        Integer.parseInt(group(at, 2)),
                                        Integer.parseInt(group(at, 4)),
                                        Integer.parseInt(group(at, 5)),
                                        Integer.parseInt(group(at, 6)))
                                .toInstant(ZoneOffset.UTC);
                if (first == last || !time.isAfter(near.plusSeconds(86_400))) {
                    return time;
                }
            } catch (DateTimeException e) {
                continue; // no such day in that year
            }
        }
        return null;
    }

    private static String group(Matcher matcher, int group) {
        String text = matcher.group(group);
        return text == null ? "" : text;
    }

    private static @Nullable String nil(String text) {
        return text.equals("-") ? null : text;
    }

    private static String unmarked(String message) {
        return message.startsWith("\uFEFF") ? message.substring(1) : message;
    }
}
