package io.cybershield.ingest;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
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
            draft = notUnderstood(text);
        }
        return draft.event(
                raw.id(), raw.tenant(), raw.sourceId(), raw.sourceName(), raw.receivedAt(), text);
    }

    private static Draft draft(String format, String text, Instant receivedAt) {
        boolean json = format.equals("json") || format.equals("evtx") || text.startsWith("{");
        if (json) {
            Map<String, Object> map = object(text);
            if (map == null) {
                return notUnderstood(text);
            }
            Draft windows = WindowsMapper.map(map);
            return windows != null ? windows : GenericMapper.map(map);
        }
        Draft web = LinuxMapper.accessLog(text);
        return web != null ? web : LinuxMapper.map(SyslogLine.parse(text, receivedAt));
    }

    private static Draft notUnderstood(String text) {
        return new Draft(new LinkedHashMap<>()).notUnderstood().message(text);
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
