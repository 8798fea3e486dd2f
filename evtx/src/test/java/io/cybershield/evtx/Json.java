package io.cybershield.evtx;

import java.util.ArrayList;
import java.util.LinkedHashMap;

/** Reads JSON, so that what the module writes is checked by other code than that which wrote it. */
final class Json {

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    static Object parse(String text) {
        var json = new Json(text);
        var value = json.value();
        json.space();
        if (json.at < text.length()) {
            throw json.bad("more than one value");
        }
        return value;
    }

    /** The first of several values in one text. */
    static Object parseFirst(String text) {
        return new Json(text).value();
    }

    private Object value() {
        space();
        return switch (text.charAt(at)) {
            case '{' -> {
                at++;
                var map = new LinkedHashMap<String, Object>();
                for (space(); text.charAt(at) != '}'; space()) {
                    if (!map.isEmpty()) {
                        expect(',');
                        space();
                    }
                    var key = string();
                    space();
                    expect(':');
                    if (map.containsKey(key)) {
                        throw bad("key twice: " + key);
                    }
                    map.put(key, value());
                }
                at++;
                yield map;
            }
            case '[' -> {
                at++;
                var list = new ArrayList<Object>();
                for (space(); text.charAt(at) != ']'; space()) {
                    if (!list.isEmpty()) {
                        expect(',');
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

    private Object number() {
        var start = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        var number = text.substring(start, at);
        return number.matches("-?[0-9]+") ? (Object) Long.valueOf(number) : Double.valueOf(number);
    }

    private String string() {
        expect('"');
        var out = new StringBuilder();
        while (text.charAt(at) != '"') {
            var c = text.charAt(at++);
            if (c < ' ') {
                throw bad("control character in a string");
            }
            if (c != '\\') {
                out.append(c);
                continue;
            }
            var escape = text.charAt(at++);
            switch (escape) {
                case 'n' -> out.append('\n');
                case 'r' -> out.append('\r');
                case 't' -> out.append('\t');
                case 'b' -> out.append('\b');
                case 'f' -> out.append('\f');
                case 'u' -> {
                    out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                    at += 4;
                }
                case '"', '\\', '/' -> out.append(escape);
                default -> throw bad("escape " + escape);
            }
        }
        at++;
        return out.toString();
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw bad("not a value");
        }
        at += word.length();
        return value;
    }

    private void space() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private void expect(char c) {
        if (text.charAt(at) != c) {
            throw bad("expected " + c);
        }
        at++;
    }

    private IllegalArgumentException bad(String what) {
        return new IllegalArgumentException(what + " at character " + at);
    }
}
