package io.cybershield.ingest;

import io.cybershield.ingest.Event.Origin;
import io.cybershield.inputs.AccessLine;
import io.cybershield.inputs.LinuxMessage;
import io.cybershield.inputs.SyslogLine;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Linux daemons and web servers say; of a program that we do not know the syslog header alone.
 */
final class LinuxMapper {
    private LinuxMapper() {}

    /** Never fails: what is not known stays a base event with the header's fields. */
    static Draft map(SyslogLine line) {
        LinuxMessage message = LinuxMessage.of(line);
        var draft =
                new Draft(message.fields())
                        .product(line.app() == null ? "syslog" : line.app())
                        .log(message.service(), null)
                        .origin(Origin.linux(message.service()))
                        .time(line.time())
                        .host(line.host())
                        .user(message.text("user"))
                        .message(line.message())
                        .severity(severity(line.severity()));
        if (message.event() != null) {
            understood(draft, message, message.event());
        }
        return draft;
    }

    private static void understood(Draft draft, LinuxMessage message, LinuxMessage.Event event) {
        switch (event) {
            case LOGIN_ACCEPTED -> logon(draft, message, true);
            case LOGIN_FAILED, INVALID_USER, MAX_ATTEMPTS, NOT_ALLOWED, PAM_FAILURE ->
                    logon(draft, message, false);
            case DISCONNECTED ->
                    draft.type(EventClass.AUTHENTICATION, 2)
                            .put("user", user(message))
                            .put("service", Draft.named("sshd"))
                            .put("src_endpoint", from(message));
            case SESSION_OPENED, SESSION_CLOSED ->
                    draft.type(
                                    EventClass.AUTHENTICATION,
                                    event == LinuxMessage.Event.SESSION_OPENED ? 1 : 2)
                            .success(true)
                            .put("user", user(message))
                            .put("service", Draft.named(orUnknown(message.text("pam_service"))));
            case SUDO_COMMAND -> command(draft, message);
            case SUDO_REFUSED -> becomes(draft, message, "sudo", false);
            case SU -> becomes(draft, message, "su", true);
            case SU_FAILED -> becomes(draft, message, "su", false);
            case CRON_CMD -> job(draft, message, 6);
            case CRON_REPLACE, CRON_RELOAD, CRON_END_EDIT -> job(draft, message, 2);
            case CRON_DELETE -> job(draft, message, 3);
            case CRON_LIST, CRON_BEGIN_EDIT -> job(draft, message, 99);
            case ACCOUNT_CREATED -> account(draft, message, 1).success(true);
            case ACCOUNT_DELETED -> account(draft, message, 6).success(true);
            case PASSWORD_CHANGED -> account(draft, message, 3).success(true);
            case GROUP_MEMBER_ADDED -> account(draft, message, 99);
        }
    }

    private static void logon(Draft draft, LinuxMessage message, boolean accepted) {
        draft.type(EventClass.AUTHENTICATION, 1)
                .success(accepted)
                .severity(accepted ? 1 : 2)
                .put("user", user(message))
                .put(
                        "service",
                        Draft.named(message.program().isEmpty() ? "pam" : message.program()))
                .put("is_remote", message.text("src_ip") != null)
                .put("src_endpoint", from(message));
    }

    private static void command(Draft draft, LinuxMessage message) {
        String image = orUnknown(message.text("Image"));
        var process = new LinkedHashMap<String, Object>();
        process.put("uid", "unknown"); // sudo does not say the pid of what it runs
        process.put("name", image.substring(image.lastIndexOf('/') + 1));
        process.put("path", image);
        process.put("cmd_line", orUnknown(message.text("CommandLine")));
        process.put("user", Draft.named(orUnknown(message.text("User"))));
        draft.type(EventClass.PROCESS, 1)
                .success(true)
                .origin(new Origin("linux", "process_creation", "sudo", null, null))
                .put("process", process)
                .put("actor", actor(message));
    }

    /** Somebody wants to act as somebody else. */
    private static void becomes(Draft draft, LinuxMessage message, String by, boolean allowed) {
        String target = message.text("target_user");
        draft.type(EventClass.AUTHENTICATION, 7)
                .success(allowed)
                .severity(allowed ? 1 : 3)
                .put("user", Draft.named(target == null ? "root" : target))
                .put("service", Draft.named(by))
                .put("actor", actor(message));
    }

    private static void job(Draft draft, LinuxMessage message, int activity) {
        String command = message.text("command");
        var job = new LinkedHashMap<String, Object>();
        job.put("name", command == null || command.isEmpty() ? "crontab" : command);
        if (command != null) {
            job.put("cmd_line", command);
        }
        draft.type(EventClass.JOB, activity).put("job", job).put("actor", actor(message));
    }

    private static Draft account(Draft draft, LinuxMessage message, int activity) {
        return draft.type(EventClass.ACCOUNT_CHANGE, activity).put("user", user(message));
    }

    private static Map<String, Object> user(LinuxMessage message) {
        return Draft.named(orUnknown(message.text("user")));
    }

    private static Map<String, Object> actor(LinuxMessage message) {
        return new LinkedHashMap<>(Map.of("user", user(message)));
    }

    private static Map<String, Object> from(LinuxMessage message) {
        return Ocsf.peer(message.text("src_ip"), message.text("src_port"));
    }

    static Draft map(AccessLine line, @Nullable SyslogLine header) {
        String host = line.host() == null && header != null ? header.host() : line.host();
        var url = new LinkedHashMap<String, Object>();
        url.put("path", line.path());
        put(url, "query_string", line.query());
        var request = new LinkedHashMap<String, Object>();
        request.put("http_method", line.method());
        request.put("url", url);
        put(request, "user_agent", line.agent());
        put(request, "referrer", line.referrer());
        put(request, "version", line.version());
        var response = new LinkedHashMap<String, Object>();
        response.put("code", line.status());
        return new Draft(line.fields())
                .type(EventClass.HTTP, Ocsf.httpActivity(line.method()))
                .product("web server")
                .origin(new Origin(null, "webserver", null, null, null))
                .time(line.time())
                .host(host)
                .user(line.user())
                .success(line.status() < 400)
                .message(line.method() + " " + line.target() + " → " + line.status())
                .put("http_request", request)
                .put("http_response", response)
                .put("src_endpoint", Ocsf.peer(line.client(), null));
    }

    /** Syslog's 0 (emergency)..7 (debug) as OCSF's 1 (informational)..6 (fatal). */
    static int severity(int syslog) {
        return switch (syslog) {
            case 0 -> 6;
            case 1, 2 -> 5;
            case 3 -> 3;
            case 4 -> 2;
            default -> 1;
        };
    }

    private static String orUnknown(@Nullable String name) {
        return name == null || name.isBlank() ? "unknown" : name;
    }

    private static void put(Map<String, Object> fields, String name, @Nullable Object value) {
        if (value != null) {
            fields.put(name, value);
        }
    }
}
