package io.cybershield.inputs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel or a program reported to the audit daemon: one record or several of one serial. A
 * part of them may be missing, when a stream took them apart; then the questions that it would have
 * answered have no answer.
 *
 * @param records at least one, in the order written
 */
public record AuditEvent(List<AuditRecord> records) {

    /** A file that the event names, absolute where the records tell the folder. */
    public record File(String path, Naming naming) {}

    /** What became of a file's name; of parents of no interest. */
    public enum Naming {
        CREATE,
        DELETE,
        NORMAL
    }

    public AuditEvent {
        records = List.copyOf(records);
    }

    private @Nullable AuditRecord of(String type) {
        for (AuditRecord record : records) {
            if (record.type().equals(type)) {
                return record;
            }
        }
        return null;
    }

    /** The first answer that any record has under one of these names, the first name first. */
    public @Nullable String first(String... names) {
        for (String name : names) {
            for (AuditRecord record : records) {
                String value = record.field(name);
                if (value != null && !value.equals("?") && !value.isEmpty()) {
                    return value;
                }
            }
        }
        return null;
    }

    public boolean has(String type) {
        return of(type) != null;
    }

    /** False only where the kernel or the program said so. */
    public boolean succeeded() {
        String said = first("success", "res");
        return !("no".equals(said) || "failed".equals(said) || "0".equals(said));
    }

    /** As the new process was called; null when the event starts none. */
    public @Nullable String commandLine() {
        AuditRecord execve = of("EXECVE");
        return execve == null ? null : arguments(execve);
    }

    /** Long arguments come in parts: {@code a1[0]}, {@code a1[1]}. */
    private static String arguments(AuditRecord execve) {
        var command = new StringBuilder();
        execve.fields()
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

    /** Of x86-64 and 64-bit ARM those that name files or start programs. */
    private static final Map<String, Map<String, String>> SYSCALLS =
            Map.of(
                    "c000003e",
                    Map.ofEntries(
                            Map.entry("2", "open"),
                            Map.entry("59", "execve"),
                            Map.entry("76", "truncate"),
                            Map.entry("77", "ftruncate"),
                            Map.entry("82", "rename"),
                            Map.entry("85", "creat"),
                            Map.entry("90", "chmod"),
                            Map.entry("91", "fchmod"),
                            Map.entry("92", "chown"),
                            Map.entry("93", "fchown"),
                            Map.entry("94", "lchown"),
                            Map.entry("257", "openat"),
                            Map.entry("260", "fchownat"),
                            Map.entry("264", "renameat"),
                            Map.entry("268", "fchmodat"),
                            Map.entry("316", "renameat2"),
                            Map.entry("322", "execveat"),
                            Map.entry("437", "openat2")),
                    "c00000b7",
                    Map.of(
                            "45",
                            "truncate",
                            "46",
                            "ftruncate",
                            "52",
                            "fchmod",
                            "53",
                            "fchmodat",
                            "54",
                            "fchownat",
                            "55",
                            "fchown",
                            "56",
                            "openat",
                            "221",
                            "execve",
                            "276",
                            "renameat2",
                            "281",
                            "execveat"));

    /** Its name where the daemon gave it or we know its number; else empty. */
    public String syscall() {
        String name = first("SYSCALL");
        String number = first("syscall");
        return name != null
                ? name
                : number == null
                        ? ""
                        : SYSCALLS.getOrDefault(String.valueOf(first("arch")), Map.of())
                                .getOrDefault(number, "");
    }

    /** By name where the daemon resolved it, else by number. */
    public @Nullable String user() {
        return first("UID", "uid");
    }

    /** Who logged in, whatever they became since; null where nobody did. */
    public @Nullable String loginUser() {
        String user = first("AUID", "auid");
        return "4294967295".equals(user) || "unset".equals(user) ? null : user;
    }

    /** Files of {@code PATH} records, without the folders they lie in. */
    public List<File> files() {
        AuditRecord cwd = of("CWD");
        String folder = cwd == null ? null : cwd.field("cwd");
        var files = new ArrayList<File>();
        for (AuditRecord record : records) {
            String name = record.field("name");
            String naming = record.field("nametype");
            if (record.type().equals("PATH") && name != null && !"PARENT".equals(naming)) {
                String path =
                        folder == null || name.startsWith("/")
                                ? name
                                : folder.endsWith("/") ? folder + name : folder + "/" + name;
                files.add(
                        new File(
                                path,
                                switch (naming) {
                                    case "CREATE" -> Naming.CREATE;
                                    case "DELETE" -> Naming.DELETE;
                                    case null, default -> Naming.NORMAL;
                                }));
            }
        }
        return files;
    }

    /** All that the records say, by the daemon's names; several values of a name as a list. */
    public Map<String, Object> fields() {
        if (records.size() == 1) {
            return records.getFirst().fields();
        }
        var all = new java.util.LinkedHashMap<String, Object>();
        for (AuditRecord record : records) {
            record.fields().forEach((name, value) -> all.merge(name, value, AuditEvent::both));
        }
        return all;
    }

    private static Object both(Object had, Object more) {
        if (had.equals(more)) {
            return had;
        }
        if (!(had instanceof List<?> list)) {
            return List.of(had, more);
        }
        if (list.contains(more)) {
            return had;
        }
        var longer = new ArrayList<Object>(list);
        longer.add(more);
        return longer;
    }
}
