package io.cybershield.ingest;

import io.cybershield.ingest.Event.Origin;
import io.cybershield.platform.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An event in the making; {@link #event} adds what the OCSF class demands. */
final class Draft {
    /** The OCSF release that every event is written to. */
    static final String OCSF_VERSION = "1.6.0";

    private static final Duration CLOCK_SKEW = Duration.ofDays(1);
    private static final List<String> SEVERITIES =
            List.of("Unknown", "Informational", "Low", "Medium", "High", "Critical", "Fatal");
    private static final int MAX_MESSAGE = 2_000;

    private EventClass type = EventClass.BASE;
    private int activity;
    private int severity = 1;
    private @Nullable Boolean success;
    private @Nullable Instant time;
    private @Nullable String host;
    private @Nullable String user;
    private @Nullable String message;
    private @Nullable String logName;
    private @Nullable String eventCode;
    private final Map<String, Object> product = named("unknown");
    private final List<String> moreProfiles = new ArrayList<>();
    private @Nullable String correlation;
    private Origin origin = Origin.UNKNOWN;
    private boolean parsed = true;
    private final Map<String, Object> body = new LinkedHashMap<>();
    private final Map<String, Object> fields;

    /**
     * @param fields the source's own names and values; kept as they are
     */
    Draft(Map<String, Object> fields) {
        this.fields = fields;
    }

    Draft type(EventClass as, int activityId) {
        type = as;
        activity = activityId;
        return this;
    }

    Draft severity(int id) {
        severity = id;
        return this;
    }

    Draft success(boolean yes) {
        success = yes;
        return this;
    }

    Draft time(@Nullable Instant at) {
        time = at;
        return this;
    }

    Draft host(@Nullable String name) {
        host = blankToNull(name);
        return this;
    }

    Draft user(@Nullable String name) {
        user = blankToNull(name);
        return this;
    }

    Draft message(@Nullable String text) {
        message = blankToNull(text);
        return this;
    }

    Draft log(@Nullable String name, @Nullable String code) {
        logName = name;
        eventCode = code;
        return this;
    }

    Draft product(String name) {
        product.put("name", name);
        return this;
    }

    /** Of a security product, which names itself wholly. */
    Draft product(String vendor, String name, String version) {
        put(product, "vendor_name", vendor);
        put(product, "version", version);
        put(product, "name", name.isBlank() ? vendor : name);
        return this;
    }

    private static void put(Map<String, Object> into, String name, String value) {
        if (!value.isBlank()) {
            into.put(name, value);
        }
    }

    /** What records of the same happening have in common. */
    Draft correlation(String uid) {
        correlation = uid;
        return this;
    }

    /** The product let it happen (1) or not (2); the numbers are OCSF's, of both attributes. */
    Draft decided(int allowedOrDenied) {
        moreProfiles.add("security_control");
        return put("action_id", allowedOrDenied).put("disposition_id", allowedOrDenied);
    }

    Draft origin(Origin of) {
        origin = of;
        return this;
    }

    /**
     * @param why told to whoever looks at the event
     */
    Draft notUnderstood(String why) {
        parsed = false;
        return put("status_detail", why);
    }

    /** Sets a top-level attribute unless the value is null or an empty object. */
    Draft put(String attribute, @Nullable Object value) {
        if (value != null && !(value instanceof Map<?, ?> map && map.isEmpty())) {
            body.put(attribute, value);
        }
        return this;
    }

    /** Keeps what else the source said; names that are taken already stay. */
    Draft also(Map<String, Object> more) {
        more.forEach(fields::putIfAbsent);
        return this;
    }

    Event event(
            UUID id,
            TenantId tenant,
            UUID sourceId,
            String sourceName,
            Instant receivedAt,
            String raw) {
        Instant occurredAt =
                time == null
                                || time.isAfter(receivedAt.plus(CLOCK_SKEW))
                                || time.isBefore(Instant.EPOCH)
                        ? receivedAt
                        : time;
        String said = message == null ? firstLine(raw) : message;
        said = said.length() > MAX_MESSAGE ? said.substring(0, MAX_MESSAGE) : said;
        String activityName = type.activity(activity);
        var ocsf = new LinkedHashMap<String, Object>();
        ocsf.put("class_uid", type.uid);
        ocsf.put("class_name", type.caption);
        ocsf.put("category_uid", type.categoryUid);
        ocsf.put("category_name", type.category);
        ocsf.put("activity_id", activity);
        ocsf.put("activity_name", activityName);
        ocsf.put("type_uid", type.uid * 100L + activity);
        ocsf.put("severity_id", severity);
        ocsf.put("severity", SEVERITIES.get(severity));
        ocsf.put("time", occurredAt.toEpochMilli());
        if (success != null) {
            ocsf.put("status_id", success ? 1 : 2);
            ocsf.put("status", success ? "Success" : "Failure");
        }
        ocsf.put("message", said);
        ocsf.put("metadata", metadata(id, receivedAt));
        ocsf.putAll(body);
        complete(ocsf, sourceName);
        if (!fields.isEmpty()) {
            ocsf.put("unmapped", fields);
        }
        return new Event(
                id,
                tenant,
                sourceId,
                sourceName,
                occurredAt,
                receivedAt,
                type.uid,
                type.caption,
                activityName,
                severity,
                host,
                user,
                said,
                parsed,
                ocsf,
                fields,
                origin,
                raw);
    }

    private Map<String, Object> metadata(UUID id, Instant receivedAt) {
        var metadata = new LinkedHashMap<String, Object>();
        metadata.put("version", OCSF_VERSION);
        metadata.put("uid", id.toString());
        metadata.put("product", product);
        metadata.put("logged_time", receivedAt.toEpochMilli());
        if (logName != null) {
            metadata.put("log_name", logName);
        }
        if (correlation != null) {
            metadata.put("correlation_uid", correlation);
        }
        if (eventCode != null) {
            metadata.put("event_code", eventCode);
        }
        if (time != null) {
            metadata.put("original_time", time.toString());
        }
        var profiles = new ArrayList<String>();
        if (type != EventClass.BASE) {
            profiles.add("host");
        }
        profiles.addAll(moreProfiles);
        metadata.put("profiles", profiles);
        return metadata;
    }

    /** Classes demand some objects even where the record does not say them. */
    private void complete(Map<String, Object> ocsf, String sourceName) {
        if (host != null || type.categoryUid == 1) {
            ocsf.computeIfAbsent("device", _ -> endpoint(host == null ? sourceName : host, 0));
        }
        if (type.categoryUid == 1) {
            ocsf.computeIfAbsent(
                    "actor",
                    _ ->
                            user == null
                                    ? new LinkedHashMap<>(
                                            Map.of("app_name", String.valueOf(product.get("name"))))
                                    : new LinkedHashMap<>(Map.of("user", named(user))));
        }
        if (type == EventClass.AUTHENTICATION || type == EventClass.ACCOUNT_CHANGE) {
            ocsf.computeIfAbsent("user", _ -> named(user == null ? "unknown" : user));
        }
        if (type == EventClass.AUTHENTICATION && !ocsf.containsKey("service")) {
            ocsf.computeIfAbsent(
                    "dst_endpoint",
                    _ -> new LinkedHashMap<>(Map.of("hostname", host == null ? sourceName : host)));
        }
    }

    static Map<String, Object> endpoint(String hostname, int typeId) {
        var device = new LinkedHashMap<String, Object>();
        device.put("type_id", typeId);
        device.put("hostname", hostname);
        return device;
    }

    static Map<String, Object> named(String name) {
        var one = new LinkedHashMap<String, Object>();
        one.put("name", name);
        return one;
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() || text.equals("-") ? null : text;
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
