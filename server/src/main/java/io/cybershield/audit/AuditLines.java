package io.cybershield.audit;

import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An entry as a line of CSV, and as syslog (RFC 5424) with a CEF event in it. */
final class AuditLines {
    private static final List<String> COLUMNS =
            List.of(
                    "seq",
                    "id",
                    "at",
                    "actorKind",
                    "actorId",
                    "actorName",
                    "action",
                    "target",
                    "outcome",
                    "address",
                    "detail",
                    "previous",
                    "hash");

    /** What a spreadsheet may take for a formula; the wide forms too. */
    private static final Pattern FORMULA = Pattern.compile("(?s)\\s*[=+\\-@\\t\\r\\n＝＋－＠|].*");

    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    /** What CEF allows in one custom string. */
    private static final int MAX_CUSTOM = 4000;

    private static final int MAX_NAME = 512;
    private static final int LOG_AUDIT = 13 * 8;

    private AuditLines() {}

    static String csvHeader() {
        return String.join(",", COLUMNS) + "\r\n";
    }

    static String csv(AuditEntry entry) {
        return Stream.of(
                                Long.toString(entry.seq()),
                                entry.id().toString(),
                                entry.at().toString(),
                                entry.actorKind(),
                                entry.actorId(),
                                entry.actorName(),
                                entry.action(),
                                entry.target(),
                                entry.outcome(),
                                entry.address() == null ? "" : entry.address(),
                                entry.detail(),
                                HexFormat.of().formatHex(entry.previous()),
                                HexFormat.of().formatHex(entry.hash()))
                        .map(AuditLines::cell)
                        .collect(Collectors.joining(","))
                + "\r\n";
    }

    /** Quoted always; an apostrophe before what a spreadsheet would carry out. */
    private static String cell(String text) {
        String safe = FORMULA.matcher(text).matches() ? "'" + text : text;
        return '"' + safe.replace("\"", "\"\"").replace("\0", "") + '"';
    }

    /** One line; the end of the line is a line feed. */
    static String syslog(AuditEntry entry) {
        int severity =
                switch (entry.outcome()) {
                    case "permitted" -> 6;
                    case "denied" -> 4;
                    default -> 3;
                };
        return "<"
                + (LOG_AUDIT + severity)
                + ">1 "
                + entry.at()
                + " - cybershield - "
                + messageId(entry.action())
                + " - "
                + cef(entry)
                + "\n";
    }

    /** At most 32 printable characters without blanks. */
    private static String messageId(String action) {
        String plain = action.replaceAll("[^\\x21-\\x7e]", "_");
        return plain.isEmpty() ? "-" : plain.substring(0, Math.min(32, plain.length()));
    }

    static String cef(AuditEntry entry) {
        int severity =
                switch (entry.outcome()) {
                    case "permitted" -> 3;
                    case "denied" -> 6;
                    default -> 5;
                };
        var out = new StringBuilder("CEF:0|CyberShield|CyberShield|1|");
        out.append(header(entry.action()))
                .append('|')
                .append(header(cut(entry.action() + " " + entry.outcome(), MAX_NAME)))
                .append('|')
                .append(severity)
                .append('|');
        out.append("rt=").append(entry.at().toEpochMilli());
        add(out, "externalId", entry.id().toString());
        add(out, "act", entry.action());
        add(out, "outcome", entry.outcome());
        add(out, "suid", entry.actorId());
        add(out, "suser", cut(entry.actorName(), 1023));
        if (entry.address() != null) {
            if (IPV4.matcher(entry.address()).matches()) {
                add(out, "src", entry.address());
            } else {
                add(out, "c6a2", entry.address());
                add(out, "c6a2Label", "Source IPv6 Address");
            }
        }
        add(out, "cn1", Long.toString(entry.seq()));
        add(out, "cn1Label", "Sequence");
        custom(out, 1, "Target", entry.target());
        custom(out, 2, "Tenant", entry.tenant().toString());
        custom(out, 3, "Detail", entry.detail());
        custom(out, 4, "Hash", HexFormat.of().formatHex(entry.hash()));
        custom(out, 5, "Previous hash", HexFormat.of().formatHex(entry.previous()));
        custom(out, 6, "Actor kind", entry.actorKind());
        return out.toString();
    }

    private static void custom(StringBuilder out, int number, String label, String value) {
        if (!value.isEmpty()) {
            add(out, "cs" + number, cut(value, MAX_CUSTOM));
            add(out, "cs" + number + "Label", label);
        }
    }

    private static void add(StringBuilder out, String key, String value) {
        out.append(' ').append(key).append('=').append(extension(value));
    }

    /** In the header: backslash and pipe are escaped, and there can be no line break. */
    static String header(String text) {
        return text.replaceAll("[\\p{Cntrl}\\u0085\\u2028\\u2029]", " ")
                .replace("\\", "\\\\")
                .replace("|", "\\|");
    }

    /** In values: backslash, equals sign and line breaks are escaped, pipes are not. */
    static String extension(String text) {
        return text.replace("\\", "\\\\")
                .replace("=", "\\=")
                .replace("\r", "\\r")
                .replace("\n", "\\n")
                .replaceAll("[\\p{Cntrl}\\u0085\\u2028\\u2029]", " ");
    }

    private static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
        return text.substring(0, end);
    }
}
