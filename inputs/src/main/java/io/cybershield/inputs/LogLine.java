package io.cybershield.inputs;

import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A line of a text log, understood as far as its notation goes. */
public sealed interface LogLine {

    /** One JSON object, not yet read. */
    record Json(String text) implements LogLine {}

    /**
     * A record of the audit daemon.
     *
     * @param header of the syslog message around it
     */
    record Audit(@Nullable SyslogLine header, AuditRecord record) implements LogLine {}

    /**
     * A request to a web server.
     *
     * @param header of the syslog message around it
     */
    record Access(@Nullable SyslogLine header, AccessLine request) implements LogLine {}

    /**
     * CEF or LEEF.
     *
     * @param header of the syslog message around it
     */
    record Device(@Nullable SyslogLine header, DeviceEvent event) implements LogLine {}

    /** Syslog, or a line of a syslog daemon's file. */
    record Syslog(SyslogLine line) implements LogLine {}

    /**
     * A line that says what it is and then breaks its own rules.
     *
     * @param header of the syslog message around it
     */
    record Broken(@Nullable SyslogLine header, String reason) implements LogLine {}

    /** Any other text. */
    record Plain(String text) implements LogLine {}

    /** Behind a header of syslog, which may be long, or behind a word that some products put. */
    Pattern DEVICE =
            Pattern.compile(
                    "(?s)((?:.{0,2000}?[ >\\]\uFEFF])??(?:[A-Za-z0-9_.-]{1,64}:"
                            + " ?)?)(CEF|LEEF): ?(\\d.*)");

    /**
     * @param near settles the year where the line has none; see {@link SyslogLine#parse}
     */
    static LogLine read(String text, Instant near) {
        if (text.startsWith("{") && text.stripTrailing().endsWith("}")) {
            return new Json(text);
        }
        LogLine device = device(text, near);
        if (device != null) {
            return device;
        }
        LogLine bare = behind(null, text);
        if (bare != null) {
            return bare;
        }
        SyslogLine line = SyslogLine.parse(text, near);
        if (!line.headed()) {
            return new Plain(text);
        }
        LogLine inner = behind(line, line.message());
        return inner == null ? new Syslog(line) : inner;
    }

    private static @Nullable LogLine behind(@Nullable SyslogLine header, String text) {
        AuditRecord audit = AuditRecord.parse(text);
        if (audit != null) {
            return new Audit(header, audit);
        }
        AccessLine request = AccessLine.parse(text);
        return request == null ? null : new Access(header, request);
    }

    private static @Nullable LogLine device(String text, Instant near) {
        if (!text.contains("CEF:") && !text.contains("LEEF:")) {
            return null;
        }
        Matcher m = DEVICE.matcher(text);
        if (!m.matches()) {
            return null;
        }
        String before = String.valueOf(m.group(1));
        String notation = String.valueOf(m.group(2));
        // Whatever the header may be, the message must begin with the notation's name.
        SyslogLine line = SyslogLine.parse(before + notation, near);
        if (line.headed() && !line.message().equals(notation)
                || !line.headed() && before.contains(" ")) {
            return null;
        }
        SyslogLine header = line.headed() ? line : null;
        String rest = String.valueOf(m.group(3));
        try {
            return new Device(
                    header,
                    notation.equals("CEF") ? DeviceEvents.cef(rest) : DeviceEvents.leef(rest));
        } catch (DeviceEvents.Broken e) {
            return new Broken(header, String.valueOf(e.getMessage()));
        }
    }
}
