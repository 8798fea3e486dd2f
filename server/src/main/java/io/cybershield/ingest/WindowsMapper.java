package io.cybershield.ingest;

import io.cybershield.ingest.Event.Origin;
import io.cybershield.inputs.Instants;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Windows events, Sysmon among them, in any of three shapes: as EVTX holds them ({@code Event} with
 * {@code System} and {@code EventData}), as beats send them ({@code winlog}), and flat.
 */
final class WindowsMapper {
    private static final String SYSMON = "microsoft-windows-sysmon/operational";

    /** OCSF has no other logon types. */
    private static final Set<Integer> LOGON_TYPES = Set.of(2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13);

    private WindowsMapper() {}

    /** Null when the record is no Windows event. */
    static @Nullable Draft map(Map<String, Object> root) {
        Map<String, Object> fields = flatten(root);
        if (fields == null) {
            return null;
        }
        String channel = text(fields, "Channel");
        int eventId = Ocsf.integer(fields.get("EventID"), -1);
        if (channel == null || eventId < 0) {
            return null;
        }
        var draft =
                new Draft(fields)
                        .product("Windows")
                        .log(channel, Integer.toString(eventId))
                        .origin(
                                new Origin(
                                        "windows", null, null, channel, Integer.toString(eventId)))
                        .time(time(fields))
                        .host(text(fields, "Computer"))
                        .user(anyUser(fields))
                        .severity(severity(fields.get("Level")))
                        .message(message(fields, channel, eventId));
        switch (channel.toLowerCase(Locale.ROOT)) {
            case SYSMON -> sysmon(draft, fields, eventId);
            case "security" -> security(draft, fields, eventId);
            default -> {}
        }
        return draft;
    }

    /** One flat map with the names that Sigma rules use; null when this is no Windows event. */
    private static @Nullable Map<String, Object> flatten(Map<String, Object> root) {
        if (root.get("Event") instanceof Map<?, ?> event
                && event.get("System") instanceof Map<?, ?> system) {
            var fields = new LinkedHashMap<String, Object>();
            system(fields, system);
            leaves(fields, event.get("EventData"));
            leaves(fields, event.get("UserData"));
            return fields;
        }
        if (root.get("winlog") instanceof Map<?, ?> winlog) {
            var fields = new LinkedHashMap<String, Object>();
            put(fields, "Channel", winlog.get("channel"));
            put(fields, "EventID", winlog.get("event_id"));
            put(fields, "Computer", winlog.get("computer_name"));
            put(fields, "Provider_Name", winlog.get("provider_name"));
            put(fields, "TimeCreated", root.get("@timestamp"));
            put(fields, "Message", root.get("message"));
            leaves(fields, winlog.get("event_data"));
            leaves(fields, winlog.get("user_data"));
            return fields;
        }
        Object id = root.containsKey("EventID") ? root.get("EventID") : root.get("EventId");
        Object channel = root.containsKey("Channel") ? root.get("Channel") : root.get("LogName");
        if (id == null || !(channel instanceof String)) {
            return null;
        }
        var fields = new LinkedHashMap<>(root);
        fields.put("EventID", id);
        fields.put("Channel", channel);
        for (String name : new String[] {"Hostname", "host", "MachineName", "ComputerName"}) {
            if (!fields.containsKey("Computer") && root.get(name) instanceof String host) {
                fields.put("Computer", host);
            }
        }
        for (String name : new String[] {"SourceName", "ProviderName"}) {
            if (!fields.containsKey("Provider_Name") && root.get(name) instanceof String provider) {
                fields.put("Provider_Name", provider);
            }
        }
        return fields;
    }

    private static void system(Map<String, Object> fields, Map<?, ?> system) {
        for (var entry : system.entrySet()) {
            String name = String.valueOf(entry.getKey());
            Object value = entry.getValue();
            if (value instanceof Map<?, ?> map) {
                Object attributes = map.containsKey("#attributes") ? map.get("#attributes") : map;
                if (attributes instanceof Map<?, ?> named) {
                    for (var one : named.entrySet()) {
                        if (!String.valueOf(one.getKey()).startsWith("#")) {
                            put(fields, name + "_" + one.getKey(), one.getValue());
                        }
                    }
                }
                put(fields, name, map.get("#text"));
            } else {
                put(fields, name, value);
            }
        }
    }

    /** EventData is flat; UserData nests one or two levels. Names keep their last part. */
    private static void leaves(Map<String, Object> fields, @Nullable Object data) {
        if (!(data instanceof Map<?, ?> map)) {
            return;
        }
        for (var entry : map.entrySet()) {
            String name = String.valueOf(entry.getKey());
            if (name.startsWith("#") || name.equals("xmlns")) {
                continue;
            }
            switch (entry.getValue()) {
                case null -> {}
                case Map<?, ?> inner when inner.containsKey("#text") ->
                        put(fields, name, inner.get("#text"));
                case Map<?, ?> inner -> leaves(fields, inner);
                case Object value -> fields.putIfAbsent(name, value);
            }
        }
    }

    private static void sysmon(Draft draft, Map<String, Object> f, int eventId) {
        Map<String, Object> process =
                Ocsf.process(text(f, "ProcessId"), text(f, "Image"), text(f, "CommandLine"));
        switch (eventId) {
            case 1 -> {
                Map<String, Object> parent =
                        Ocsf.process(
                                text(f, "ParentProcessId"),
                                text(f, "ParentImage"),
                                text(f, "ParentCommandLine"));
                hashes(process, f);
                user(process, text(f, "User"));
                if (!parent.isEmpty()) {
                    process.put("parent_process", identified(parent, f, "ParentProcessGuid"));
                }
                draft.type(EventClass.PROCESS, 1)
                        .put("process", identified(process, f))
                        .put("actor", Ocsf.actor(parent, text(f, "User")));
            }
            case 5 ->
                    draft.type(EventClass.PROCESS, 2)
                            .put("process", identified(process, f))
                            .put("actor", Ocsf.actor(process, text(f, "User")));
            case 8, 10 -> {
                Map<String, Object> target =
                        Ocsf.process(text(f, "TargetProcessId"), text(f, "TargetImage"), null);
                Map<String, Object> source =
                        Ocsf.process(text(f, "SourceProcessId"), text(f, "SourceImage"), null);
                draft.type(EventClass.PROCESS, eventId == 8 ? 4 : 3)
                        .put("process", identified(target, f))
                        .put("actor", Ocsf.actor(source, text(f, "SourceUser")));
                if (eventId == 8) {
                    draft.put("injection_type_id", 1);
                }
            }
            case 3 ->
                    draft.type(EventClass.NETWORK, 1)
                            .put(
                                    "src_endpoint",
                                    Ocsf.peer(
                                            text(f, "SourceIp"),
                                            text(f, "SourcePort"),
                                            text(f, "SourceHostname")))
                            .put(
                                    "dst_endpoint",
                                    Ocsf.peer(
                                            text(f, "DestinationIp"),
                                            text(f, "DestinationPort"),
                                            text(f, "DestinationHostname")))
                            .put(
                                    "connection_info",
                                    connection(text(f, "Protocol"), f.get("Initiated")))
                            .put("actor", Ocsf.actor(process, text(f, "User")));
            case 6, 7 -> {
                var module = new LinkedHashMap<String, Object>();
                module.put("load_type_id", 1);
                module.put("file", Ocsf.file(orEmpty(text(f, "ImageLoaded"))));
                draft.type(EventClass.MODULE, 1)
                        .put("module", module)
                        .put("actor", Ocsf.actor(process, text(f, "User")));
            }
            case 2, 11, 15, 23, 26 ->
                    draft.type(
                                    EventClass.FILE,
                                    switch (eventId) {
                                        case 23, 26 -> 4;
                                        case 2 -> 3;
                                        default -> 1;
                                    })
                            .put("file", Ocsf.file(orEmpty(text(f, "TargetFilename"))))
                            .put("actor", Ocsf.actor(process, text(f, "User")));
            case 12, 14 -> {
                String change = orEmpty(text(f, "EventType"));
                var key = new LinkedHashMap<String, Object>();
                key.put("path", orEmpty(text(f, "TargetObject")));
                draft.type(
                                EventClass.REGISTRY_KEY,
                                change.startsWith("Create")
                                        ? 1
                                        : change.startsWith("Delete")
                                                ? 4
                                                : change.startsWith("Rename") ? 5 : 3)
                        .put("reg_key", key)
                        .put("actor", Ocsf.actor(process, text(f, "User")));
            }
            case 13 -> {
                String path = orEmpty(text(f, "TargetObject"));
                int slash = path.lastIndexOf('\\');
                var value = new LinkedHashMap<String, Object>();
                value.put("name", path.substring(slash + 1));
                value.put("path", slash < 0 ? path : path.substring(0, slash));
                if (f.containsKey("Details")) {
                    value.put("data", orEmpty(text(f, "Details")));
                }
                draft.type(EventClass.REGISTRY_VALUE, 2)
                        .put("reg_value", value)
                        .put("actor", Ocsf.actor(process, text(f, "User")));
            }
            case 22 -> {
                var query = new LinkedHashMap<String, Object>();
                query.put("hostname", orEmpty(text(f, "QueryName")));
                draft.type(EventClass.DNS, 1)
                        .put("query", query)
                        .put("src_endpoint", Ocsf.peer(null, null, text(f, "Computer")))
                        .put("actor", Ocsf.actor(process, text(f, "User")));
            }
            default -> {}
        }
    }

    private static void security(Draft draft, Map<String, Object> f, int eventId) {
        switch (eventId) {
            case 4624, 4625, 4648, 4634, 4647, 4768, 4769, 4771, 4776 -> {
                boolean failed =
                        eventId == 4625
                                || eventId == 4771
                                || (eventId == 4776 || eventId == 4768 || eventId == 4769)
                                        && !isZero(text(f, "Status"));
                draft.type(
                                EventClass.AUTHENTICATION,
                                switch (eventId) {
                                    case 4634, 4647 -> 2;
                                    case 4768 -> 3;
                                    case 4769 -> 4;
                                    case 4771 -> 6;
                                    default -> 1;
                                })
                        .success(!failed)
                        .severity(failed ? 2 : 1)
                        .put("user", account(f, "Target"))
                        .put(
                                "actor",
                                Ocsf.actor(
                                        Ocsf.process(
                                                text(f, "ProcessId"), text(f, "ProcessName"), null),
                                        text(f, "SubjectUserName")))
                        .put(
                                "src_endpoint",
                                Ocsf.peer(
                                        text(f, "IpAddress"),
                                        text(f, "IpPort"),
                                        text(f, "WorkstationName")));
                String target = text(f, "TargetUserName");
                if (target != null) {
                    draft.user(target);
                }
                int logonType = Ocsf.integer(f.get("LogonType"), -1);
                if (logonType >= 0) {
                    draft.put("logon_type_id", LOGON_TYPES.contains(logonType) ? logonType : 99);
                }
            }
            case 4688 -> {
                Map<String, Object> process =
                        Ocsf.process(
                                text(f, "NewProcessId"),
                                text(f, "NewProcessName"),
                                text(f, "CommandLine"));
                Map<String, Object> parent =
                        Ocsf.process(text(f, "ProcessId"), text(f, "ParentProcessName"), null);
                user(process, text(f, "SubjectUserName"));
                draft.type(EventClass.PROCESS, 1)
                        .put("process", identified(process, f))
                        .put("actor", Ocsf.actor(parent, text(f, "SubjectUserName")));
            }
            case 4720, 4722, 4723, 4724, 4725, 4726, 4740, 4767 ->
                    draft.type(
                                    EventClass.ACCOUNT_CHANGE,
                                    switch (eventId) {
                                        case 4720 -> 1;
                                        case 4722 -> 2;
                                        case 4723 -> 3;
                                        case 4724 -> 4;
                                        case 4725 -> 5;
                                        case 4726 -> 6;
                                        case 4740 -> 9;
                                        default -> 12;
                                    })
                            .put("user", account(f, "Target"))
                            .put("actor", Ocsf.actor(Map.of(), text(f, "SubjectUserName")));
            case 4698, 4699, 4700, 4701, 4702 -> {
                var job = new LinkedHashMap<String, Object>();
                job.put("name", orEmpty(text(f, "TaskName")));
                draft.type(
                                EventClass.JOB,
                                switch (eventId) {
                                    case 4698 -> 1;
                                    case 4699 -> 3;
                                    case 4700 -> 4;
                                    case 4701 -> 5;
                                    default -> 2;
                                })
                        .put("job", job)
                        .put("actor", Ocsf.actor(Map.of(), text(f, "SubjectUserName")));
            }
            default -> {}
        }
    }

    private static Map<String, Object> identified(
            Map<String, Object> process, Map<String, Object> f) {
        return identified(process, f, "ProcessGuid");
    }

    /** A process has a pid or, failing that, a uid. */
    private static Map<String, Object> identified(
            Map<String, Object> process, Map<String, Object> f, String guidField) {
        if (!process.containsKey("pid")) {
            String guid = text(f, guidField);
            process.put("uid", guid == null ? "unknown" : guid);
        }
        return process;
    }

    private static void user(Map<String, Object> process, @Nullable String name) {
        if (name != null && !name.isBlank()) {
            process.put("user", Draft.named(name));
        }
    }

    private static void hashes(Map<String, Object> process, Map<String, Object> f) {
        String all = text(f, "Hashes");
        if (all == null || !(process.get("file") instanceof Map<?, ?>)) {
            return;
        }
        var list = new ArrayList<Map<String, Object>>();
        for (String one : all.split(",", -1)) {
            int equals = one.indexOf('=');
            int algorithm =
                    equals < 0
                            ? 0
                            : switch (one.substring(0, equals)) {
                                case "MD5" -> 1;
                                case "SHA1" -> 2;
                                case "SHA256" -> 3;
                                default -> 0;
                            };
            if (algorithm > 0) {
                var hash = new LinkedHashMap<String, Object>();
                hash.put("algorithm_id", algorithm);
                hash.put("value", one.substring(equals + 1));
                list.add(hash);
            }
        }
        if (!list.isEmpty()) {
            var image = new LinkedHashMap<String, Object>();
            image.putAll(Ocsf.file(orEmpty(text(f, "Image"))));
            image.put("hashes", list);
            process.put("file", image);
        }
    }

    private static Map<String, Object> account(Map<String, Object> f, String prefix) {
        var user = new LinkedHashMap<String, Object>();
        String name = text(f, prefix + "UserName");
        String sid = text(f, prefix + "Sid");
        if (sid == null) {
            sid = text(f, prefix + "UserSid");
        }
        user.put("name", name == null || name.isBlank() ? "unknown" : name);
        if (sid != null && !sid.isBlank()) {
            user.put("uid", sid);
        }
        String domain = text(f, prefix + "DomainName");
        if (domain != null && !domain.isBlank() && !domain.equals("-")) {
            user.put("domain", domain);
        }
        return user;
    }

    private static Map<String, Object> connection(
            @Nullable String protocol, @Nullable Object initiated) {
        var info = new LinkedHashMap<String, Object>();
        info.put(
                "direction_id",
                initiated == null ? 0 : "true".equalsIgnoreCase(initiated.toString()) ? 2 : 1);
        if (protocol != null && !protocol.isBlank()) {
            info.put("protocol_name", protocol);
        }
        return info;
    }

    private static @Nullable String anyUser(Map<String, Object> f) {
        for (String name :
                List.of("User", "SubjectUserName", "TargetUserName", "AccountName", "UserName")) {
            String value = text(f, name);
            if (value != null && !value.isBlank() && !value.equals("-")) {
                return value;
            }
        }
        return text(f, "Security_UserID");
    }

    private static String message(Map<String, Object> f, String channel, int eventId) {
        String said = text(f, "Message");
        if (said != null && !said.isBlank()) {
            int end = said.indexOf('\n');
            return (end < 0 ? said : said.substring(0, end)).strip();
        }
        var text = new StringBuilder();
        text.append(shortName(channel)).append(' ').append(eventId);
        for (String name :
                List.of(
                        "RuleName",
                        "Image",
                        "NewProcessName",
                        "CommandLine",
                        "TargetFilename",
                        "TargetObject",
                        "ImageLoaded",
                        "TargetImage",
                        "DestinationIp",
                        "QueryName",
                        "TargetUserName",
                        "IpAddress",
                        "ServiceName",
                        "ImagePath",
                        "TaskName",
                        "ScriptBlockText",
                        "param1")) {
            String value = text(f, name);
            if (value != null && !value.isBlank() && !value.equals("-")) {
                text.append(' ')
                        .append(name)
                        .append('=')
                        .append(value, 0, Math.min(300, value.length()));
            }
        }
        return text.toString();
    }

    private static String shortName(String channel) {
        return channel.equalsIgnoreCase(SYSMON)
                ? "Sysmon"
                : channel.replace("Microsoft-Windows-", "").replace("/Operational", "");
    }

    /** Windows levels: 1 critical, 2 error, 3 warning, 4 information. */
    private static int severity(@Nullable Object level) {
        return switch (Ocsf.integer(level, 4)) {
            case 1 -> 5;
            case 2 -> 3;
            case 3 -> 2;
            default -> 1;
        };
    }

    private static @Nullable Instant time(Map<String, Object> f) {
        for (String name :
                List.of(
                        "TimeCreated_SystemTime",
                        "TimeCreated",
                        "@timestamp",
                        "EventTime",
                        "UtcTime")) {
            Instant at = Instants.of(f.get(name));
            if (at != null) {
                return at;
            }
        }
        return null;
    }

    private static boolean isZero(@Nullable String status) {
        return status == null || status.matches("(0x)?0+");
    }

    static @Nullable String text(Map<String, Object> fields, String name) {
        return switch (fields.get(name)) {
            case null -> null;
            case String s -> s;
            case Object other -> other.toString();
        };
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static void put(Map<String, Object> fields, String name, @Nullable Object value) {
        if (value != null) {
            fields.put(name, value);
        }
    }
}
