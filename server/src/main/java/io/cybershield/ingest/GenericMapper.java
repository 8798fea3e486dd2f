package io.cybershield.ingest;

import io.cybershield.ingest.Event.Origin;
import io.cybershield.inputs.Instants;
import io.cybershield.inputs.SyslogLine;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON of any other kind: a base event that keeps every field under its own name. */
final class GenericMapper {
    private static final List<String> TIMES =
            List.of(
                    "time",
                    "timestamp",
                    "@timestamp",
                    "ts",
                    "eventTime",
                    "event_time",
                    "date",
                    "datetime");
    private static final List<String> HOSTS =
            List.of(
                    "host",
                    "hostname",
                    "host.name",
                    "computer",
                    "device",
                    "agent.name",
                    "_HOSTNAME");
    private static final List<String> USERS =
            List.of(
                    "user",
                    "username",
                    "user_name",
                    "user.name",
                    "userName",
                    "userIdentity.userName",
                    "account");
    private static final List<String> MESSAGES =
            List.of(
                    "message",
                    "msg",
                    "MESSAGE",
                    "log",
                    "eventName",
                    "event",
                    "action",
                    "description");
    private static final List<String> PROGRAMS =
            List.of("SYSLOG_IDENTIFIER", "program", "appname", "app_name", "process.name");

    /** In a syslog priority. */
    private static final int USER_FACILITY = 8;

    private GenericMapper() {}

    static Draft map(Map<String, Object> json) {
        String program = first(json, PROGRAMS);
        String message = first(json, MESSAGES);
        Instant time = time(json);
        String host = first(json, HOSTS);
        if (program != null && message != null) {
            return LinuxMapper.map(
                            SyslogLine.of(
                                    USER_FACILITY + (Ocsf.integer(json.get("PRIORITY"), 6) & 7),
                                    time,
                                    host,
                                    program,
                                    first(json, List.of("_PID", "pid")),
                                    message))
                    .also(json);
        }
        Draft draft =
                new Draft(json)
                        .product(product(json))
                        .origin(origin(json))
                        .time(time)
                        .host(host)
                        .user(first(json, USERS))
                        .message(message)
                        .severity(severity(json));
        return isOwnSignIn(json)
                ? draft.type(EventClass.AUTHENTICATION, 1)
                        .success(Boolean.TRUE.equals(json.get("success")))
                        .put("src_endpoint", Ocsf.peer(string(json.get("src_ip")), null, null))
                : draft;
    }

    /** Of this product; nothing follows from it, so whoever writes the same is read the same. */
    private static boolean isOwnSignIn(Map<String, Object> json) {
        return json.get("logsource") instanceof Map<?, ?> told
                && OwnEvents.PRODUCT.equals(told.get("product"))
                && OwnEvents.SIGN_IN.equals(told.get("service"));
    }

    /** The words of the Sigma taxonomy, where a record tells them or shows them. */
    private static Origin origin(Map<String, Object> json) {
        if (json.get("logsource") instanceof Map<?, ?> told) {
            return new Origin(
                    string(told.get("product")),
                    string(told.get("category")),
                    string(told.get("service")),
                    null,
                    null);
        }
        if (json.containsKey("eventSource") && json.containsKey("eventName")) {
            return new Origin("aws", null, "cloudtrail", null, null);
        }
        if (json.containsKey("cs-method") || json.containsKey("cs-uri-stem")) {
            return new Origin(null, "webserver", null, null, null);
        }
        return Origin.UNKNOWN;
    }

    private static String product(Map<String, Object> json) {
        String named = first(json, List.of("product", "product.name", "eventSource", "vendor"));
        return named == null ? "JSON" : named;
    }

    private static @Nullable Instant time(Map<String, Object> json) {
        if (json.get("__REALTIME_TIMESTAMP") instanceof String micros
                && micros.matches("\\d{15,17}")) {
            return Instant.ofEpochMilli(Long.parseLong(micros) / 1000);
        }
        for (String name : TIMES) {
            Instant at = Instants.of(json.get(name));
            if (at != null) {
                return at;
            }
        }
        return null;
    }

    private static int severity(Map<String, Object> json) {
        String word = first(json, List.of("severity", "level", "log.level"));
        return switch (word == null ? "" : word.toLowerCase(Locale.ROOT)) {
            case "fatal", "emergency", "panic" -> 6;
            case "critical", "crit", "alert" -> 5;
            case "high", "error", "err" -> 4;
            case "medium", "warning", "warn" -> 3;
            case "low", "notice" -> 2;
            default -> 1;
        };
    }

    /** The first of these names that has text or a number; a dot goes one level down. */
    private static @Nullable String first(Map<String, Object> json, List<String> names) {
        for (String name : names) {
            Object value = json.get(name);
            int dot = name.indexOf('.');
            if (value == null
                    && dot > 0
                    && json.get(name.substring(0, dot)) instanceof Map<?, ?> inner) {
                value = inner.get(name.substring(dot + 1));
            }
            String text = string(value);
            if (text != null && !text.isBlank()) {
                return text;
            }
        }
        return null;
    }

    private static @Nullable String string(@Nullable Object value) {
        return switch (value) {
            case String s -> s;
            case Number n -> n.toString();
            case null, default -> null;
        };
    }
}
