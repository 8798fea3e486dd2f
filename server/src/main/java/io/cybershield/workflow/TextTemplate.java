package io.cybershield.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Text with places to fill in: {@code {{ trigger.incident.host }}}, and {@code {{ path | default
 * "none" }}} for a value that may be missing. No logic; what is filled in is data and never read as
 * a template again.
 */
final class TextTemplate {
    private static final Pattern PLACE = Pattern.compile("\\{\\{(.{0,500}?)}}", Pattern.DOTALL);
    private static final Pattern INNER =
            Pattern.compile(
                    "\\s*([A-Za-z_]\\w*(?:\\.\\??[A-Za-z_]\\w*|\\[\\d{1,4}])*)\\s*(?:\\|\\s*default\\s+\"([^\"]*)\"\\s*)?");
    private static final List<String> ROOTS =
            List.of("trigger", "steps", "run", "tenant", "item", "index");
    private static final int LONGEST = 200_000;

    private TextTemplate() {}

    /** A place that has no value. */
    static final class NoValue extends Exception {
        private static final long serialVersionUID = 1L;

        NoValue(String message) {
            super(message);
        }
    }

    /** What is wrong with the text itself, whatever the values; empty when nothing is. */
    static List<String> problems(String text) {
        var found = new ArrayList<String>();
        Matcher places = PLACE.matcher(text);
        while (places.find()) {
            Matcher inner = INNER.matcher(places.group(1));
            if (!inner.matches()) {
                found.add(
                        "'" + places.group() + "' is no path such as {{ trigger.incident.host }}.");
            } else if (!ROOTS.contains(inner.group(1).split("[.\\[]", 2)[0])) {
                found.add(
                        "'"
                                + places.group()
                                + "' must start with "
                                + String.join(", ", ROOTS)
                                + ".");
            }
        }
        return found;
    }

    /**
     * @throws NoValue naming the first place without a value and the mend
     */
    static String fill(String text, Map<String, Object> context) throws NoValue {
        if (!text.contains("{{")) {
            return text;
        }
        var out = new StringBuilder();
        Matcher places = PLACE.matcher(text);
        int from = 0;
        while (places.find()) {
            out.append(text, from, places.start()).append(value(places.group(1), context));
            from = places.end();
            if (out.length() > LONGEST) {
                throw new NoValue("The filled-in text is longer than " + LONGEST + " characters.");
            }
        }
        return out.append(text.substring(from)).toString();
    }

    private static String value(String place, Map<String, Object> context) throws NoValue {
        Matcher inner = INNER.matcher(place);
        if (!inner.matches()) {
            throw new NoValue(
                    "'{{" + place + "}}' is no path such as {{ trigger.incident.host }}.");
        }
        Object found = walk(inner.group(1), context);
        if (found != null) {
            return found.toString();
        }
        if (inner.group(2) != null) {
            return inner.group(2);
        }
        throw new NoValue(
                "'{{"
                        + place
                        + "}}' has no value in this run. Write {{"
                        + place.stripTrailing()
                        + " | default \"...\" }} if it may be missing.");
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
            if (here == null) {
                return null;
            }
        }
        return here;
    }
}
