package io.cybershield.inputs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads CEF ("Implementing ArcSight Common Event Format") and LEEF 1.0 and 2.0 (IBM QRadar), in one
 * pass over the text.
 */
final class DeviceEvents {

    /** A notation's text that breaks the notation's rules. */
    static final class Broken extends Exception {
        private static final long serialVersionUID = 1L;

        Broken(String message) {
            super(message, null, false, false);
        }
    }

    /** Attributes beyond are left in the raw record alone. */
    static final int MOST_ATTRIBUTES = 1_000;

    private static final int CEF_PARTS = 7;
    private static final int LEEF_PARTS = 5;
    private static final Pattern HEX = Pattern.compile("(?:0x|\\\\?x)([0-9A-Fa-f]{1,4})");

    /** How rsyslog, unless told otherwise, passes on a tab. */
    private static final String ESCAPED_TAB = "#011";

    private DeviceEvents() {}

    /**
     * @param text what follows {@code CEF:}
     */
    static DeviceEvent cef(String text) throws Broken {
        var parts = new ArrayList<String>();
        int end = header(text, CEF_PARTS, parts);
        if (parts.size() < CEF_PARTS) {
            throw new Broken(
                    "CEF: the header has %d of its %d parts; it must be CEF:version|vendor|product|version|id|name|severity|"
                            .formatted(parts.size(), CEF_PARTS));
        }
        return new DeviceEvent(
                DeviceEvent.Format.CEF,
                parts.get(0).strip(),
                parts.get(1).strip(),
                parts.get(2).strip(),
                parts.get(3).strip(),
                parts.get(4).strip(),
                parts.get(5).strip(),
                parts.get(6).strip(),
                extension(text.substring(end)));
    }

    /**
     * @param text what follows {@code LEEF:}
     */
    static DeviceEvent leef(String text) throws Broken {
        var parts = new ArrayList<String>();
        int end = header(text, LEEF_PARTS, parts);
        if (parts.size() < LEEF_PARTS) {
            throw new Broken(
                    "LEEF: the header has %d of its %d parts; it must be LEEF:version|vendor|product|version|id|"
                            .formatted(parts.size(), LEEF_PARTS));
        }
        String rest = text.substring(end);
        String delimiter = "\t";
        int pipe = rest.indexOf('|');
        if (parts.get(0).strip().startsWith("2") && pipe >= 0) {
            String declared = rest.substring(0, pipe);
            String read = delimiter(declared);
            if (!read.isEmpty() || declared.isEmpty()) {
                delimiter = read.isEmpty() ? delimiter : read;
                rest = rest.substring(pipe + 1);
            }
        }
        if (delimiter.equals("\t") && rest.indexOf('\t') < 0) {
            delimiter = ESCAPED_TAB;
        }
        Map<String, String> attributes = attributes(rest, delimiter);
        return new DeviceEvent(
                DeviceEvent.Format.LEEF,
                parts.get(0).strip(),
                parts.get(1).strip(),
                parts.get(2).strip(),
                parts.get(3).strip(),
                parts.get(4).strip(),
                "",
                attributes.getOrDefault("sev", ""),
                attributes);
    }

    /** Empty when this declares none: then it is the first attribute already. */
    private static String delimiter(String declared) {
        if (declared.length() == 1) {
            return declared;
        }
        Matcher hex = HEX.matcher(declared);
        return hex.matches()
                ? String.valueOf((char) Integer.parseInt(String.valueOf(hex.group(1)), 16))
                : "";
    }

    /**
     * Cuts at pipes that no backslash escapes.
     *
     * @param into gets at most so many parts
     * @return where the rest begins
     */
    private static int header(String text, int most, List<String> into) {
        var part = new StringBuilder();
        int at = 0;
        while (at < text.length() && into.size() < most) {
            char c = text.charAt(at++);
            if (c == '|') {
                into.add(part.toString());
                part.setLength(0);
            } else if (c == '\\'
                    && at < text.length()
                    && (text.charAt(at) == '|' || text.charAt(at) == '\\')) {
                part.append(text.charAt(at++));
            } else {
                part.append(c);
            }
        }
        // Without attributes, some leave the last pipe out.
        if (into.size() == most - 1 && at == text.length() && !part.isEmpty()) {
            into.add(part.toString());
        }
        return at;
    }

    /** Keys are words before an equals sign that is not escaped; values may hold blanks. */
    private static Map<String, String> extension(String text) {
        var attributes = new LinkedHashMap<String, String>();
        String key = null;
        int valueFrom = 0;
        int wordFrom = 0;
        boolean isKey = true;
        for (int i = 0; i < text.length() && attributes.size() < MOST_ATTRIBUTES; i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
                isKey = false;
            } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                wordFrom = i + 1;
                isKey = true;
            } else if (c == '=' && isKey && i > wordFrom) {
                if (key != null) {
                    attributes.put(key, unescaped(text.substring(valueFrom, wordFrom)));
                }
                key = text.substring(wordFrom, i);
                valueFrom = i + 1;
                isKey = false;
            } else if (!isKeyCharacter(c)) {
                isKey = false;
            }
        }
        if (key != null && attributes.size() < MOST_ATTRIBUTES) {
            attributes.put(key, unescaped(text.substring(valueFrom)));
        }
        return attributes;
    }

    private static boolean isKeyCharacter(char c) {
        return Character.isLetterOrDigit(c) || "_.-[],:".indexOf(c) >= 0;
    }

    private static String unescaped(String raw) {
        String text = raw.strip();
        if (text.indexOf('\\') < 0) {
            return text;
        }
        var plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            char next = c == '\\' && i + 1 < text.length() ? text.charAt(i + 1) : ' ';
            switch (next) {
                case '=', '\\', '|' -> plain.append(next);
                case 'n' -> plain.append('\n');
                case 'r' -> plain.append('\r');
                default -> {
                    plain.append(c);
                    continue;
                }
            }
            i++;
        }
        return plain.toString();
    }

    private static Map<String, String> attributes(String text, String delimiter) {
        var attributes = new LinkedHashMap<String, String>();
        String key = null;
        int from = 0;
        while (from <= text.length() && attributes.size() < MOST_ATTRIBUTES) {
            int end = text.indexOf(delimiter, from);
            end = end < 0 ? text.length() : end;
            String part = text.substring(from, end);
            int equals = part.indexOf('=');
            if (equals > 0) {
                key = part.substring(0, equals).strip();
                attributes.put(key, part.substring(equals + 1).strip());
            } else if (key != null && !part.isBlank()) { // the delimiter stood in the value
                attributes.merge(key, part, (had, more) -> had + delimiter + more);
            }
            from = end + delimiter.length();
        }
        return attributes;
    }
}
