package io.cybershield.ingest;

import io.cybershield.ingest.Event.Origin;
import io.cybershield.inputs.DeviceEvent;
import io.cybershield.inputs.DeviceEvent.Verdict;
import io.cybershield.inputs.SyslogLine;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What firewalls, proxies and other security products say in CEF and LEEF. */
final class DeviceMapper {
    private DeviceMapper() {}

    static Draft map(DeviceEvent event, @Nullable SyslogLine header, Instant receivedAt) {
        Instant time = event.time(receivedAt);
        String host = event.host();
        int severity = severity(event.level());
        if (header != null) {
            time = time == null ? header.time() : time;
            host = host == null ? header.host() : host;
            severity = severity == 0 ? LinuxMapper.severity(header.severity()) : severity;
        }
        var draft =
                new Draft(event.fields())
                        .product(event.vendor(), event.product(), event.version())
                        .log(
                                event.format().name().toLowerCase(Locale.ROOT),
                                event.id().isEmpty() ? null : event.id())
                        .origin(
                                new Origin(
                                        event.logProduct(),
                                        event.logCategory(),
                                        event.logService(),
                                        null,
                                        null))
                        .time(time)
                        .host(host)
                        .user(event.user())
                        .severity(severity)
                        .message(title(event));
        switch (event.kind()) {
            case LOGIN -> login(draft, event);
            case DETECTION -> detection(draft, event);
            case WEB -> web(draft, event);
            case NETWORK -> network(draft, event);
            case OTHER -> {}
        }
        return draft;
    }

    /** CEF's 0 to 10 in its four words, which are OCSF's; 0 where it was not said. */
    private static int severity(int level) {
        return level < 0
                ? 0
                : level == 0 ? 1 : level <= 3 ? 2 : level <= 6 ? 3 : level <= 8 ? 4 : 5;
    }

    private static String title(DeviceEvent event) {
        String title = event.name().isBlank() ? event.first("msg", "cat", "policy") : event.name();
        return title == null ? (event.product() + " " + event.id()).strip() : title;
    }

    private static void login(Draft draft, DeviceEvent event) {
        Boolean succeeded = event.succeeded();
        if (succeeded != null) {
            draft.success(succeeded);
        }
        draft.type(EventClass.AUTHENTICATION, event.isLogout() ? 2 : 1)
                .put("user", Draft.named(String.valueOf(event.user())))
                .put("service", Draft.named(service(event)))
                .put("src_endpoint", source(event));
    }

    private static String service(DeviceEvent event) {
        return event.product().isBlank() ? "unknown" : event.product();
    }

    private static void detection(Draft draft, DeviceEvent event) {
        var finding = new LinkedHashMap<String, Object>();
        String said = event.first("externalId");
        finding.put("uid", said == null ? title(event) : said);
        finding.put("title", title(event));
        String description = event.first("msg");
        if (description != null) {
            finding.put("desc", description);
        }
        var evidence = new LinkedHashMap<String, Object>();
        put(evidence, "src_endpoint", source(event));
        put(evidence, "dst_endpoint", destination(event));
        put(evidence, "url", url(event));
        String file = event.first("filePath", "fname");
        if (file != null) {
            evidence.put("file", Ocsf.file(file));
        }
        if (event.user() instanceof String user) {
            evidence.put("user", Draft.named(user));
        }
        draft.type(EventClass.DETECTION_FINDING, 1)
                .put("finding_info", finding)
                .put("evidences", evidence.isEmpty() ? null : List.of(evidence));
        decided(draft, event);
    }

    private static void web(Draft draft, DeviceEvent event) {
        var request = new LinkedHashMap<String, Object>();
        String method = String.valueOf(event.method()).toUpperCase(Locale.ROOT);
        request.put("http_method", method);
        put(request, "url", url(event));
        String agent = event.first("requestClientApplication");
        if (agent != null) {
            request.put("user_agent", agent);
        }
        int code = Ocsf.integer(event.first("http_code", "status", "response_code"), -1);
        draft.type(EventClass.HTTP, Ocsf.httpActivity(method))
                .put("http_request", request)
                .put("http_response", code < 0 ? null : new LinkedHashMap<>(Map.of("code", code)))
                .put("src_endpoint", source(event))
                .put("dst_endpoint", destination(event));
        decided(draft, event);
    }

    private static void network(Draft draft, DeviceEvent event) {
        Verdict verdict = event.verdict();
        var connection = new LinkedHashMap<String, Object>();
        String direction = event.first("deviceDirection");
        connection.put("direction_id", "0".equals(direction) ? 1 : "1".equals(direction) ? 2 : 0);
        String protocol = event.first("proto");
        if (protocol != null) {
            connection.put("protocol_name", protocol.toLowerCase(Locale.ROOT));
        }
        draft.type(EventClass.NETWORK, verdict == null ? 6 : verdict == Verdict.ALLOWED ? 1 : 5)
                .put("src_endpoint", source(event))
                .put("dst_endpoint", destination(event))
                .put("connection_info", connection);
        decided(draft, event);
    }

    private static void decided(Draft draft, DeviceEvent event) {
        Verdict verdict = event.verdict();
        if (verdict != null) {
            draft.decided(verdict == Verdict.ALLOWED ? 1 : 2);
        }
    }

    private static Map<String, Object> source(DeviceEvent event) {
        return Ocsf.peer(event.source(), event.sourcePort());
    }

    private static Map<String, Object> destination(DeviceEvent event) {
        return Ocsf.peer(event.destination(), event.destinationPort());
    }

    private static Map<String, Object> url(DeviceEvent event) {
        var url = new LinkedHashMap<String, Object>();
        if (event.url() instanceof String text) {
            url.put("url_string", text);
        }
        return url;
    }

    private static void put(Map<String, Object> into, String name, Map<String, Object> value) {
        if (!value.isEmpty()) {
            into.put(name, value);
        }
    }
}
