package io.cybershield.hunt;

import io.cybershield.sigma.EventSource;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What daemons of Linux say through syslog, under the names that the product's own rules ask for
 * ({@code event}, {@code user}, {@code src_ip}, {@code command}, ...), the same as the server gives
 * them.
 */
final class LinuxMessages {

    private static final String FROM = " from (\\S+)(?: port (\\d+))?.*";
    private static final Pattern SSH_TRIED =
            Pattern.compile(
                    "(Accepted|Failed) (\\S+) for (invalid user |illegal user )?(.{0,256}?)"
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

    private LinuxMessages() {}

    /** Adds to the fields what the line says, and tells which log it belongs to. */
    static EventSource understand(SyslogLine line, Map<String, @Nullable Object> fields) {
        put(fields, "program", line.program());
        put(fields, "pid", line.pid());
        put(fields, "hostname", line.host());
        fields.put("message", line.message());
        if (line.facility() >= 0) {
            fields.put("facility", (long) line.facility());
        }
        String program = program(line.program());
        String message = line.message();
        boolean process =
                switch (program) {
                    case "sshd" -> sshd(fields, message);
                    case "sudo" -> sudo(fields, message);
                    case "su" -> su(fields, message);
                    case "cron", "crontab" -> cron(fields, message);
                    default -> ACCOUNT_TOOLS.contains(program) && account(fields, message);
                };
        return new EventSource(
                "linux",
                process ? "process_creation" : null,
                service(program, line.facility()),
                null,
                null);
    }

    /** {@code CROND}, {@code sshd-session}, {@code /usr/sbin/cron}: one name each. */
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

    private static boolean sshd(Map<String, @Nullable Object> fields, String message) {
        Matcher m = SSH_TRIED.matcher(message);
        if (m.matches()) {
            fields.put("event", "Accepted".equals(m.group(1)) ? "login-accepted" : "login-failed");
            put(fields, "method", m.group(2));
            fields.put("invalid_user", m.group(3) != null);
            from(fields, m.group(4), m.group(5), m.group(6));
            return false;
        }
        m = SSH_INVALID.matcher(message);
        if (m.matches()) {
            fields.put("event", "invalid-user");
            fields.put("invalid_user", true);
            from(fields, m.group(1), m.group(2), m.group(3));
            return false;
        }
        m = SSH_MAX.matcher(message);
        if (m.matches()) {
            fields.put("event", "max-attempts");
            from(fields, m.group(2), m.group(3), m.group(4));
            return false;
        }
        m = SSH_NOT_ALLOWED.matcher(message);
        if (m.matches()) {
            fields.put("event", "not-allowed");
            from(fields, m.group(1), m.group(2), null);
        }
        return false;
    }

    private static void from(
            Map<String, @Nullable Object> fields,
            @Nullable String user,
            @Nullable String address,
            @Nullable String port) {
        put(fields, "user", user);
        put(fields, "src_ip", address);
        put(fields, "src_port", port);
    }

    /** True when a command was run: then the line tells of a new process, too. */
    private static boolean sudo(Map<String, @Nullable Object> fields, String message) {
        Matcher m = SUDO.matcher(message);
        if (!m.matches()) {
            return false;
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
        fields.put("event", refused ? "sudo-refused" : "sudo-command");
        int space = command.indexOf(' ');
        fields.put("Image", space < 0 ? command : command.substring(0, space));
        fields.put("CommandLine", command);
        fields.put("User", fields.getOrDefault("target_user", "root"));
        return !refused;
    }

    private static boolean su(Map<String, @Nullable Object> fields, String message) {
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
        return false;
    }

    private static boolean cron(Map<String, @Nullable Object> fields, String message) {
        Matcher m = CRON.matcher(message);
        if (m.matches()) {
            String what = String.valueOf(m.group(2)).toLowerCase(Locale.ROOT).replace(' ', '-');
            put(fields, "user", m.group(1));
            fields.put("event", "cron-" + what);
            if (what.equals("cmd")) {
                String command = String.valueOf(m.group(3)).strip();
                fields.put("command", command);
                fields.put("CommandLine", command);
            }
        }
        return false;
    }

    private static boolean account(Map<String, @Nullable Object> fields, String message) {
        Matcher m = ACCOUNT.matcher(message);
        if (m.matches()) {
            boolean removed = String.valueOf(m.group(1)).matches("delete.*|removed.*");
            fields.put("event", removed ? "account-deleted" : "account-created");
            put(fields, "user", m.group(2));
            return false;
        }
        m = ACCOUNT_DELETED.matcher(message);
        if (m.matches()) {
            fields.put("event", "account-deleted");
            put(fields, "user", m.group(1));
            return false;
        }
        m = ADDED_TO_GROUP.matcher(message);
        if (m.matches()) {
            fields.put("event", "group-member-added");
            put(fields, "user", m.group(1));
            put(fields, "group", m.group(2));
            return false;
        }
        m = PASSWORD_CHANGED.matcher(message);
        if (m.matches()) {
            fields.put("event", "password-changed");
            put(fields, "user", m.group(1));
        }
        return false;
    }

    private static void put(
            Map<String, @Nullable Object> fields, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            fields.put(name, value.strip());
        }
    }
}
