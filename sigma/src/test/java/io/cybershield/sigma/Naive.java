package io.cybershield.sigma;

import java.math.BigDecimal;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The specification, interpreted rule by rule and value by value, with nothing shared with the
 * compiler: wildcards by recursion over the text, modifiers on strings, no index, no memory.
 */
final class Naive {

    private static final char RUN = '\ue000';
    private static final char ONE = '\ue001';

    private Naive() {}

    static boolean matches(SigmaRule rule, Map<String, Object> event) {
        return holds(rule.detection().condition(), rule.detection().searches(), event);
    }

    private static boolean holds(
            Condition condition, Map<String, Search> searches, Map<String, Object> event) {
        return switch (condition) {
            case Condition.Identifier(var name) -> holds(searches.get(name), event);
            case Condition.And(var parts) ->
                    parts.stream().allMatch(part -> holds(part, searches, event));
            case Condition.Or(var parts) ->
                    parts.stream().anyMatch(part -> holds(part, searches, event));
            case Condition.Not(var part) -> !holds(part, searches, event);
            case Condition.Count(var least, var names, _) ->
                    names.stream().filter(name -> holds(searches.get(name), event)).count()
                            >= least;
        };
    }

    private static boolean holds(Search search, Map<String, Object> event) {
        return switch (search) {
            case Search.AllOf(var parts) -> parts.stream().allMatch(part -> holds(part, event));
            case Search.AnyOf(var parts) -> parts.stream().anyMatch(part -> holds(part, event));
            case Search.Match match -> {
                boolean all = match.modifiers().contains(Modifier.ALL);
                boolean result =
                        all
                                ? match.values().stream().allMatch(v -> holds(match, v, event))
                                : match.values().stream().anyMatch(v -> holds(match, v, event));
                yield match.modifiers().contains(Modifier.NEQ) != result;
            }
        };
    }

    private static boolean holds(
            Search.Match match, Search.Value value, Map<String, Object> event) {
        var modifiers = match.modifiers();
        if (value instanceof Search.Value.Null) {
            return event.get(match.field()) == null;
        }
        if (modifiers.contains(Modifier.EXISTS)) {
            return event.containsKey(match.field()) == ((Search.Value.Bool) value).value();
        }
        List<Object> given = new ArrayList<>();
        gather(match.isKeywords() ? List.copyOf(present(event)) : event.get(match.field()), given);
        return given.stream().anyMatch(item -> holds(match, value, item, event));
    }

    private static List<Object> present(Map<String, Object> event) {
        return event.values().stream().filter(v -> v != null).toList();
    }

    private static void gather(Object value, List<Object> into) {
        if (value instanceof List<?> many) {
            many.forEach(one -> gather(one, into));
        } else if (value != null) {
            into.add(value);
        }
    }

    private static String text(Search.Value value) {
        return switch (value) {
            case Search.Value.Text(var text) -> text;
            case Search.Value.Number(var written, _) -> written;
            case Search.Value.Bool(var truth) -> Boolean.toString(truth);
            case Search.Value.Null() -> throw new IllegalStateException();
        };
    }

    private static boolean holds(
            Search.Match match, Search.Value value, Object item, Map<String, Object> event) {
        var modifiers = match.modifiers();
        String given = item.toString();
        boolean cased = modifiers.contains(Modifier.CASED);
        if (modifiers.contains(Modifier.RE)) {
            // The JDK's own expressions, with line feeds alone as ends of lines, are as in Perl.
            int flags =
                    Pattern.UNIX_LINES
                            | (modifiers.contains(Modifier.I) ? Pattern.CASE_INSENSITIVE : 0)
                            | (modifiers.contains(Modifier.M) ? Pattern.MULTILINE : 0)
                            | (modifiers.contains(Modifier.S) ? Pattern.DOTALL : 0);
            return Pattern.compile(text(value), flags).matcher(given).find();
        }
        for (Modifier compare : List.of(Modifier.LT, Modifier.LTE, Modifier.GT, Modifier.GTE)) {
            if (modifiers.contains(compare)) {
                if (!given.matches("[-+]?\\d+(\\.\\d+)?")) {
                    return false;
                }
                int sign = new BigDecimal(given).compareTo(new BigDecimal(text(value)));
                return switch (compare) {
                    case LT -> sign < 0;
                    case LTE -> sign <= 0;
                    case GT -> sign > 0;
                    default -> sign >= 0;
                };
            }
        }
        if (modifiers.contains(Modifier.FIELDREF)) {
            List<Object> others = new ArrayList<>();
            gather(event.get(text(value)), others);
            return others.stream()
                    .anyMatch(other -> {
                        String left = cased ? given : lower(given);
                        String right = cased ? other.toString() : lower(other.toString());
                        if (modifiers.contains(Modifier.CONTAINS)) {
                            return left.contains(right);
                        }
                        if (modifiers.contains(Modifier.STARTSWITH)) {
                            return left.startsWith(right);
                        }
                        return modifiers.contains(Modifier.ENDSWITH)
                                ? left.endsWith(right)
                                : left.equals(right);
                    });
        }
        for (String pattern : variants(value, modifiers)) {
            String full = match.isKeywords() ? RUN + pattern + RUN : pattern;
            if (modifiers.contains(Modifier.CONTAINS)) {
                full = RUN + full + RUN;
            } else if (modifiers.contains(Modifier.STARTSWITH)) {
                full = full + RUN;
            } else if (modifiers.contains(Modifier.ENDSWITH)) {
                full = RUN + full;
            }
            if (glob(cased ? full : lower(full), 0, cased ? given : lower(given), 0)) {
                return true;
            }
        }
        return value instanceof Search.Value.Number(_, var number)
                && Set.of(Modifier.ALL, Modifier.NEQ).containsAll(modifiers)
                && (match.isKeywords()
                        ? given.contains(number.exact().stripTrailingZeros().toPlainString())
                        : given.equals(number.exact().stripTrailingZeros().toPlainString()));
    }

    private static String lower(String text) {
        var lower = new StringBuilder();
        for (char c : text.toCharArray()) {
            lower.append(Character.toLowerCase(Character.toUpperCase(c)));
        }
        return lower.toString();
    }

    /** The value as patterns. */
    private static List<String> variants(Search.Value value, List<Modifier> modifiers) {
        List<String> patterns = new ArrayList<>(List.of(read(text(value))));
        if (modifiers.contains(Modifier.WINDASH)) {
            String text = patterns.getFirst();
            for (int i = 0; i < text.length(); i++) {
                boolean flag =
                        "-/\u2013\u2014\u2015".indexOf(text.charAt(i)) >= 0
                                && (i == 0 || !isWord(text.charAt(i - 1)))
                                && i + 1 < text.length()
                                && isWord(text.charAt(i + 1));
                if (flag) {
                    var more = new ArrayList<String>();
                    for (String pattern : patterns) {
                        for (char dash : "-/\u2013\u2014\u2015".toCharArray()) {
                            more.add(pattern.substring(0, i) + dash + pattern.substring(i + 1));
                        }
                    }
                    patterns = more;
                }
            }
        }
        var encoded = new ArrayList<String>();
        for (String pattern : patterns) {
            boolean base64 = modifiers.contains(Modifier.BASE64);
            boolean offset = modifiers.contains(Modifier.BASE64OFFSET);
            if (!base64 && !offset) {
                encoded.add(pattern);
                continue;
            }
            Charset charset =
                    modifiers.contains(Modifier.WIDE)
                            ? StandardCharsets.UTF_16LE
                            : StandardCharsets.UTF_8;
            byte[] bytes = pattern.getBytes(charset);
            if (base64) {
                encoded.add(Base64.getEncoder().encodeToString(bytes));
            } else {
                encoded.addAll(offsets(bytes));
            }
        }
        return encoded;
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }

    /** Unescapes; what stays a wildcard becomes a character that no text has. */
    private static String read(String written) {
        var text = new StringBuilder();
        for (int i = 0; i < written.length(); i++) {
            char c = written.charAt(i);
            char next = i + 1 < written.length() ? written.charAt(i + 1) : ' ';
            if (c == '\\' && (next == '*' || next == '?' || next == '\\')) {
                text.append(next);
                i++;
            } else {
                text.append(c == '*' ? RUN : c == '?' ? ONE : c);
            }
        }
        return text.toString();
    }

    /** Found by trying: the characters that stay the same whatever stands before and after. */
    private static List<String> offsets(byte[] bytes) {
        var parts = new ArrayList<String>();
        for (int shift = 0; shift < 3; shift++) {
            String one = surrounded(bytes, shift, (byte) 0x00);
            String two = surrounded(bytes, shift, (byte) 0xff);
            int from = 0;
            while (one.charAt(from) != two.charAt(from)) {
                from++;
            }
            int to = one.length();
            while (one.charAt(to - 1) != two.charAt(to - 1)) {
                to--;
            }
            parts.add(one.substring(from, to));
        }
        return parts;
    }

    private static String surrounded(byte[] bytes, int shift, byte filler) {
        int after = (3 - (bytes.length + shift) % 3) % 3;
        byte[] all = new byte[shift + bytes.length + after];
        java.util.Arrays.fill(all, filler);
        System.arraycopy(bytes, 0, all, shift, bytes.length);
        return Base64.getEncoder().encodeToString(all);
    }

    private static boolean glob(String pattern, int p, String text, int t) {
        if (p == pattern.length()) {
            return t == text.length();
        }
        char c = pattern.charAt(p);
        if (c == RUN) {
            for (int i = t; i <= text.length(); i++) {
                if (glob(pattern, p + 1, text, i)) {
                    return true;
                }
            }
            return false;
        }
        if (t == text.length()) {
            return false;
        }
        if (c == ONE) {
            return glob(pattern, p + 1, text, t + Character.charCount(text.codePointAt(t)));
        }
        return text.charAt(t) == c && glob(pattern, p + 1, text, t + 1);
    }
}
