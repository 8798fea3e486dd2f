package io.cybershield.hunt;

import io.cybershield.inputs.LinuxMessage;
import io.cybershield.inputs.SyslogLine;
import io.cybershield.sigma.EventSource;
import io.cybershield.sigma.WindowsFields;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells by its fields where a JSON record came from, in the words of the Sigma taxonomy. What is
 * not recognised stays of unknown source and is looked at by rules without log source alone.
 */
final class Sources {

    private static final String LINUX_SYSMON = "linux-sysmon/operational";

    /** A record as rules see it. */
    record Known(Map<String, ? extends @Nullable Object> fields, EventSource source) {}

    private Sources() {}

    static Known of(Map<String, @Nullable Object> object) {
        EventSource windows = WindowsFields.source(object);
        if (windows != EventSource.UNKNOWN) {
            EventSource source =
                    LINUX_SYSMON.equals(windows.channel())
                            ? new EventSource("linux", null, null, LINUX_SYSMON, windows.eventId())
                            : windows;
            return new Known(WindowsFields.flatten(object), source);
        }
        if (object.containsKey("SYSLOG_IDENTIFIER") && object.containsKey("MESSAGE")) {
            return journal(object);
        }
        return new Known(object, other(object));
    }

    private static EventSource other(Map<String, @Nullable Object> object) {
        if (text(object, "eventSource").endsWith(".amazonaws.com") && has(object, "eventName")) {
            return EventSource.of("aws", null, "cloudtrail");
        }
        if (text(object, "apiVersion").startsWith("audit.k8s.io/")) {
            return EventSource.of("kubernetes", "application", "audit");
        }
        if (has(object, "Workload") && has(object, "Operation")) {
            return EventSource.of("m365", null, m365(text(object, "Workload")));
        }
        if (has(object, "eventType") && has(object, "published") && has(object, "actor")) {
            return EventSource.of("okta", null, "okta");
        }
        if (object.get("protoPayload") instanceof Map<?, ?>
                || has(object, "gcp.audit.method_name")) {
            return EventSource.of("gcp", null, "gcp.audit");
        }
        if (object.get("auditType") instanceof Map<?, ?>) {
            return EventSource.of("bitbucket", null, "audit");
        }
        if (has(object, "action")
                && has(object, "actor")
                && (has(object, "org") || has(object, "repo") || has(object, "_document_id"))) {
            return EventSource.of("github", null, "audit");
        }
        EventSource azure = azure(object);
        if (azure != null) {
            return azure;
        }
        String zeek = zeek(object);
        if (!zeek.isEmpty()) {
            return EventSource.of("zeek", zeek.equals("dns") ? "dns" : null, zeek);
        }
        return EventSource.UNKNOWN;
    }

    private static String m365(String workload) {
        return switch (workload.toLowerCase(Locale.ROOT)) {
            case "exchange" -> "exchange";
            case "securitycompliancecenter", "threatintelligence" -> "threat_management";
            default -> "audit";
        };
    }

    private static @Nullable EventSource azure(Map<String, @Nullable Object> object) {
        String category = text(object, has(object, "category") ? "category" : "Category");
        String service =
                switch (category.toLowerCase(Locale.ROOT)) {
                    case "auditlogs", "applicationmanagement", "usermanagement", "rolemanagement" ->
                            "auditlogs";
                    case "signinlogs",
                            "noninteractiveusersigninlogs",
                            "serviceprincipalsigninlogs" ->
                            "signinlogs";
                    case "administrative", "policy", "security", "resourcehealth" -> "activitylogs";
                    case "userriskevents", "riskyusers" -> "riskdetection";
                    default -> "";
                };
        if (has(object, "riskEventType")) {
            service = "riskdetection";
        }
        boolean named =
                has(object, "operationName")
                        || has(object, "OperationName")
                        || has(object, "OperationNameValue")
                        || has(object, "riskEventType");
        return service.isEmpty() || !named ? null : EventSource.of("azure", null, service);
    }

    private static String zeek(Map<String, @Nullable Object> object) {
        if (!has(object, "ts")) {
            return "";
        }
        for (String name : List.of("_path", "@stream")) {
            if (object.get(name) instanceof String path) {
                return path.toLowerCase(Locale.ROOT);
            }
        }
        return "";
    }

    /** {@code journalctl -o json}. */
    private static Known journal(Map<String, @Nullable Object> object) {
        var fields = new LinkedHashMap<String, @Nullable Object>(object);
        String message = object.get("MESSAGE") instanceof String text ? text : "";
        LinuxMessage known =
                LinuxMessage.of(
                        SyslogLine.of(
                                -1,
                                null,
                                text(object, "_HOSTNAME"),
                                text(object, "SYSLOG_IDENTIFIER"),
                                text(object, "SYSLOG_PID"),
                                message));
        fields.putAll(known.fields());
        if (object.get("__REALTIME_TIMESTAMP") instanceof String micros) {
            fields.put(Times.FIELD, micros);
        }
        return new Known(fields, LogLines.source(known));
    }

    private static boolean has(Map<String, @Nullable Object> object, String name) {
        return object.get(name) != null;
    }

    private static String text(Map<String, @Nullable Object> object, String name) {
        return object.get(name) instanceof String text ? text : "";
    }
}
