package io.cybershield.hunt;

import io.cybershield.sigma.EventSource;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Lines of text logs: audit daemon, syslog, web servers, JSON among them; any other line is a
 * message of unknown source.
 */
final class LogLines implements Decoder {

    private static final EventSource AUDITD = EventSource.of("linux", null, "auditd");
    private static final EventSource WEB_SERVER = EventSource.of(null, "webserver", null);

    private static final Pattern ACCESS =
            Pattern.compile(
                    "(?:(\\S+) )??([0-9a-fA-F:.]{3,45}) \\S+ (\\S+) \\[([^\\]]{10,40})\\]"
                        + " \"(\\S{1,20}) (\\S{1,8000})(?: (HTTP/[0-9.]+))?\" (\\d{3}) (\\d+|-)(?:"
                        + " \"((?:[^\"\\\\]|\\\\.){0,4000})\""
                        + " \"((?:[^\"\\\\]|\\\\.){0,4000})\")?.*",
                    Pattern.DOTALL);
    private static final DateTimeFormatter ACCESS_TIME =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH);

    /** A line of a web server that its log daemon sent on. */
    private static final int LONGEST_ACCESS = 20_000;

    private final Instant modified;

    /**
     * @param modified of the file; settles the year where lines have none
     */
    LogLines(Instant modified) {
        this.modified = modified;
    }

    @Override
    public void decode(Batch batch, Sink to) {
        AuditEvent audited = null;
        for (Batch.Raw raw : batch.records()) {
            if (!(raw.what() instanceof byte[] bytes)) {
                continue;
            }
            if (!Texts.isUtf8(bytes)) {
                to.trouble(
                        Trouble.note("line " + raw.number(), "is not UTF-8; read as windows-1252"));
            }
            String line = Texts.decode(bytes).replace("\0", "");
            AuditLine audit = AuditLine.parse(line);
            if (audit == null) {
                plain(raw.number(), line, to);
                continue;
            }
            if (audited != null && !audited.holds(audit)) {
                audited.tell(to);
                audited = null;
            }
            if (audited == null) {
                audited = new AuditEvent(raw.number(), audit.serial());
            }
            audited.add(audit);
            to.event(raw.number(), audit.fields(), AUDITD);
        }
        if (audited != null) {
            audited.tell(to);
        }
    }

    private void plain(long number, String line, Sink to) {
        if (line.startsWith("{") && line.stripTrailing().endsWith("}")) {
            try {
                Sources.Known known = Sources.of(Json.object(line));
                to.event(number, known.fields(), known.source());
                return;
            } catch (JacksonException e) {
                // A line that only looks like JSON is a line like others.
            }
        }
        Map<String, @Nullable Object> access = access(line);
        if (access != null) {
            to.event(number, access, WEB_SERVER);
            return;
        }
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        SyslogLine syslog = SyslogLine.parse(line, modified);
        if (syslog == null) {
            fields.put("message", line);
            to.event(number, fields, EventSource.UNKNOWN);
            return;
        }
        if (syslog.time() != null) {
            fields.put(Times.FIELD, syslog.time().toString());
        }
        AuditLine audit = AuditLine.parse(syslog.message());
        if (audit != null) { // audisp hands its records on to syslog
            to.event(number, audit.fields(), AUDITD);
            return;
        }
        access = access(syslog.message());
        if (access != null) {
            to.event(number, access, WEB_SERVER);
            return;
        }
        EventSource source = LinuxMessages.understand(syslog, fields);
        to.event(number, fields, source);
    }

    private static @Nullable Map<String, @Nullable Object> access(String line) {
        if (line.indexOf('[') < 0 || line.indexOf('"') < 0 || line.length() > LONGEST_ACCESS) {
            return null;
        }
        Matcher m = ACCESS.matcher(line);
        if (!m.matches()) {
            return null;
        }
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        try {
            fields.put(
                    Times.FIELD,
                    Instant.from(ACCESS_TIME.parse(String.valueOf(m.group(4)))).toString());
        } catch (DateTimeException e) {
            return null;
        }
        String target = String.valueOf(m.group(6));
        int question = target.indexOf('?');
        put(fields, "cs-host", m.group(1));
        put(fields, "c-ip", m.group(2));
        put(fields, "cs-username", m.group(3));
        put(fields, "cs-method", m.group(5));
        fields.put("cs-uri", target);
        fields.put("cs-uri-stem", question < 0 ? target : target.substring(0, question));
        if (question >= 0) {
            fields.put("cs-uri-query", target.substring(question + 1));
        }
        fields.put("sc-status", Long.valueOf(String.valueOf(m.group(8))));
        put(fields, "sc-bytes", m.group(9));
        put(fields, "cs-referer", m.group(10));
        put(fields, "cs-user-agent", m.group(11));
        return fields;
    }

    private static void put(
            Map<String, @Nullable Object> fields, String name, @Nullable String value) {
        if (value != null && !value.equals("-")) {
            fields.put(name, value);
        }
    }
}
