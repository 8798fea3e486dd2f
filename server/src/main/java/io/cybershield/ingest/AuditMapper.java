package io.cybershield.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cybershield.ingest.Door.Line;
import io.cybershield.ingest.Event.Origin;
import io.cybershield.inputs.AuditEvent;
import io.cybershield.inputs.AuditEvent.Naming;
import io.cybershield.inputs.AuditRecord;
import io.cybershield.inputs.LogLine;
import io.cybershield.inputs.SyslogLine;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the Linux audit daemon reports. Records of one audit event that come through a door together
 * are one event; any that come apart are events of their own, tied by {@code
 * metadata.correlation_uid}, and each says no more than its record does.
 */
final class AuditMapper {
    private static final int MOST_RECORDS = 200;

    private AuditMapper() {}

    /** The same lines, those of one audit event as one line, in the place of the first of them. */
    static List<Line> together(List<Line> lines) {
        var whole = new ArrayList<List<Line>>();
        var open = new LinkedHashMap<String, List<Line>>();
        for (Line line : lines) {
            String event = line.format().equals("syslog") ? AuditRecord.eventOf(line.body()) : null;
            List<Line> begun = event == null ? null : open.get(event);
            if (begun != null && fits(begun, line)) {
                begun.add(line);
                continue;
            }
            var own = new ArrayList<Line>(List.of(line));
            whole.add(own);
            if (event != null) {
                open.put(event, own);
            }
        }
        return whole.size() == lines.size()
                ? lines
                : whole.stream().map(AuditMapper::joined).toList();
    }

    private static boolean fits(List<Line> begun, Line more) {
        int bytes = more.body().length;
        for (Line line : begun) {
            bytes += line.body().length + 1;
        }
        return begun.size() < MOST_RECORDS && bytes <= BodyReader.MAX_RECORD;
    }

    private static Line joined(List<Line> lines) {
        Line first = lines.getFirst();
        if (lines.size() == 1) {
            return first;
        }
        var text = new java.io.ByteArrayOutputStream();
        for (Line line : lines) {
            if (text.size() > 0) {
                text.write('\n');
            }
            text.writeBytes(line.body());
        }
        return new Line(first.line(), first.format(), text.toByteArray());
    }

    /** Undoes what {@link #together} did; null when these are not all lines of the daemon. */
    static @Nullable Draft ofLines(String text, Instant near) {
        if (AuditRecord.eventOf(text.substring(0, Math.min(text.length(), 300)).getBytes(UTF_8))
                == null) {
            return null;
        }
        var records = new ArrayList<AuditRecord>();
        SyslogLine header = null;
        for (String line : text.split("\n", -1)) {
            if (!(LogLine.read(line, near) instanceof LogLine.Audit(var around, var record))) {
                return null;
            }
            header = around;
            records.add(record);
        }
        return map(records, header);
    }

    static Draft map(List<AuditRecord> records, @Nullable SyslogLine header) {
        var event = new AuditEvent(records);
        AuditRecord first = records.getFirst();
        String node = event.first("node");
        String host = node == null && header != null ? header.host() : node;
        var draft =
                new Draft(new LinkedHashMap<>(event.fields()))
                        .product("auditd")
                        .log("auditd", first.type())
                        .origin(origin(null))
                        .time(first.time())
                        .host(host)
                        .user(event.first("UID", "acct", "uid"))
                        .severity(event.succeeded() ? 1 : 2)
                        .success(event.succeeded())
                        .correlation(first.time() + ":" + first.serial());
        String cwd = event.first("cwd");
        if (cwd != null) {
            draft.also(Map.of("CurrentDirectory", cwd));
        }
        if (event.has("EXECVE") || event.syscall().startsWith("execve") || event.has("USER_CMD")) {
            process(draft, event);
        } else if (!event.files().isEmpty()) {
            file(draft, event);
        } else {
            account(draft, event, first.type());
        }
        return draft;
    }

    private static Origin origin(@Nullable String category) {
        return new Origin("linux", category, "auditd", null, null);
    }

    private static void process(Draft draft, AuditEvent event) {
        boolean sudo = event.has("USER_CMD"); // its pid and exe are sudo's, not the command's
        String command = sudo ? event.first("cmd") : event.commandLine();
        String image = sudo && command != null ? command.split(" ", 2)[0] : event.first("exe");
        Map<String, Object> process =
                Ocsf.process(sudo ? null : event.first("pid"), image, command);
        if (!process.containsKey("pid")) {
            process.put("uid", "unknown");
        }
        String user = sudo ? null : event.user();
        if (user != null) {
            process.put("user", Draft.named(user));
        }
        if (!sudo && event.first("ppid") instanceof String parent) {
            process.put("parent_process", Ocsf.process(parent, null, null));
        }
        draft.type(EventClass.PROCESS, 1)
                .message(command == null ? "started " + image : command)
                .put("process", process)
                .put("actor", Ocsf.actor(Map.of(), sudo ? event.user() : acting(event)));
        if (event.succeeded()) { // what was only tried is no new process to a rule
            draft.origin(origin("process_creation"));
        }
    }

    /** Who logged in, for it is they who act; else whose rights the process has. */
    private static @Nullable String acting(AuditEvent event) {
        String login = event.loginUser();
        return login == null ? event.user() : login;
    }

    private static void file(Draft draft, AuditEvent event) {
        AuditEvent.File created = named(event, Naming.CREATE);
        AuditEvent.File deleted = named(event, Naming.DELETE);
        AuditEvent.File file =
                deleted != null ? deleted : created != null ? created : event.files().getLast();
        String call = event.syscall();
        int activity =
                deleted != null
                        ? created != null ? 5 : 4
                        : created != null
                                ? 1
                                : call.startsWith("open") || call.equals("creat")
                                        ? 14
                                        : call.contains("chmod") || call.contains("chown")
                                                ? 7
                                                : call.contains("truncate") ? 3 : 99;
        draft.type(EventClass.FILE, activity)
                .message((call.isEmpty() ? "touched" : call) + " " + file.path())
                .put("file", Ocsf.file(file.path()))
                .put(
                        "actor",
                        Ocsf.actor(
                                Ocsf.process(event.first("pid"), event.first("exe"), null),
                                acting(event)));
        if (created != null && deleted != null) {
            draft.put("file_result", Ocsf.file(created.path()));
        }
        if (created != null && event.succeeded()) {
            draft.origin(origin("file_event"));
        }
    }

    private static AuditEvent.@Nullable File named(AuditEvent event, Naming naming) {
        for (AuditEvent.File file : event.files()) {
            if (file.naming() == naming) {
                return file;
            }
        }
        return null;
    }

    private static void account(Draft draft, AuditEvent event, String type) {
        int logon =
                switch (type) {
                    case "USER_AUTH", "USER_LOGIN" -> 1;
                    case "USER_LOGOUT", "USER_END" -> 2;
                    default -> 0;
                };
        int change =
                switch (type) {
                    case "ADD_USER" -> 1;
                    case "DEL_USER" -> 6;
                    case "USER_CHAUTHTOK" -> 3;
                    default -> 0;
                };
        String account = event.first("acct", "ID", "id", "AUID");
        if (logon + change == 0) {
            return;
        }
        String name = account == null ? "unknown" : account;
        draft.user(name).put("user", Draft.named(name));
        if (change > 0) {
            draft.type(EventClass.ACCOUNT_CHANGE, change);
            return;
        }
        String exe = event.first("exe");
        draft.type(EventClass.AUTHENTICATION, logon)
                .put(
                        "service",
                        Draft.named(exe == null ? "pam" : exe.substring(exe.lastIndexOf('/') + 1)))
                .put("src_endpoint", Ocsf.peer(event.first("addr", "hostname"), null));
    }
}
