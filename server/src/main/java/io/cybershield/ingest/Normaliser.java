package io.cybershield.ingest;

import io.cybershield.inputs.LogLine;
import io.cybershield.inputs.SyslogLine;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes an event of a raw record. Never throws and never drops: what is not understood becomes an
 * event that has only its raw text.
 */
final class Normaliser {
    private static final Logger log = LoggerFactory.getLogger(Normaliser.class);
    static final int MAX_DEPTH = 64;

    /** Also what the doors check with, so that what they take can be read here. */
    static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(MAX_DEPTH)
                                                    .maxNameLength(10_000)
                                                    .maxNumberLength(400)
                                                    .maxStringLength(2_000_000)
                                                    .build())
                                    .build())
                    .enable(tools.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    /**
     * @param format how to read the body: json, evtx (JSON of an EVTX record), syslog, text
     */
    record Raw(
            UUID id,
            io.cybershield.platform.TenantId tenant,
            UUID sourceId,
            String sourceName,
            Instant receivedAt,
            String format,
            byte[] body) {}

    private Normaliser() {}

    static Event normalise(Raw raw) {
        String text = Texts.clean(new String(raw.body(), StandardCharsets.UTF_8));
        Draft draft;
        try {
            draft = draft(raw.format(), text, raw.receivedAt());
        } catch (RuntimeException e) {
            // A mapper's bug must not stop the stream; the text is kept and the event is counted.
            log.warn("record not mapped format={} cause={}", raw.format(), e.toString());
            draft = notUnderstood(text, "Our side could not map it; see the server's log.");
        }
        return draft.event(
                raw.id(), raw.tenant(), raw.sourceId(), raw.sourceName(), raw.receivedAt(), text);
    }

    private static Draft draft(String format, String text, Instant receivedAt) {
        boolean json = format.equals("json") || format.equals("evtx") || text.startsWith("{");
        if (json) {
            Map<String, Object> map = object(text);
            if (map == null) {
                return notUnderstood(text, "It is not one JSON object.");
            }
            Draft windows = WindowsMapper.map(map);
            if (windows != null) {
                return windows;
            }
            Draft ocsf = OcsfMapper.map(map);
            return ocsf != null ? ocsf : GenericMapper.map(map);
        }
        if (text.indexOf('\n') > 0) {
            Draft audit = AuditMapper.ofLines(text, receivedAt);
            if (audit != null) {
                return audit;
            }
        }
        return switch (LogLine.read(text, receivedAt)) {
            case LogLine.Audit(var header, var record) -> AuditMapper.map(List.of(record), header);
            case LogLine.Access(var header, var request) -> LinuxMapper.map(request, header);
            case LogLine.Device(var header, var event) ->
                    DeviceMapper.map(event, header, receivedAt);
            case LogLine.Syslog(var line) -> LinuxMapper.map(line);
            case LogLine.Broken(var header, String reason) ->
                    notUnderstood(text, reason)
                            .time(header == null ? null : header.time())
                            .host(header == null ? null : header.host());
            case LogLine.Json(String said) -> notUnderstood(said, "It is not one JSON object.");
            case LogLine.Plain(String said) ->
                    LinuxMapper.map(SyslogLine.parse(said, receivedAt))
                            .notUnderstood(
                                    "It has no header of syslog and is in no other notation that is"
                                            + " read.");
        };
    }

    private static Draft notUnderstood(String text, String why) {
        return new Draft(new LinkedHashMap<>()).notUnderstood(why).message(text);
    }

    @SuppressWarnings("unchecked")
    private static @Nullable Map<String, Object> object(String text) {
        try {
            Object value = JSON.readValue(text, Object.class);
            return value instanceof Map<?, ?> map
                    ? (Map<String, Object>) Texts.cleanTree(map)
                    : null;
        } catch (JacksonException e) {
            return null;
        }
    }
}
