package io.cybershield.ingest;

import io.cybershield.platform.TenantId;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A normalised event.
 *
 * @param id made of its batch and line, so that reading a record again gives the same id
 * @param occurredAt at the source; the time of receipt where the source gave none, or one more than
 *     a day ahead of it
 * @param receivedAt at our door
 * @param classUid OCSF class; 0 where we know no better
 * @param severityId OCSF severity, 0..6
 * @param parsed whether the record was understood; otherwise only its raw text is of use
 * @param ocsf the OCSF record, whole
 * @param fields what the source called things, flat or nested as it came; the same map as {@code
 *     unmapped}
 * @param origin which kind of log it came from
 * @param raw the record as received, as text
 */
public record Event(
        UUID id,
        TenantId tenant,
        UUID sourceId,
        String sourceName,
        Instant occurredAt,
        Instant receivedAt,
        int classUid,
        String className,
        String activity,
        int severityId,
        @Nullable String host,
        @Nullable String user,
        String message,
        boolean parsed,
        Map<String, Object> ocsf,
        Map<String, Object> fields,
        Origin origin,
        String raw) {
    /**
     * Which log a record comes from, in the words of the Sigma taxonomy.
     *
     * @param channel of a Windows event
     * @param eventId of a Windows event
     */
    public record Origin(
            @Nullable String product,
            @Nullable String category,
            @Nullable String service,
            @Nullable String channel,
            @Nullable String eventId) {
        public static final Origin UNKNOWN = new Origin(null, null, null, null, null);

        static Origin linux(String service) {
            return new Origin("linux", null, service, null, null);
        }
    }

    /**
     * A value by path: under {@code ocsf.} in the OCSF record, else among the source's own fields,
     * whole name first, then part by part. Null when missing.
     */
    public @Nullable Object value(String path) {
        if (path.startsWith("ocsf.")) {
            return descend(ocsf, path, 5);
        }
        Object direct = fields.get(path);
        return direct != null || path.indexOf('.') < 0 ? direct : descend(fields, path, 0);
    }

    private static @Nullable Object descend(Map<String, Object> from, String path, int start) {
        Object at = from;
        int begin = start;
        while (at instanceof Map<?, ?> map) {
            int dot = path.indexOf('.', begin);
            String key = dot < 0 ? path.substring(begin) : path.substring(begin, dot);
            at = map.get(key);
            if (dot < 0) {
                return at;
            }
            begin = dot + 1;
        }
        return null;
    }
}
