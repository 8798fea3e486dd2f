package io.cybershield.inputs;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One record of the Linux audit daemon: {@code type=SYSCALL msg=audit(1795301994.638:1235): ...}. A
 * system call makes several records of one serial.
 *
 * @param fields by the names that the daemon uses, its hexadecimal texts decoded; of an enriched
 *     log also the names in capitals ({@code SYSCALL}, {@code UID}); besides {@code type}, {@code
 *     node}, {@code serial} and {@code @timestamp}
 */
public record AuditRecord(String type, Instant time, String serial, Map<String, Object> fields) {

    private static final Pattern HEADER =
            Pattern.compile(
                    "(?:node=(\\S+) )?type=([A-Z0-9_\\[\\]]+)"
                            + " msg=audit\\((\\d{1,11})\\.(\\d{1,9}):(\\d{1,20})\\): ?(.*)",
                    Pattern.DOTALL);

    private static final Pattern ARGUMENT = Pattern.compile("a\\d{1,5}(?:\\[\\d{1,5}\\])?");

    /** Fields that the daemon writes in hexadecimal when they hold blanks, quotes or control. */
    private static final Set<String> ENCODED =
            Set.of(
                    "comm",
                    "exe",
                    "name",
                    "cwd",
                    "proctitle",
                    "key",
                    "cmd",
                    "data",
                    "acct",
                    "dir",
                    "path",
                    "watch",
                    "old",
                    "new",
                    "grp",
                    "file",
                    "vm",
                    "root_dir",
                    "exe_path");

    /** Ends the part that the kernel wrote; what auditd's enrichment adds follows. */
    private static final char ENRICHED = 0x1d;

    /**
     * What the records of one event have in common: the same machine, time and serial. Told by the
     * line's beginning alone, behind a header of syslog too.
     *
     * @return null if the line is none of the audit daemon's
     */
    public static @Nullable String eventOf(byte[] line) {
        String head = new String(line, 0, Math.min(line.length, 300), StandardCharsets.ISO_8859_1);
        int from = head.indexOf(" msg=audit(");
        int to = head.indexOf("):", from + 1);
        int type = head.lastIndexOf("type=", Math.max(0, from));
        if (from < 0 || to < 0 || type < 0) {
            return null;
        }
        int node = head.lastIndexOf("node=", type);
        return (node < 0 ? "" : head.substring(node, type)) + head.substring(from, to);
    }

    /** Null if the line is none of the audit daemon's. */
    public static @Nullable AuditRecord parse(String line) {
        if (!line.startsWith("type=") && !line.startsWith("node=")) {
            return null;
        }
        Matcher m = HEADER.matcher(line);
        if (!m.matches()) {
            return null;
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        String type = String.valueOf(m.group(2));
        fields.put("type", type);
        if (m.group(1) != null) {
            fields.put("node", String.valueOf(m.group(1)));
        }
        String fraction = (m.group(4) + "000000000").substring(0, 9);
        Instant time =
                Instant.ofEpochSecond(
                        Long.parseLong(String.valueOf(m.group(3))), Long.parseLong(fraction));
        fields.put("@timestamp", time.toString());
        String serial = String.valueOf(m.group(5));
        fields.put("serial", serial);
        pairs(type, String.valueOf(m.group(6)).replace(ENRICHED, ' '), fields);
        return new AuditRecord(type, time, serial, fields);
    }

    private static void pairs(String type, String text, Map<String, Object> fields) {
        int at = 0;
        while (at < text.length()) {
            int equals = text.indexOf('=', at);
            if (equals < 0) {
                return;
            }
            String name = text.substring(text.lastIndexOf(' ', equals) + 1, equals);
            int from = equals + 1;
            char quote = from < text.length() ? text.charAt(from) : ' ';
            int end;
            if (quote == '"' || quote == '\'') {
                end = text.indexOf(quote, from + 1);
                end = end < 0 ? text.length() : end;
                String inner = text.substring(from + 1, end);
                if (quote == '\'') {
                    pairs(type, inner, fields); // what a program reports: op=login acct="x" ...
                }
                if (quote == '"' || inner.indexOf('=') < 0) {
                    put(fields, name, inner);
                }
                end++;
            } else {
                end = text.indexOf(' ', from);
                end = end < 0 ? text.length() : end;
                put(fields, name, plain(type, name, text.substring(from, end)));
            }
            at = end;
        }
    }

    private static void put(Map<String, Object> fields, String name, String value) {
        if (!name.isEmpty() && !value.equals("(null)")) {
            fields.putIfAbsent(name, value);
        }
    }

    private static String plain(String type, String name, String value) {
        boolean encoded =
                ENCODED.contains(name) || type.equals("EXECVE") && ARGUMENT.matcher(name).matches();
        if (!encoded || value.length() % 2 != 0 || value.length() < 2) {
            return value;
        }
        byte[] bytes = new byte[value.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            int high = hex(value.charAt(2 * i));
            int low = hex(value.charAt(2 * i + 1));
            if (high < 0 || low < 0) {
                return value;
            }
            bytes[i] = (byte) (high << 4 | low);
        }
        // Arguments of a command line are parted by NUL.
        return Encodings.decode(bytes).replace('\0', ' ').strip();
    }

    /** The daemon writes capitals only. */
    private static int hex(char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    }

    public @Nullable String field(String name) {
        return fields.get(name) instanceof String text ? text : null;
    }
}
