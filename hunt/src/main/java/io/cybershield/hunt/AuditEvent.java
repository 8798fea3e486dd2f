package io.cybershield.hunt;

import io.cybershield.sigma.EventSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records of one serial, put together: a new process or a new file, in the words that Sigma has for
 * them, so that rules for Linux processes see what auditd saw.
 */
final class AuditEvent {

    private static final EventSource PROCESS =
            new EventSource("linux", "process_creation", "auditd", null, null);
    private static final EventSource FILE =
            new EventSource("linux", "file_event", "auditd", null, null);

    private final long number;
    private final String serial;
    private final Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    private final List<String> created = new ArrayList<>();
    private @Nullable String commandLine;
    private boolean succeeded = true;

    AuditEvent(long number, String serial) {
        this.number = number;
        this.serial = serial;
    }

    boolean holds(AuditLine line) {
        return serial.equals(line.serial());
    }

    void add(AuditLine line) {
        fields.putIfAbsent(Times.FIELD, line.time().toString());
        switch (line.type()) {
            case "SYSCALL" -> {
                put("Image", line.field("exe"));
                put("ProcessId", line.field("pid"));
                put("ParentProcessId", line.field("ppid"));
                put("User", name(line, "UID", "uid"));
                put("LogonId", name(line, "AUID", "auid"));
                put("node", line.field("node"));
                succeeded = !"no".equals(line.field("success"));
            }
            case "CWD" -> put("CurrentDirectory", line.field("cwd"));
            case "EXECVE" -> commandLine = arguments(line);
            case "PATH" -> {
                String name = line.field("name");
                if ("CREATE".equals(line.field("nametype")) && name != null) {
                    created.add(name);
                }
            }
            default -> {
                // Tells nothing of processes and files.
            }
        }
    }

    private static @Nullable String name(AuditLine line, String enriched, String number) {
        String name = line.field(enriched);
        return name == null ? line.field(number) : name;
    }

    /** Long arguments come in parts: {@code a1[0]}, {@code a1[1]}. */
    private static String arguments(AuditLine line) {
        var command = new StringBuilder();
        line.fields()
                .forEach((name, value) -> {
                    if (name.length() > 1
                            && name.charAt(0) == 'a'
                            && Character.isDigit(name.charAt(1))
                            && !name.contains("_len")) {
                        boolean goesOn = name.contains("[") && !name.endsWith("[0]");
                        command.append(command.isEmpty() || goesOn ? "" : " ").append(value);
                    }
                });
        return command.toString();
    }

    private void put(String name, @Nullable String value) {
        if (value != null) {
            fields.putIfAbsent(name, value);
        }
    }

    void tell(Decoder.Sink to) {
        if (!succeeded) {
            return;
        }
        if (commandLine != null) {
            Map<String, @Nullable Object> process = new LinkedHashMap<>(fields);
            process.put("CommandLine", commandLine);
            to.view(number, process, PROCESS);
        }
        for (String name : created) {
            Map<String, @Nullable Object> file = new LinkedHashMap<>(fields);
            String folder =
                    fields.get("CurrentDirectory") instanceof String text && !name.startsWith("/")
                            ? text + "/"
                            : "";
            file.put("TargetFilename", folder + name);
            to.view(number, file, FILE);
        }
    }
}
