package io.cybershield.sigma;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Just enough JSON for the shared test data; the module itself reads none. */
final class Json {

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(String text) {
        return (Map<String, Object>) parse(text);
    }

    /** Values one after the other. */
    static List<Object> all(String text) {
        var json = new Json(text);
        var all = new ArrayList<Object>();
        for (json.blank(); json.at < text.length(); json.blank()) {
            all.add(json.value());
        }
        return all;
    }

    static Object parse(String text) {
        var json = new Json(text);
        Object value = json.value();
        json.blank();
        if (json.at < text.length()) {
            throw new IllegalArgumentException("text after the value at " + json.at);
        }
        return value;
    }

    /** JSON is YAML, so a rule given as JSON can be loaded as it stands. */
    static String write(Object value) {
        return switch (value) {
            case null -> "null";
            case String s -> quote(s);
            case Map<?, ?> map -> {
                var out = new ArrayList<String>();
                map.forEach((k, v) -> out.add(quote(k.toString()) + ": " + write(v)));
                yield "{" + String.join(", ", out) + "}";
            }
            case List<?> list ->
                    "[" + String.join(", ", list.stream().map(Json::write).toList()) + "]";
            default -> value.toString();
        };
    }

    static String quote(String s) {
        var out = new StringBuilder("\"");
        for (char c : s.toCharArray()) {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || c > '~') {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.append('"').toString();
    }

    private void blank() {
        while (at < text.length() && text.charAt(at) <= ' ') {
            at++;
        }
    }

    private Object value() {
        blank();
        char c = text.charAt(at);
        return switch (c) {
            case '{' -> {
                var map = new LinkedHashMap<String, Object>();
                at++;
                for (blank(); text.charAt(at) != '}'; blank()) {
                    if (text.charAt(at) == ',') {
                        at++;
                        blank();
                    }
                    String key = string();
                    blank();
                    expect(':');
                    map.put(key, value());
                }
                at++;
                yield map;
            }
            case '[' -> {
                var list = new ArrayList<Object>();
                at++;
                for (blank(); text.charAt(at) != ']'; blank()) {
                    if (text.charAt(at) == ',') {
                        at++;
                    }
                    list.add(value());
                }
                at++;
                yield list;
            }
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw new IllegalArgumentException("not JSON at " + at);
        }
        at += word.length();
        return value;
    }

    private void expect(char c) {
        if (text.charAt(at++) != c) {
            throw new IllegalArgumentException("expected " + c + " at " + (at - 1));
        }
    }

    private Object number() {
        int from = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String number = text.substring(from, at);
        if (number.matches("-?\\d{1,18}")) {
            return Long.parseLong(number);
        }
        return Double.parseDouble(number);
    }

    private String string() {
        expect('"');
        int end = at;
        while (text.charAt(end) != '"' && text.charAt(end) != '\\') {
            end++;
        }
        if (text.charAt(end) == '"') {
            String plain = text.substring(at, end);
            at = end + 1;
            return plain;
        }
        var out = new StringBuilder();
        while (true) {
            char c = text.charAt(at++);
            if (c == '"') {
                return out.toString();
            }
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char e = text.charAt(at++);
            switch (e) {
                case 'n' -> out.append('\n');
                case 't' -> out.append('\t');
                case 'r' -> out.append('\r');
                case 'b' -> out.append('\b');
                case 'f' -> out.append('\f');
                case 'u' -> {
                    out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                    at += 4;
                }
                default -> out.append(e);
            }
        }
    }
}
