package io.cybershield.hunt;

import io.cybershield.inputs.AccessLine;
import io.cybershield.inputs.AuditEvent;
import io.cybershield.inputs.AuditRecord;
import io.cybershield.inputs.DeviceEvent;
import io.cybershield.inputs.Encodings;
import io.cybershield.inputs.Json;
import io.cybershield.inputs.LinuxMessage;
import io.cybershield.inputs.LogLine;
import io.cybershield.inputs.SyslogLine;
import io.cybershield.inputs.Trouble;
import io.cybershield.sigma.EventSource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Lines of text logs: audit daemon, syslog, web servers, CEF and LEEF, JSON among them; any other
 * line is a message of unknown source.
 */
final class LogLines implements Decoder {

    private static final EventSource AUDITD = EventSource.of("linux", null, "auditd");
    private static final EventSource PROCESS =
            new EventSource("linux", "process_creation", "auditd", null, null);
    private static final EventSource FILE =
            new EventSource("linux", "file_event", "auditd", null, null);
    private static final EventSource WEB_SERVER = EventSource.of(null, "webserver", null);

    private final Instant modified;

    /**
     * @param modified of the file; settles the year where lines have none
     */
    LogLines(Instant modified) {
        this.modified = modified;
    }

    @Override
    public void decode(Batch batch, Sink to) {
        List<AuditRecord> audited = new ArrayList<>();
        long first = 0;
        for (Batch.Raw raw : batch.records()) {
            if (!(raw.what() instanceof byte[] bytes)) {
                continue;
            }
            if (!Encodings.isUtf8(bytes)) {
                to.trouble(
                        Trouble.note("line " + raw.number(), "is not UTF-8; read as windows-1252"));
            }
            String text = Encodings.decode(bytes).replace("\0", "");
            LogLine line = LogLine.read(text, modified);
            if (!(line instanceof LogLine.Audit(_, AuditRecord record))) {
                plain(raw.number(), line, text, to);
                continue;
            }
            if (!audited.isEmpty() && !audited.getFirst().serial().equals(record.serial())) {
                together(first, new AuditEvent(audited), to);
                audited.clear();
            }
            if (audited.isEmpty()) {
                first = raw.number();
            }
            audited.add(record);
            to.event(raw.number(), record.fields(), AUDITD);
        }
        if (!audited.isEmpty()) {
            together(first, new AuditEvent(audited), to);
        }
    }

    /**
     * Records of one serial: a new process or new files, in the words that Sigma has for them, so
     * that rules for Linux processes see what auditd saw.
     */
    private static void together(long number, AuditEvent event, Sink to) {
        if (!event.succeeded()) {
            return;
        }
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put(Times.FIELD, event.records().getFirst().time().toString());
        put(fields, "Image", event.first("exe"));
        put(fields, "ProcessId", event.first("pid"));
        put(fields, "ParentProcessId", event.first("ppid"));
        put(fields, "User", event.user());
        put(fields, "LogonId", event.first("AUID", "auid"));
        put(fields, "node", event.first("node"));
        put(fields, "CurrentDirectory", event.first("cwd"));
        String commandLine = event.commandLine();
        if (commandLine != null) {
            Map<String, @Nullable Object> process = new LinkedHashMap<>(fields);
            process.put("CommandLine", commandLine);
            to.view(number, process, PROCESS);
        }
        for (AuditEvent.File created : event.files()) {
            if (created.naming() == AuditEvent.Naming.CREATE) {
                Map<String, @Nullable Object> file = new LinkedHashMap<>(fields);
                file.put("TargetFilename", created.path());
                to.view(number, file, FILE);
            }
        }
    }

    private void plain(long number, LogLine line, String text, Sink to) {
        switch (line) {
            case LogLine.Json(String json) -> json(number, json, to);
            case LogLine.Audit(_, AuditRecord record) -> to.event(number, record.fields(), AUDITD);
            case LogLine.Access(_, AccessLine request) ->
                    to.event(number, timed(request.time(), request.fields()), WEB_SERVER);
            case LogLine.Device(var header, DeviceEvent event) -> {
                Instant time = event.time(modified);
                Map<String, Object> fields = event.fields();
                if (header != null) {
                    put(fields, "hostname", header.host());
                    time = time == null ? header.time() : time;
                }
                to.event(number, timed(time, fields), source(event));
            }
            case LogLine.Syslog(SyslogLine syslog) -> {
                LinuxMessage message = LinuxMessage.of(syslog);
                to.event(number, timed(syslog.time(), message.fields()), source(message));
            }
            case LogLine.Broken(var header, String reason) -> {
                to.trouble(Trouble.note("line " + number, reason + " Read as text."));
                message(number, header == null ? null : header.time(), text, to);
            }
            case LogLine.Plain(String said) -> message(number, null, said, to);
        }
    }

    private static void json(long number, String json, Sink to) {
        try {
            Sources.Known known = Sources.of(Json.object(json));
            to.event(number, known.fields(), known.source());
        } catch (JacksonException e) { // only looks like JSON
            message(number, null, json, to);
        }
    }

    private static void message(long number, @Nullable Instant time, String text, Sink to) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("message", text);
        to.event(number, timed(time, fields), EventSource.UNKNOWN);
    }

    static EventSource source(LinuxMessage message) {
        return new EventSource(
                "linux",
                message.event() == LinuxMessage.Event.SUDO_COMMAND ? "process_creation" : null,
                message.service(),
                null,
                null);
    }

    private static EventSource source(DeviceEvent event) {
        return EventSource.of(event.logProduct(), event.logCategory(), event.logService());
    }

    private static Map<String, Object> timed(@Nullable Instant time, Map<String, Object> fields) {
        if (time != null) {
            fields.put(Times.FIELD, time.toString());
        }
        return fields;
    }

    private static <T extends @Nullable Object> void put(
            Map<String, T> fields, String name, @Nullable T value) {
        if (value != null) {
            fields.putIfAbsent(name, value);
        }
    }
}
