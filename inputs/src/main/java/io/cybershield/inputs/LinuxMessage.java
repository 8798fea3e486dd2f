package io.cybershield.inputs;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What daemons of Linux say through syslog: sshd, sudo, su, PAM, cron, account tools; of any other
 * program the header alone.
 *
 * @param program one name for each: {@code CROND}, {@code /usr/sbin/cron} and {@code cron} are one;
 *     empty when not said
 * @param service as log sources of Sigma call it
 * @param event null when the message is not one we know
 * @param fields under the names that the product's own rules ask for: {@code event}, {@code user},
 *     {@code target_user}, {@code src_ip}, {@code command}, ... besides those of the header
 */
public record LinuxMessage(
        String program, String service, @Nullable Event event, Map<String, Object> fields) {

    /** What happened. */
    public enum Event {
        LOGIN_ACCEPTED,
        LOGIN_FAILED,
        INVALID_USER,
        MAX_ATTEMPTS,
        NOT_ALLOWED,
        DISCONNECTED,
        PAM_FAILURE,
        SESSION_OPENED,
        SESSION_CLOSED,
        SUDO_COMMAND,
        SUDO_REFUSED,
        SU,
        SU_FAILED,
        CRON_CMD,
        CRON_RELOAD,
        CRON_LIST,
        CRON_REPLACE,
        CRON_BEGIN_EDIT,
        CRON_END_EDIT,
        CRON_DELETE,
        ACCOUNT_CREATED,
        ACCOUNT_DELETED,
        GROUP_MEMBER_ADDED,
        PASSWORD_CHANGED;

        /** As rules write it: {@code login-failed}. */
        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final String FROM = " from (\\S+)(?: port (\\d+))?.*";
    private static final Pattern SSH_TRIED =
            Pattern.compile(
                    "(Accepted|Failed) (\\S+) for (invalid user |illegal user )?(.{0,256}?)"
                            + FROM);
    private static final Pattern SSH_INVALID =
            Pattern.compile("(?:Invalid|Illegal) user (.{0,256}?)" + FROM);
    private static final Pattern SSH_MAX =
            Pattern.compile(
                    "(?:error: )?maximum authentication attempts exceeded for (?:invalid user"
                            + " )?(.{0,256}?)"
                            + FROM);
    private static final Pattern SSH_NOT_ALLOWED =
            Pattern.compile("User (\\S+) from (\\S+) not allowed because .*");
    private static final Pattern SSH_CLOSED =
            Pattern.compile(
                    "(?:Connection (?:closed|reset) by|Received disconnect from|Disconnected"
                            + " from|Disconnecting) (?:(?:invalid user|authenticating user|user)"
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
    private static final Pattern ACCOUNT =
            Pattern.compile("(new user|new group|delete user|removed user): name=([^,]+).*");
    private static final Pattern ACCOUNT_DELETED = Pattern.compile("delete user '([^']+)'.*");
    private static final Pattern ADDED_TO_GROUP =
            Pattern.compile("add '([^']+)' to (?:shadow )?group '([^']+)'.*");
    private static final Pattern PASSWORD_CHANGED =
            Pattern.compile(".*password changed for (\\S+).*");
    private static final Pattern SU_FAILED =
            Pattern.compile(
                    "(?:FAILED SU|BAD SU|failed:) ?\\(?(?:to )?(\\S+?)\\)? (\\S+) on (\\S+).*");
    private static final Pattern SU_TO = Pattern.compile("\\(to (\\S+)\\) (\\S+) on (\\S+).*");
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

    /** Never fails: of what no pattern fits there are the header's fields. */
    public static LinuxMessage of(SyslogLine line) {
        var fields = new LinkedHashMap<String, Object>();
        put(fields, "program", line.app());
        put(fields, "pid", line.pid());
        put(fields, "hostname", line.host());
        put(fields, "msgid", line.messageId());
        fields.put("message", line.message());
        if (line.priority() >= 0) {
            fields.put("facility", (long) line.facility());
            fields.put("severity", (long) line.severity());
        }
        if (!line.structured().isEmpty()) {
            fields.put("structured_data", line.structured());
        }
        String program = program(line.app());
        Event event = event(program, line.message(), fields);
        if (event != null) {
            fields.put("event", event.word());
        }
        return new LinuxMessage(program, service(program, line.facility()), event, fields);
    }

    /** One of the fields as text. */
    public @Nullable String text(String name) {
        return fields.get(name) instanceof String text ? text : null;
    }

    private static String program(@Nullable String given) {
        if (given == null) {
            return "";
        }
        String name = given.substring(given.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
        return switch (name) {
            case "crond", "anacron" -> "cron";
            case "sshd-session", "sshd-auth" -> "sshd"; // OpenSSH 9.8 split the daemon
            default -> name.indexOf('(') > 0 ? name.substring(0, name.indexOf('(')) : name;
        };
    }

    private static String service(String program, int facility) {
        return switch (program) {
            case "sshd", "sudo", "su", "cron", "systemd", "kernel", "login", "vsftpd" -> program;
            case "crontab" -> "cron";
            case "clamd", "clamav", "freshclam", "clamscan" -> "clamav";
            case "guacd", "guacamole" -> "guacamole";
            default ->
                    ACCOUNT_TOOLS.contains(program) || facility == 4 || facility == 10
                            ? "auth"
                            : "syslog";
        };
    }

    private static @Nullable Event event(
            String program, String message, Map<String, Object> fields) {
        Event event =
                switch (program) {
                    case "sshd" -> sshd(fields, message);
                    case "sudo" -> sudo(fields, message);
                    case "su" -> su(fields, message);
                    case "cron", "crontab" -> cron(fields, message);
                    default -> ACCOUNT_TOOLS.contains(program) ? account(fields, message) : null;
                };
        return event == null ? pam(fields, message) : event;
    }

    private static @Nullable Event sshd(Map<String, Object> fields, String message) {
        Matcher m = SSH_TRIED.matcher(message);
        if (m.matches()) {
            put(fields, "method", m.group(2));
            fields.put("invalid_user", m.group(3) != null);
            from(fields, m.group(4), m.group(5), m.group(6));
            return "Accepted".equals(m.group(1)) ? Event.LOGIN_ACCEPTED : Event.LOGIN_FAILED;
        }
        m = SSH_INVALID.matcher(message);
        if (m.matches()) {
            fields.put("invalid_user", true);
            from(fields, m.group(1), m.group(2), m.group(3));
            return Event.INVALID_USER;
        }
        m = SSH_MAX.matcher(message);
        if (m.matches()) {
            from(fields, m.group(1), m.group(2), m.group(3));
            return Event.MAX_ATTEMPTS;
        }
        m = SSH_NOT_ALLOWED.matcher(message);
        if (m.matches()) {
            from(fields, m.group(1), m.group(2), null);
            return Event.NOT_ALLOWED;
        }
        m = SSH_CLOSED.matcher(message);
        if (m.matches()) {
            from(fields, m.group(1), m.group(2), m.group(3));
            return Event.DISCONNECTED;
        }
        return null;
    }

    private static void from(
            Map<String, Object> fields,
            @Nullable String user,
            @Nullable String address,
            @Nullable String port) {
        put(fields, "user", user);
        put(fields, "src_ip", address);
        put(fields, "src_port", port);
    }

    /** A command that was run is a new process, so it has the names of one, too. */
    private static @Nullable Event sudo(Map<String, Object> fields, String message) {
        Matcher m = SUDO.matcher(message);
        if (!m.matches()) {
            return null;
        }
        String about = m.group(2) + " ; ";
        String command = String.valueOf(m.group(3)).strip();
        put(fields, "user", m.group(1));
        fields.put("command", command);
        Matcher part = SUDO_PART.matcher(about);
        while (part.find()) {
            String name = String.valueOf(part.group(1)).toLowerCase(Locale.ROOT);
            put(fields, name.equals("user") ? "target_user" : name, part.group(2));
        }
        boolean refused =
                about.contains("incorrect password")
                        || about.contains("NOT in sudoers")
                        || about.contains("command not allowed")
                        || about.contains("not allowed to execute");
        int space = command.indexOf(' ');
        fields.put("Image", space < 0 ? command : command.substring(0, space));
        fields.put("CommandLine", command);
        fields.put("User", fields.getOrDefault("target_user", "root"));
        return refused ? Event.SUDO_REFUSED : Event.SUDO_COMMAND;
    }

    private static @Nullable Event su(Map<String, Object> fields, String message) {
        Matcher m = SU_FAILED.matcher(message);
        boolean failed = m.matches();
        if (!failed) {
            m = SU_TO.matcher(message);
            if (!m.matches()) {
                return null;
            }
        }
        put(fields, "target_user", m.group(1));
        put(fields, "user", m.group(2));
        put(fields, "tty", m.group(3));
        return failed ? Event.SU_FAILED : Event.SU;
    }

    private static @Nullable Event cron(Map<String, Object> fields, String message) {
        Matcher m = CRON.matcher(message);
        if (!m.matches()) {
            return null;
        }
        put(fields, "user", m.group(1));
        Event event = Event.valueOf("CRON_" + String.valueOf(m.group(2)).replace(' ', '_'));
        if (event == Event.CRON_CMD) {
            String command = String.valueOf(m.group(3)).strip();
            fields.put("command", command);
            fields.put("CommandLine", command);
        }
        return event;
    }

    private static @Nullable Event account(Map<String, Object> fields, String message) {
        Matcher m = ACCOUNT.matcher(message);
        if (m.matches()) {
            put(fields, "user", m.group(2));
            return String.valueOf(m.group(1)).startsWith("new")
                    ? Event.ACCOUNT_CREATED
                    : Event.ACCOUNT_DELETED;
        }
        m = ACCOUNT_DELETED.matcher(message);
        if (m.matches()) {
            put(fields, "user", m.group(1));
            return Event.ACCOUNT_DELETED;
        }
        m = ADDED_TO_GROUP.matcher(message);
        if (m.matches()) {
            put(fields, "user", m.group(1));
            put(fields, "group", m.group(2));
            return Event.GROUP_MEMBER_ADDED;
        }
        m = PASSWORD_CHANGED.matcher(message);
        if (m.matches()) {
            put(fields, "user", m.group(1));
            return Event.PASSWORD_CHANGED;
        }
        return null;
    }

    private static @Nullable Event pam(Map<String, Object> fields, String message) {
        Matcher m = PAM_SESSION.matcher(message);
        if (m.matches()) {
            put(fields, "pam_service", m.group(1));
            put(fields, "user", m.group(3));
            return "opened".equals(m.group(2)) ? Event.SESSION_OPENED : Event.SESSION_CLOSED;
        }
        if (!message.contains("authentication failure;")) {
            return null;
        }
        m = PAM_FAILURE.matcher(message);
        if (m.matches()) {
            from(fields, m.group(2), m.group(1), null);
        }
        return Event.PAM_FAILURE;
    }

    private static void put(Map<String, Object> fields, String name, @Nullable String value) {
        if (value != null && !value.isBlank()) {
            fields.put(name, value.strip());
        }
    }
}
