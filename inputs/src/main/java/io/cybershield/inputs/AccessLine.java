package io.cybershield.inputs;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A line of a web server's access log, common or combined format, with or without the server's name
 * in front.
 *
 * @param host the server, where the line says it
 * @param version of HTTP
 */
public record AccessLine(
        Instant time,
        @Nullable String host,
        String client,
        @Nullable String user,
        String method,
        String target,
        @Nullable String version,
        int status,
        @Nullable String bytes,
        @Nullable String referrer,
        @Nullable String agent) {

    private static final Pattern ACCESS =
            Pattern.compile(
                    "(?:(\\S+) )??([0-9a-fA-F:.]{3,45}) \\S+ (\\S+) \\[([^\\]]{10,40})\\]"
                        + " \"(\\S{1,20}) (\\S{1,8000})(?: (HTTP/[0-9.]+))?\" (\\d{3}) (\\d+|-)(?:"
                        + " \"((?:[^\"\\\\]|\\\\.){0,4000})\""
                        + " \"((?:[^\"\\\\]|\\\\.){0,4000})\")?.*",
                    Pattern.DOTALL);
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH);

    /** Longer than its parts may be together; anything beyond is no such line. */
    private static final int LONGEST = 20_000;

    /** Null for any other line. */
    public static @Nullable AccessLine parse(String line) {
        if (line.indexOf('[') < 0 || line.indexOf('"') < 0 || line.length() > LONGEST) {
            return null;
        }
        Matcher m = ACCESS.matcher(line);
        if (!m.matches()) {
            return null;
        }
        try {
            return new AccessLine(
                    Instant.from(TIME.parse(String.valueOf(m.group(4)))),
                    m.group(1),
                    String.valueOf(m.group(2)),
                    said(m.group(3)),
                    String.valueOf(m.group(5)),
                    String.valueOf(m.group(6)),
                    m.group(7),
                    Integer.parseInt(String.valueOf(m.group(8))),
                    said(m.group(9)),
                    said(m.group(10)),
                    said(m.group(11)));
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static @Nullable String said(@Nullable String value) {
        return "-".equals(value) ? null : value;
    }

    public String path() {
        int question = target.indexOf('?');
        return question < 0 ? target : target.substring(0, question);
    }

    public @Nullable String query() {
        int question = target.indexOf('?');
        return question < 0 ? null : target.substring(question + 1);
    }

    /** As the W3C's log format, and so Sigma, names them. */
    public Map<String, Object> fields() {
        var fields = new LinkedHashMap<String, Object>();
        put(fields, "cs-host", host);
        put(fields, "c-ip", client);
        put(fields, "cs-username", user);
        put(fields, "cs-method", method);
        put(fields, "cs-uri", target);
        put(fields, "cs-uri-stem", path());
        put(fields, "cs-uri-query", query());
        fields.put("sc-status", (long) status);
        put(fields, "sc-bytes", bytes);
        put(fields, "cs-referer", referrer);
        put(fields, "cs-user-agent", agent);
        return fields;
    }

    private static void put(Map<String, Object> fields, String name, @Nullable String value) {
        if (value != null) {
            fields.put(name, value);
        }
    }
}
