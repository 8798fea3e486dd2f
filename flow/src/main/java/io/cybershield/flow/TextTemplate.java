package io.cybershield.flow;

import io.cybershield.engine.Payload;
import io.cybershield.flow.Description.Channel;
import io.cybershield.flow.Description.Field;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Text with places to fill in: {@code {{ trigger.incident.host }}}, and {@code {{ path | default
 * "none" }}} for a value that may be missing. No logic; what is filled in is data, escaped for
 * where it goes, and never read as a template again.
 */
public final class TextTemplate {
    private static final int LONGEST_PLACE = 500;
    private static final Pattern PATH =
            Pattern.compile("[A-Za-z_]\\w*+(?:\\.\\??[A-Za-z_]\\w*+|\\[\\d{1,4}])*+");
    private static final Pattern FILTER =
            Pattern.compile("\\|\\s*+([a-z0-9]{1,20})(?:\\s++\"([^\"]*+)\")?+\\s*+");
    private static final Set<String> FILTERS =
            Set.of(
                    "default", "json", "url", "html", "base64", "upper", "lower", "trim", "join",
                    "length");
    private static final Set<String> WITH_TEXT = Set.of("default", "join", "basic");
    private static final Set<String> SECRET_FILTERS = Set.of("base64", "url", "json", "basic");
    private static final int LONGEST = 200_000;

    private TextTemplate() {}

    /** A place that has no value, or may have none where it stands. */
    public static final class NoValue extends Exception {
        private static final long serialVersionUID = 1L;

        NoValue(String message) {
            super(message);
        }
    }

    /** What becomes of the places of secrets. */
    sealed interface Disclosure {
        /** They stay as they are written: for all that is kept or shown. */
        record Hidden() implements Disclosure {}

        /** They are filled in: for the call itself. */
        record Revealed(Secrets secrets, Scrubber scrubber) implements Disclosure {}
    }

    /** Goes from place to place in one pass, whatever the text. */
    private static final class Places {
        private final String text;
        private int start;
        private int end;
        private int close;

        Places(String text) {
            this.text = text;
        }

        boolean next() {
            int open = text.indexOf("{{", end);
            while (open >= 0) {
                if (close < open + 2) {
                    close = text.indexOf("}}", open + 2);
                    if (close < 0) {
                        return false;
                    }
                }
                if (close - open - 2 <= LONGEST_PLACE) {
                    start = open;
                    end = close + 2;
                    return true;
                }
                open = text.indexOf("{{", open + 1);
            }
            return false;
        }

        String inside() {
            return text.substring(start + 2, end - 2);
        }

        String whole() {
            return text.substring(start, end);
        }
    }

    private record Filter(String name, @Nullable String argument) {}

    private record Place(String written, String path, List<Filter> filters) {
        boolean isSecret() {
            return path.equals("secrets") || path.startsWith("secrets.");
        }

        String secret() {
            return path.substring("secrets.".length());
        }
    }

    /** What is wrong with the text itself, whatever the values; empty when nothing is. */
    public static List<String> problems(String text) {
        return problems(text, Field.PLAIN);
    }

    static List<String> problems(String text, Field field) {
        var found = new ArrayList<String>();
        var places = new Places(text);
        while (places.next()) {
            try {
                Place place = read(places.inside());
                if (place.isSecret()) {
                    refuse(place, field);
                } else if (!Expressions.ROOTS.contains(place.path().split("[.\\[]", 2)[0])) {
                    found.add(
                            "'"
                                    + places.whole()
                                    + "' must start with "
                                    + String.join(", ", Expressions.ROOTS)
                                    + ".");
                }
            } catch (NoValue e) {
                found.add(String.valueOf(e.getMessage()));
            }
        }
        return found;
    }

    /**
     * The paths that the places of a text name, and whether each says what to do when it is
     * missing.
     */
    static Map<String, Boolean> paths(String text) {
        var found = new java.util.LinkedHashMap<String, Boolean>();
        var places = new Places(text);
        while (places.next()) {
            try {
                Place place = read(places.inside());
                boolean guarded =
                        place.filters().stream().anyMatch(f -> f.name().equals("default"));
                found.merge(place.path(), guarded, (a, b) -> a && b);
            } catch (NoValue e) {
                // told by problems()
            }
        }
        return found;
    }

    /**
     * Without escaping, and without secrets.
     *
     * @throws NoValue naming the first place without a value and the mend
     */
    public static String fill(String text, Map<String, Object> context) throws NoValue {
        return fill(text, context, Field.PLAIN, new Disclosure.Hidden());
    }

    static String fill(String text, Map<String, Object> context, Field field, Disclosure disclosure)
            throws NoValue {
        if (!text.contains("{{")) {
            return text;
        }
        var out = new StringBuilder();
        var places = new Places(text);
        int from = 0;
        while (places.next()) {
            out.append(text, from, places.start);
            Channel channel =
                    field.channel() == Channel.URL && out.isEmpty()
                            ? Channel.TEXT
                            : field.channel();
            out.append(value(read(places.inside()), context, field, channel, disclosure));
            from = places.end;
            if (out.length() > LONGEST) {
                throw new NoValue("The filled-in text is longer than " + LONGEST + " characters.");
            }
        }
        return out.append(text.substring(from)).toString();
    }

    private static Place read(String inside) throws NoValue {
        String written = inside.strip();
        Matcher path = PATH.matcher(written);
        if (!path.lookingAt()) {
            throw unreadable(inside);
        }
        var filters = new ArrayList<Filter>();
        String rest = written.substring(path.end()).stripLeading();
        Matcher filter = FILTER.matcher(rest);
        int at = 0;
        while (at < rest.length()) {
            if (!filter.find(at) || filter.start() != at) {
                throw unreadable(inside);
            }
            String name = filter.group(1);
            if (!FILTERS.contains(name) && !SECRET_FILTERS.contains(name)) {
                throw new NoValue(
                        "'{{"
                                + inside
                                + "}}' names the filter '"
                                + name
                                + "', which there is not. Use one of: "
                                + String.join(", ", FILTERS.stream().sorted().toList())
                                + ".");
            }
            if (WITH_TEXT.contains(name) != (filter.group(2) != null)) {
                throw new NoValue(
                        "'{{"
                                + inside
                                + "}}': the filter '"
                                + name
                                + (filter.group(2) == null
                                        ? "' needs a text in quotes after it."
                                        : "' takes no text."));
            }
            filters.add(new Filter(name, filter.group(2)));
            at = filter.end();
        }
        return new Place(written, path.group(), filters);
    }

    private static NoValue unreadable(String inside) {
        return new NoValue("'{{" + inside + "}}' is no path such as {{ trigger.incident.host }}.");
    }

    private static void refuse(Place place, Field field) throws NoValue {
        if (!place.path().matches("secrets\\.[A-Za-z_]\\w{0,63}")) {
            throw new NoValue(
                    "'{{ " + place.written() + " }}' names no secret. Write {{ secrets.name }}.");
        }
        if (!field.sink()) {
            throw new NoValue(
                    "'{{ "
                            + place.written()
                            + " }}' cannot be used here. Secrets can be used only in settings that"
                            + " are sent, such as the headers and the body of an HTTP request.");
        }
        for (Filter filter : place.filters()) {
            if (!SECRET_FILTERS.contains(filter.name())) {
                throw new NoValue(
                        "'{{ "
                                + place.written()
                                + " }}' puts a secret through the filter '"
                                + filter.name()
                                + "'. Secrets take only: base64, basic, json, url.");
            }
        }
    }

    private static String value(
            Place place,
            Map<String, Object> context,
            Field field,
            Channel channel,
            Disclosure disclosure)
            throws NoValue {
        if (place.isSecret()) {
            refuse(place, field);
            return switch (disclosure) {
                case Disclosure.Hidden() -> "{{ " + place.written() + " }}";
                case Disclosure.Revealed(var secrets, var scrubber) -> {
                    String secret =
                            secrets.find(place.secret())
                                    .orElseThrow(() ->
                                            new NoValue(
                                                    "There is no secret '"
                                                            + place.secret()
                                                            + "'. Add it under Settings,"
                                                            + " Secrets."));
                    String written = filtered(place, secret, channel);
                    scrubber.remember(place.secret(), secret, written);
                    yield written;
                }
            };
        }
        if (place.filters().stream().anyMatch(f -> f.name().equals("basic"))) {
            throw new NoValue(
                    "'{{ " + place.written() + " }}': the filter 'basic' is for secrets only.");
        }
        Object found;
        try {
            found = walk(place.path(), context);
            if (found instanceof PayloadView view && !isMeasured(place)) {
                found = view.whole();
            }
        } catch (Budget.Spent e) {
            throw new NoValue("'{{ " + place.written() + " }}': " + e.getMessage());
        }
        if (found == null && place.filters().stream().noneMatch(f -> f.name().equals("default"))) {
            throw new NoValue(
                    "'{{ "
                            + place.written()
                            + " }}' has no value in this run. Write {{ "
                            + place.written()
                            + " | default \"...\" }} if it may be missing.");
        }
        return filtered(place, found, channel);
    }

    /** Whether it asks for the length alone. */
    private static boolean isMeasured(Place place) {
        return !place.filters().isEmpty() && place.filters().getFirst().name().equals("length");
    }

    /** The payload that a text stands for when it is one place and nothing else. */
    static @Nullable Payload payload(String whole, Map<String, Object> context) throws NoValue {
        var places = new Places(whole);
        if (!places.next()
                || !whole.substring(0, places.start).isBlank()
                || !whole.substring(places.end).isBlank()) {
            return null;
        }
        Place place = read(places.inside());
        if (place.isSecret() || place.filters().stream().anyMatch(f -> !f.name().equals("json"))) {
            return null;
        }
        try {
            int last = place.path().lastIndexOf('.');
            if (last > 0
                    && !place.filters().isEmpty()
                    && walk(place.path().substring(0, last), context)
                            instanceof PayloadView.Members members) {
                Payload text = members.text(place.path().substring(last + 1));
                if (text != null) {
                    return text;
                }
            }
            return walk(place.path(), context) instanceof PayloadView view ? view.root() : null;
        } catch (Budget.Spent e) {
            throw new NoValue("'{{ " + place.written() + " }}': " + e.getMessage());
        }
    }

    private static String filtered(Place place, @Nullable Object value, Channel channel)
            throws NoValue {
        Object here = value;
        boolean escaped = false;
        for (Filter filter : place.filters()) {
            String argument = filter.argument() == null ? "" : filter.argument();
            switch (filter.name()) {
                case "default" -> here = here == null ? argument : here;
                case "json" -> {
                    here = JsonText.of(here);
                    escaped = channel == Channel.JSON;
                }
                case "url" -> {
                    here = url(text(here));
                    escaped = true;
                }
                case "html" -> {
                    here = html(text(here));
                    escaped = true;
                }
                case "base64" -> here = base64(text(here));
                case "basic" -> here = base64(argument + ":" + text(here));
                case "upper" -> here = text(here).toUpperCase(Locale.ROOT);
                case "lower" -> here = text(here).toLowerCase(Locale.ROOT);
                case "trim" -> here = text(here).strip();
                case "join" ->
                        here =
                                here instanceof List<?> list
                                        ? String.join(
                                                argument,
                                                list.stream().map(TextTemplate::text).toList())
                                        : text(here);
                case "length" ->
                        here =
                                switch (here) {
                                    case List<?> list -> list.size();
                                    case Map<?, ?> map -> map.size();
                                    case null, default -> text(here).length();
                                };
                default -> throw new NoValue("There is no filter '" + filter.name() + "'.");
            }
            if (here instanceof String made && made.length() > LONGEST) {
                throw new NoValue(
                        "'{{ "
                                + place.written()
                                + " }}' comes to more than "
                                + LONGEST
                                + " characters.");
            }
        }
        String text = text(here);
        if (escaped) {
            return text;
        }
        return switch (channel) {
            case TEXT -> text;
            case HTML -> html(text);
            // A whole object or list fits into JSON as it is.
            case JSON -> here instanceof Map || here instanceof List ? text : jsonText(text);
            case URL -> url(text);
        };
    }

    private static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case String text -> text;
            case Map<?, ?> map -> JsonText.of(map);
            case List<?> list -> JsonText.of(list);
            default -> value.toString();
        };
    }

    static String html(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** As it stands between the quotes of a JSON text. */
    static String jsonText(String text) {
        String quoted = JsonText.of(text);
        return quoted.substring(1, quoted.length() - 1);
    }

    private static String url(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static @Nullable Object walk(String path, Map<String, Object> context) {
        Object here = context;
        for (String part : path.replace("[", ".[").replace("?", "").split("\\.")) {
            if (part.startsWith("[")) {
                int index = Integer.parseInt(part.substring(1, part.length() - 1));
                here = here instanceof List<?> list && index < list.size() ? list.get(index) : null;
            } else {
                here = here instanceof Map<?, ?> map ? map.get(part) : null;
            }
            if (here == null || here == dev.cel.common.values.NullValue.NULL_VALUE) {
                return null;
            }
        }
        return here;
    }
}
