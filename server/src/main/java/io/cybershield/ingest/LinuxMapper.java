package io.cybershield.ingest;

import io.cybershield.ingest.Event.Origin;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What Linux daemons say through syslog: sshd, sudo, su, PAM, cron, account tools; of any other
 * program the header alone. The record's own names ({@code program}, {@code user}, {@code src_ip},
 * {@code command}, ...) are what Sigma rules may ask for.
 */
final class LinuxMapper {
    private static final String FROM = " from (\\S+)(?: port (\\d+))?.*";
    private static final Pattern SSH_TRIED =
            Pattern.compile(
                    "(Accepted|Failed|Postponed|Partial) (\\S+) for (invalid user |illegal user"
                            + " )?(.{0,256}?)"
                            + FROM);
    private static final Pattern SSH_INVALID =
            Pattern.compile("(?:Invalid|Illegal) user (.{0,256}?)" + FROM);
    private static final Pattern SSH_MAX =
            Pattern.compile(
                    "(?:error: )?maximum authentication attempts exceeded for (invalid user"
                            + " )?(.{0,256}?)"
                            + FROM);
    private static final Pattern SSH_NOT_ALLOWED =
            Pattern.compile("User (\\S+) from (\\S+) not allowed because .*");
    private static final Pattern SSH_CLOSED =
            Pattern.compile(
                    "(?:Connection (?:closed|reset) by|Received disconnect from|Disconnected"
                            + " from|Disconnecting) (?:(invalid user|authenticating user|user)"
                            + " )?(?:(\\S+) )?([0-9a-fA-F:.]{3,45})(?: port (\\d+))?.*");
    private static final Pattern PAM_SESSION =
            Pattern.compile(
                    "pam_unix\\(([^:)]+):session\\): session (opened|closed) for user"
                            + " ([^\\s(]+).*");
    private static final Pattern PAM_FAILURE =
            Pattern.compile(
                    ".*authentication failure; .*?(?:rhost=(\\S*))?\\s*(?:user=(\\S+))?\\s*");
    private static final Pattern SUDO =
            Pattern.compile("\\s*(\\S+) : (.*?)(?:; )?COMMAND=(.*)", Pattern.DOTALL);
    private static final Pattern SUDO_PART = Pattern.compile("(TTY|PWD|USER|GROUP)=(.*?) ; ");
    private static final Pattern CRON =
            Pattern.compile(
                    "\\((\\S+)\\) (CMD|RELOAD|LIST|REPLACE|BEGIN EDIT|END"
                            + " EDIT|DELETE)\\s*\\((.*)\\)\\s*");
    private static final Pattern USERADD =
            Pattern.compile("(new user|new group|delete user|removed user): name=([^,]+).*");
    private static final Pattern USERADD_QUOTED = Pattern.compile("(delete) user '([^']+)'.*");
    private static final Pattern ADDED_TO_GROUP =
            Pattern.compile("add '([^']+)' to (?:shadow )?group '([^']+)'.*");
    private static final Pattern PASSWORD_CHANGED =
            Pattern.compile(".*password changed for (\\S+).*");
    private static final Pattern SU_FAILED =
            Pattern.compile(
                    "(?:FAILED SU|BAD SU|failed:) ?\\(?(?:to )?(\\S+?)\\)? (\\S+) on (\\S+).*");
    private static final Pattern SU_TO = Pattern.compile("\\(to (\\S+)\\) (\\S+) on (\\S+).*");

    private static final Pattern ACCESS_LOG =
            Pattern.compile(
                    "(?:(\\S+) )??([0-9a-fA-F:.]{3,45}) \\S+ (\\S+) \\[([^\\]]{10,40})\\]"
                        + " \"(\\S{1,20}) (\\S{1,8000})(?: (HTTP/[0-9.]+))?\" (\\d{3}) (\\d+|-)(?:"
                        + " \"((?:[^\"\\\\]|\\\\.){0,4000})\""
                        + " \"((?:[^\"\\\\]|\\\\.){0,4000})\")?.*",
                    Pattern.DOTALL);
    private static final java.time.format.DateTimeFormatter ACCESS_TIME =
            java.time.format.DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH);

    private static final Set<String> ACCOUNT_TOOLS =
            Set.of(
                    "useradd",
                    "userdel",
                    "usermod",
                    "groupadd",
                    "groupdel",
                    "adduser",
                    "deluser",
                    "passwd",
                    "chpasswd",
                    "gpasswd");
    private static final List<String> METHODS =
            List.of(
                    "", "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT", "TRACE",
                    "PATCH");

    private LinuxMapper() {}

    /** Never fails: what no pattern fits stays a base event with the header's fields. */
    static Draft map(SyslogLine line) {
        var fields = new LinkedHashMap<String, Object>();
        put(fields, "program", line.app());
        put(fields, "pid", line.pid());
        put(fields, "hostname", line.host());
        put(fields, "msgid", line.messageId());
        fields.put("message", line.message());
        fields.put("facility", line.facility());
        fields.put("severity", line.severity());
        if (!line.structured().isEmpty()) {
            fields.put("structured_data", line.structured());
        }
        String program = program(line.app());
        var draft =
                new Draft(fields)
                        .product(line.app() == null ? "syslog" : line.app())
                        .log(service(program, line.facility()), null)
                        .origin(Origin.linux(service(program, line.facility())))
                        .time(line.time())
                        .host(line.host())
                        .message(line.message())
                        .severity(severity(line.severity()));
        if (!line.headed()) {
            draft.notUnderstood();
        }
        understand(draft, fields, program, line.message());
        return draft;
    }

    private static void understand(
            Draft draft, Map<String, Object> fields, String program, String message) {
        boolean done =
                switch (program) {
                    case "sshd" -> sshd(draft, fields, message);
                    case "sudo" -> sudo(draft, fields, message);
                    case "su" -> su(draft, fields, message);
                    case "cron", "crontab" -> cron(draft, fields, message);
                    default -> ACCOUNT_TOOLS.contains(program) && account(draft, fields, message);
                };
        if (!done) {
            pam(draft, fields, program, message);
        }
    }

    private static boolean sshd(Draft draft, Map<String, Object> fields, String message) {
        Matcher m = SSH_TRIED.matcher(message);
        if (m.matches()) {
            boolean accepted = "Accepted".equals(m.group(1));
            boolean failed = "Failed".equals(m.group(1));
            if (!accepted && !failed) {
                return false;
            }
            fields.put("event", accepted ? "login-accepted" : "login-failed");
            put(fields, "method", m.group(2));
            fields.put("invalid_user", m.group(3) != null);
            logon(draft, fields, m.group(4), m.group(5), m.group(6), accepted, true);
            return true;
        }
        m = SSH_INVALID.matcher(message);
        if (m.matches()) {
            fields.put("event", "invalid-user");
            fields.put("invalid_user", true);
            logon(draft, fields, m.group(1), m.group(2), m.group(3), false, true);
            return true;
        }
        m = SSH_MAX.matcher(message);
        if (m.matches()) {
            fields.put("event", "max-attempts");
            logon(draft, fields, m.group(2), m.group(3), m.group(4), false, true);
            return true;
        }
        m = SSH_NOT_ALLOWED.matcher(message);
        if (m.matches()) {
            fields.put("event", "not-allowed");
            logon(draft, fields, m.group(1), m.group(2), null, false, true);
            return true;
        }
        m = SSH_CLOSED.matcher(message);
        if (m.matches()) {
            fields.put("event", "disconnected");
            put(fields, "user", m.group(2));
            put(fields, "src_ip", m.group(3));
            draft.user(m.group(2))
                    .type(EventClass.AUTHENTICATION, 2)
                    .put("user", Draft.named(orUnknown(m.group(2))))
                    .put("service", Draft.named("sshd"))
                    .put("src_endpoint", WindowsMapper.peer(m.group(3), m.group(4), null));
            return true;
        }
        return false;
    }

    private static void logon(
            Draft draft,
            Map<String, Object> fields,
            @Nullable String user,
            @Nullable String address,
            @Nullable String port,
            boolean accepted,
            boolean remote) {
        put(fields, "user", user);
        put(fields, "src_ip", address);
        put(fields, "src_port", port);
        draft.user(user)
                .type(EventClass.AUTHENTICATION, 1)
                .success(accepted)
                .severity(accepted ? 1 : 2)
                .put("user", Draft.named(orUnknown(user)))
                .put("service", Draft.named(String.valueOf(fields.getOrDefault("program", "pam"))))
                .put("is_remote", remote)
                .put(
                        "src_endpoint",
                        address == null
                                ? null
                                : address.matches("[0-9a-fA-F:.]+")
                                        ? WindowsMapper.peer(address, port, null)
                                        : WindowsMapper.peer(null, port, address));
    }

    private static boolean sudo(Draft draft, Map<String, Object> fields, String message) {
        Matcher m = SUDO.matcher(message);
        if (!m.matches()) {
            return false;
        }
        String user = orUnknown(m.group(1));
        String about = orUnknown(m.group(2)) + " ; ";
        String command = String.valueOf(m.group(3)).strip();
        fields.put("user", user);
        fields.put("command", command);
        Matcher part = SUDO_PART.matcher(about);
        String target = "root";
        while (part.find()) {
            String name = String.valueOf(part.group(1)).toLowerCase(Locale.ROOT);
            String value = String.valueOf(part.group(2)).strip();
            fields.put(name.equals("user") ? "target_user" : name, value);
            if (name.equals("user")) {
                target = value;
            }
        }
        boolean refused =
                about.contains("incorrect password")
                        || about.contains("NOT in sudoers")
                        || about.contains("command not allowed")
                        || about.contains("not allowed to execute");
        int space = command.indexOf(' ');
        String image = space < 0 ? command : command.substring(0, space);
        fields.put("event", refused ? "sudo-refused" : "sudo-command");
        fields.put("Image", image);
        fields.put("CommandLine", command);
        fields.put("User", target);
        draft.user(user);
        if (refused) {
            draft.type(EventClass.AUTHENTICATION, 7)
                    .success(false)
                    .severity(3)
                    .put("user", Draft.named(target))
                    .put("service", Draft.named("sudo"))
                    .put("actor", new LinkedHashMap<>(Map.of("user", Draft.named(user))));
            return true;
        }
        var process = new LinkedHashMap<String, Object>();
        process.put("uid", "unknown"); // sudo does not say the pid of what it runs
        process.put("name", image.substring(image.lastIndexOf('/') + 1));
        process.put("path", image);
        process.put("cmd_line", command);
        process.put("user", Draft.named(target));
        draft.type(EventClass.PROCESS, 1)
                .success(true)
                .origin(new Origin("linux", "process_creation", "sudo", null, null))
                .put("process", process)
                .put("actor", new LinkedHashMap<>(Map.of("user", Draft.named(user))));
        return true;
    }

    private static boolean su(Draft draft, Map<String, Object> fields, String message) {
        Matcher m = SU_FAILED.matcher(message);
        boolean failed = m.matches();
        if (!failed) {
            m = SU_TO.matcher(message);
            if (!m.matches()) {
                return false;
            }
        }
        fields.put("event", failed ? "su-failed" : "su");
        put(fields, "target_user", m.group(1));
        put(fields, "user", m.group(2));
        put(fields, "tty", m.group(3));
        draft.user(m.group(2))
                .type(EventClass.AUTHENTICATION, 7)
                .success(!failed)
                .severity(failed ? 3 : 1)
                .put("user", Draft.named(orUnknown(m.group(1))))
                .put("service", Draft.named("su"))
                .put(
                        "actor",
                        new LinkedHashMap<>(Map.of("user", Draft.named(orUnknown(m.group(2))))));
        return true;
    }

    private static boolean cron(Draft draft, Map<String, Object> fields, String message) {
        Matcher m = CRON.matcher(message);
        if (!m.matches()) {
            return false;
        }
        String user = orUnknown(m.group(1));
        String what = String.valueOf(m.group(2));
        String command = String.valueOf(m.group(3)).strip();
        fields.put("user", user);
        fields.put("event", "cron-" + what.toLowerCase(Locale.ROOT).replace(' ', '-'));
        draft.user(user);
        var job = new LinkedHashMap<String, Object>();
        job.put("name", command.isEmpty() ? "crontab" : command);
        if (what.equals("CMD")) {
            fields.put("command", command);
            fields.put("CommandLine", command);
            job.put("cmd_line", command);
        }
        draft.type(
                        EventClass.JOB,
                        switch (what) {
                            case "CMD" -> 6;
                            case "REPLACE", "RELOAD", "END EDIT" -> 2;
                            case "DELETE" -> 3;
                            default -> 99;
                        })
                .put("job", job)
                .put("actor", new LinkedHashMap<>(Map.of("user", Draft.named(user))));
        return true;
    }

    private static boolean account(Draft draft, Map<String, Object> fields, String message) {
        Matcher m = USERADD.matcher(message);
        if (!m.matches()) {
            m = USERADD_QUOTED.matcher(message);
        }
        if (m.matches()) {
            boolean removed = String.valueOf(m.group(1)).matches("delete.*|removed.*");
            String name = orUnknown(m.group(2));
            fields.put("event", removed ? "account-deleted" : "account-created");
            fields.put("user", name);
            draft.user(name)
                    .type(EventClass.ACCOUNT_CHANGE, removed ? 6 : 1)
                    .success(true)
                    .put("user", Draft.named(name));
            return true;
        }
        m = ADDED_TO_GROUP.matcher(message);
        if (m.matches()) {
            fields.put("event", "group-member-added");
            put(fields, "user", m.group(1));
            put(fields, "group", m.group(2));
            draft.user(m.group(1))
                    .type(EventClass.ACCOUNT_CHANGE, 99)
                    .put("user", Draft.named(orUnknown(m.group(1))));
            return true;
        }
        m = PASSWORD_CHANGED.matcher(message);
        if (m.matches()) {
            fields.put("event", "password-changed");
            put(fields, "user", m.group(1));
            draft.user(m.group(1))
                    .type(EventClass.ACCOUNT_CHANGE, 3)
                    .success(true)
                    .put("user", Draft.named(orUnknown(m.group(1))));
            return true;
        }
        return false;
    }

    private static void pam(
            Draft draft, Map<String, Object> fields, String program, String message) {
        Matcher m = PAM_SESSION.matcher(message);
        if (m.matches()) {
            boolean opened = "opened".equals(m.group(2));
            fields.put("event", opened ? "session-opened" : "session-closed");
            put(fields, "user", m.group(3));
            draft.user(m.group(3))
                    .type(EventClass.AUTHENTICATION, opened ? 1 : 2)
                    .success(true)
                    .put("user", Draft.named(orUnknown(m.group(3))))
                    .put("service", Draft.named(orUnknown(m.group(1))));
            return;
        }
        if (message.contains("authentication failure;")) {
            m = PAM_FAILURE.matcher(message);
            String user = null;
            String address = null;
            if (m.matches()) {
                user = m.group(2);
                address = m.group(1);
            }
            fields.put("event", "pam-failure");
            logon(
                    draft,
                    fields,
                    user,
                    address == null || address.isEmpty() ? null : address,
                    null,
                    false,
                    address != null && !address.isEmpty());
            draft.put("service", Draft.named(program.isEmpty() ? "pam" : program));
        }
    }

    /** A line of a web server's access log, common or combined format; null for any other. */
    static @Nullable Draft accessLog(String line) {
        if (line.indexOf('[') < 0 || line.indexOf('"') < 0) {
            return null;
        }
        Matcher m = ACCESS_LOG.matcher(line);
        if (!m.matches()) {
            return null;
        }
        Instant time;
        try {
            time = Instant.from(ACCESS_TIME.parse(String.valueOf(m.group(4))));
        } catch (java.time.DateTimeException e) {
            return null;
        }
        String method = String.valueOf(m.group(5));
        String target = String.valueOf(m.group(6));
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        String query = question < 0 ? null : target.substring(question + 1);
        int status = WindowsMapper.integer(m.group(8), 0);
        var fields = new LinkedHashMap<String, Object>();
        put(fields, "cs-host", m.group(1));
        put(fields, "c-ip", m.group(2));
        put(fields, "cs-username", "-".equals(m.group(3)) ? null : m.group(3));
        fields.put("cs-method", method);
        fields.put("cs-uri", target);
        fields.put("cs-uri-stem", path);
        put(fields, "cs-uri-query", query);
        fields.put("sc-status", status);
        put(fields, "sc-bytes", "-".equals(m.group(9)) ? null : m.group(9));
        put(fields, "cs-referer", m.group(10));
        put(fields, "cs-user-agent", m.group(11));
        var url = new LinkedHashMap<String, Object>();
        url.put("path", path);
        put(url, "query_string", query);
        var request = new LinkedHashMap<String, Object>();
        request.put("http_method", method);
        request.put("url", url);
        put(request, "user_agent", m.group(11));
        put(request, "referrer", m.group(10));
        put(request, "version", m.group(7));
        var response = new LinkedHashMap<String, Object>();
        response.put("code", status);
        int activity = METHODS.indexOf(method);
        return new Draft(fields)
                .type(EventClass.HTTP, activity < 1 ? 99 : activity)
                .product("web server")
                .origin(new Origin(null, "webserver", null, null, null))
                .time(time)
                .host(m.group(1))
                .user("-".equals(m.group(3)) ? null : m.group(3))
                .success(status < 400)
                .message(method + " " + target + " → " + status)
                .put("http_request", request)
                .put("http_response", response)
                .put("src_endpoint", WindowsMapper.peer(m.group(2), null, null));
    }

    private static String program(@Nullable String app) {
        if (app == null) {
            return "";
        }
        String name = app.substring(app.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
        return switch (name) {
            case "sshd-session", "sshd-auth" -> "sshd"; // OpenSSH 9.8 split the daemon
            case "crond", "anacron" -> "cron";
            default -> {
                int paren = name.indexOf('(');
                yield paren > 0 ? name.substring(0, paren) : name;
            }
        };
    }

    private static String service(String program, int facility) {
        return switch (program) {
            case "" -> "syslog";
            case "crontab" -> "cron";
            default ->
                    ACCOUNT_TOOLS.contains(program)
                            ? "auth"
                            : Set.of("sshd", "sudo", "su", "cron", "systemd", "kernel", "login")
                                            .contains(program)
                                    ? program
                                    : facility == 4 || facility == 10 ? "auth" : "syslog";
        };
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
