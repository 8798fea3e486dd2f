package io.cybershield.inputs;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a security product says in CEF (ArcSight) or LEEF (QRadar).
 *
 * @param formatVersion {@code 0}, {@code 1}; {@code 1.0}, {@code 2.0}
 * @param version of the product
 * @param id the product's own for this kind of event
 * @param name in words; LEEF has none
 * @param severity as written; of LEEF its attribute {@code sev}; may be empty
 * @param attributes under the product's own keys, escapes undone, in the order written
 */
public record DeviceEvent(
        Format format,
        String formatVersion,
        String vendor,
        String product,
        String version,
        String id,
        String name,
        String severity,
        Map<String, String> attributes) {

    /** Which of the two notations. */
    public enum Format {
        CEF,
        LEEF
    }

    /** What it is about, as far as the words tell. */
    public enum Kind {
        /** Somebody signed in or out, or tried to. */
        LOGIN,
        /** The product holds it for an attack or a threat, or gives it a high severity. */
        DETECTION,
        /** One request to a web server or through a proxy. */
        WEB,
        /** A connection from one address to another. */
        NETWORK,
        OTHER
    }

    /** What the product did about it. */
    public enum Verdict {
        ALLOWED,
        BLOCKED
    }

    private static final Pattern LOGIN =
            Pattern.compile(
                    "\\b(?:log[-_ ]?(?:in|on|off|out)|sign[-_ ]?(?:in|on|out))|authenticat");
    private static final Pattern LOGOUT =
            Pattern.compile("\\b(?:log[-_ ]?(?:off|out)|sign[-_ ]?out)");
    private static final Pattern THREAT =
            Pattern.compile(
                    "threat|malware|virus|trojan|\\bworm|ransom|exploit|attack|intrusion|\\bi[pd]s\\b|phish|spyware"
                        + "|botnet|suspicious|malicious|incident|infect|quarantin|brute"
                        + " ?force|anomal|malop");
    private static final Pattern FAILED =
            Pattern.compile("fail|denied|deny|invalid|reject|refus|lock(?:ed)? ?out|\\bbad\\b");
    private static final Pattern SUCCEEDED = Pattern.compile("succe|accept|allow|permit|\\bok\\b");
    private static final Pattern BLOCKED =
            Pattern.compile(
                    "block|den(?:y|ied)|drop|reject|refus|reset|prevent|discard|quarantin|clean|delet");
    private static final Pattern ALLOWED =
            Pattern.compile("allow|accept|permit|pass|forward|detect|monitor|\\balert|\\blog");

    /** From here on a severity is high, in both notations. */
    private static final int HIGH = 7;

    /** An attribute by the first of these keys that says something. */
    public @Nullable String first(String... keys) {
        for (String key : keys) {
            String value = attributes.get(key);
            if (value != null && !value.isBlank() && !value.equals("-")) {
                return value.strip();
            }
        }
        return null;
    }

    /** 0 to 10; -1 where none was said, or none that we know. */
    public int level() {
        String said = severity.strip().toLowerCase(Locale.ROOT);
        return switch (said) {
            case "low", "info", "informational", "notice" -> 2;
            case "medium", "warning", "warn" -> 5;
            case "high", "error" -> 8;
            case "very-high", "very high", "critical", "emergency", "alert" -> 10;
            default -> said.matches("\\d|10") ? Integer.parseInt(said) : -1;
        };
    }

    public Kind kind() {
        String words = words();
        if (LOGIN.matcher(words).find() && user() != null) {
            return Kind.LOGIN;
        }
        if (THREAT.matcher(words).find() || level() >= HIGH) {
            return Kind.DETECTION;
        }
        if (url() != null && method() != null) {
            return Kind.WEB;
        }
        return source() != null && destination() != null ? Kind.NETWORK : Kind.OTHER;
    }

    private String words() {
        return (name + ' ' + id + ' ' + Objects.requireNonNullElse(first("cat"), ""))
                .toLowerCase(Locale.ROOT);
    }

    /** Rules for any product's connections or requests may see it, as Sigma's log sources say. */
    public @Nullable String logCategory() {
        return switch (kind()) {
            case NETWORK -> "firewall";
            case WEB -> "proxy";
            case LOGIN, DETECTION, OTHER -> null;
        };
    }

    /** The vendor's name as a log source: {@code palo_alto_networks}. */
    public @Nullable String logProduct() {
        return word(vendor);
    }

    /** The product's name as a log source. */
    public @Nullable String logService() {
        return word(product);
    }

    private static @Nullable String word(String name) {
        String word = name.toLowerCase(Locale.ROOT).strip().replace(' ', '_');
        return word.isEmpty() ? null : word;
    }

    public boolean isLogout() {
        return LOGOUT.matcher(words()).find();
    }

    /** Of a login; null where nothing tells. */
    public @Nullable Boolean succeeded() {
        String told =
                (Objects.requireNonNullElse(first("outcome", "status", "result"), "")
                                + ' '
                                + Objects.requireNonNullElse(action(), "")
                                + ' '
                                + words())
                        .toLowerCase(Locale.ROOT);
        return FAILED.matcher(told).find()
                ? Boolean.FALSE
                : SUCCEEDED.matcher(told).find() ? Boolean.TRUE : null;
    }

    /** Null where the product did neither, or says so in words that we do not know. */
    public @Nullable Verdict verdict() {
        String action = Objects.requireNonNullElse(action(), "").toLowerCase(Locale.ROOT);
        return BLOCKED.matcher(action).find()
                ? Verdict.BLOCKED
                : ALLOWED.matcher(action).find() ? Verdict.ALLOWED : null;
    }

    public @Nullable String action() {
        return first("act", "action", "disp", "deviceAction");
    }

    public @Nullable String source() {
        return first("src", "c6a2", "sourceAddress", "shost", "identSrc");
    }

    public @Nullable String destination() {
        return first("dst", "c6a3", "destinationAddress", "dhost");
    }

    public @Nullable String sourcePort() {
        return first("spt", "srcPort", "sourcePort");
    }

    public @Nullable String destinationPort() {
        return first("dpt", "dstPort", "destinationPort");
    }

    /** Who did it, or to whom it was done where only that is said. */
    public @Nullable String user() {
        return first("suser", "usrName", "duser", "src_user", "accountName", "suid", "duid");
    }

    public @Nullable String url() {
        return first("request", "url");
    }

    public @Nullable String method() {
        return first("requestMethod", "method");
    }

    /** The machine that reports, or on which it happened. */
    public @Nullable String host() {
        return first("dvchost", "deviceHostName", "sys_name", "identHostName", "dvc");
    }

    /**
     * @param near settles the year where none is said
     * @return null where no time, or none that we can read, is said
     */
    public @Nullable Instant time(Instant near) {
        String said = first("rt", "devTime", "start", "deviceReceiptTime", "end");
        return said == null ? null : DeviceTimes.parse(said, first("devTimeFormat"), near);
    }

    /**
     * All of it under one roof, as rules and searches see it: header ({@code deviceVendor}, {@code
     * deviceProduct}, {@code deviceVersion}, {@code deviceEventClassId}, {@code name}, {@code
     * severity}), attributes by their keys and, where a key comes with a label ({@code cs1Label}),
     * by the label too; and what Sigma's firewall rules ask for ({@code src_ip}, ...).
     */
    public Map<String, Object> fields() {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("deviceVendor", vendor);
        fields.put("deviceProduct", product);
        fields.put("deviceVersion", version);
        fields.put("deviceEventClassId", id);
        if (format == Format.CEF) {
            fields.put("name", name);
            fields.put("severity", severity);
        }
        attributes.forEach(fields::putIfAbsent);
        attributes.forEach((key, label) -> {
            String value =
                    key.endsWith("Label")
                            ? attributes.get(key.substring(0, key.length() - "Label".length()))
                            : null;
            if (value != null && !label.isBlank()) {
                fields.putIfAbsent(label, value);
            }
        });
        also(fields, "src_ip", source());
        also(fields, "src_port", sourcePort());
        also(fields, "dst_ip", destination());
        also(fields, "dst_port", destinationPort());
        also(fields, "action", action());
        also(fields, "username", user());
        return fields;
    }

    private static void also(Map<String, Object> fields, String name, @Nullable String value) {
        if (value != null) {
            fields.putIfAbsent(name, value);
        }
    }
}
