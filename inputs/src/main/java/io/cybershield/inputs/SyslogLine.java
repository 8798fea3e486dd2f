package io.cybershield.inputs;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A syslog message: RFC 5424, RFC 3164, or a line of a file written by a syslog daemon, which has
 * no priority. Anything else is a message without a header: nothing is ever refused.
 *
 * @param priority 0..191; -1 when not said
 * @param time null when the line says none
 * @param headed whether a header was understood
 */
public record SyslogLine(
        int priority,
        @Nullable Instant time,
        @Nullable String host,
        @Nullable String app,
        @Nullable String pid,
        @Nullable String messageId,
        Map<String, Map<String, String>> structured,
        String message,
        boolean headed) {
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
    private static final List<String> MONTHS =
            List.of(
                    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
                    "Dec");

    /** A line that somebody else took apart already, such as a record of the journal. */
    public static SyslogLine of(
            int priority,
            @Nullable Instant time,
            @Nullable String host,
            String app,
            @Nullable String pid,
            String message) {
        return new SyslogLine(priority, time, host, app, pid, null, Map.of(), message, true);
    }

    /** 0..23; 1 (user) when not said, as RFC 3164 §4.3.3 has it. */
    public int facility() {
        return priority < 0 ? 1 : priority >> 3;
    }

    /** 0 (emergency)..7 (debug); 5 when not said. */
    public int severity() {
        return priority < 0 ? 5 : priority & 7;
    }

    /**
     * @param near gives the year that RFC 3164 leaves out: the latest that puts the time not more
     *     than a day after it
     */
    public static SyslogLine parse(String line, Instant near) {
        int priority = -1;
        String rest = line;
        if (line.startsWith("<")) {
            int end = line.indexOf('>');
            if (end >= 2 && end <= 4) {
                int value = number(line.substring(1, end));
                if (value >= 0 && value <= 191) {
                    priority = value;
                    rest = line.substring(end + 1);
                }
            }
        }
        if (priority >= 0 && rest.startsWith("1 ")) {
            SyslogLine modern = rfc5424(priority, rest);
            if (modern != null) {
                return modern;
            }
        }
        return old(priority, rest, near);
    }

    private static SyslogLine old(int priority, String rest, Instant near) {
        Matcher at = MONTH_DAY.matcher(rest);
        if (at.matches()) {
            Instant time = monthDay(at, near);
            if (time != null) {
                return hostAndTag(priority, time, nonNull(at.group(7)));
            }
        }
        at = DATED.matcher(rest);
        if (at.matches()) {
            Instant time = Instants.parse(nonNull(at.group(1)));
            if (time != null) {
                return hostAndTag(priority, time, nonNull(at.group(2)));
            }
        }
        return new SyslogLine(
                priority, null, null, null, null, null, Map.of(), rest, priority >= 0);
    }

    private static SyslogLine hostAndTag(int priority, Instant time, String rest) {
        int space = rest.indexOf(' ');
        String host = space < 0 ? null : rest.substring(0, space);
        String after = space < 0 ? rest : rest.substring(space + 1).stripLeading();
        if (host != null && host.endsWith(":")) { // no host, a tag at once
            host = null;
            after = rest;
        }
        Matcher tag = TAG.matcher(after);
        String app = null;
        String pid = null;
        String message = after;
        if (tag.matches()) {
            app = tag.group(1);
            pid = tag.group(2);
            message = nonNull(tag.group(3));
        }
        return new SyslogLine(priority, time, host, app, pid, null, Map.of(), message, true);
    }

    private static @Nullable Instant monthDay(Matcher at, Instant near) {
        int month = MONTHS.indexOf(at.group(1)) + 1;
        int said = number(nonNull(at.group(3)));
        int last = said < 0 ? near.atOffset(ZoneOffset.UTC).getYear() + 1 : said;
        int first = said < 0 ? last - 5 : said; // four back: the 29th of February
        for (int year = last; year >= first; year--) {
            try {
                Instant time =
                        LocalDateTime.of(
                                        year,
                                        month,
                                        number(nonNull(at.group(2))),
                                        number(nonNull(at.group(4))),
                                        number(nonNull(at.group(5))),
                                        number(nonNull(at.group(6))))
                                .toInstant(ZoneOffset.UTC);
                if (said >= 0 || !time.isAfter(near.plusSeconds(86_400))) {
                    return time;
                }
            } catch (DateTimeException e) {
                continue; // no such day in that year
            }
        }
        return null;
    }

    /** -1 when it is none. */
    private static int number(String digits) {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Null when it is not RFC 5424 after all. */
    private static @Nullable SyslogLine rfc5424(int priority, String rest) {
        String[] part = rest.split(" ", 7);
        if (part.length < 7) {
            return null;
        }
        Instant time = null;
        if (!part[1].equals("-")) {
            try {
                time = OffsetDateTime.parse(part[1].toUpperCase(Locale.ROOT)).toInstant();
            } catch (DateTimeException e) {
                return null;
            }
        }
        var structured = new LinkedHashMap<String, Map<String, String>>();
        int end = structuredData(part[6], structured);
        if (end < 0) {
            return null;
        }
        String message = part[6].substring(end).stripLeading();
        if (message.startsWith("\uFEFF")) {
            message = message.substring(1);
        }
        return new SyslogLine(
                priority,
                time,
                nil(part[2]),
                nil(part[3]),
                nil(part[4]),
                nil(part[5]),
                structured,
                message,
                true);
    }

    /** Where the structured data end; -1 when they are broken. */
    private static int structuredData(String text, Map<String, Map<String, String>> into) {
        if (text.startsWith("-")) {
            return 1;
        }
        int at = 0;
        while (at < text.length() && text.charAt(at) == '[') {
            int idEnd = at + 1;
            while (idEnd < text.length() && " ]".indexOf(text.charAt(idEnd)) < 0) {
                idEnd++;
            }
            var values = new LinkedHashMap<String, String>();
            into.put(text.substring(at + 1, idEnd), values);
            at = idEnd;
            while (at < text.length() && text.charAt(at) == ' ') {
                int equals = text.indexOf("=\"", at);
                if (equals < 0) {
                    return -1;
                }
                String name = text.substring(at + 1, equals);
                var value = new StringBuilder();
                at = equals + 2;
                while (at < text.length() && text.charAt(at) != '"') {
                    if (text.charAt(at) == '\\'
                            && at + 1 < text.length()
                            && "\"]\\".indexOf(text.charAt(at + 1)) >= 0) {
                        at++;
                    }
                    value.append(text.charAt(at++));
                }
                if (at >= text.length()) {
                    return -1;
                }
                at++;
                values.put(name, value.toString());
            }
            if (at >= text.length() || text.charAt(at) != ']') {
                return -1;
            }
            at++;
        }
        return at == 0 ? -1 : at;
    }

    private static @Nullable String nil(String text) {
        return text.equals("-") ? null : text;
    }

    private static String nonNull(@Nullable String group) {
        return group == null ? "" : group;
    }
}
