package io.cybershield.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds {@code steps.<key>} in a node's configuration without knowing its language: in the {@code
 * {{ }}} parts of a text that has them, else in the whole text.
 */
final class References {
    // Possessive throughout: hostile text must not make it search for long.
    private static final Pattern REFERENCE =
            Pattern.compile(
                    "(?<has>\\bhas\\s*+\\(\\s*+)?(?<![.\\w$])steps\\s*+"
                        + "(?:\\.\\s*+(?<maybe>\\?\\s*+)?(?<key>[A-Za-z_]\\w*+)(?=\\s*+[.?\\[)])"
                        + "|\\[\\s*+(?<maybe2>\\?\\s*+)?[\"'](?<key2>[^\"']++)[\"']\\s*+])");

    private References() {}

    /**
     * A mention of a step.
     *
     * @param guarded whether it says itself that the step may be missing
     */
    record Reference(String step, boolean guarded) {}

    static List<Reference> in(@Nullable Object value) {
        var found = new ArrayList<Reference>();
        collect(value, found);
        return found;
    }

    private static void collect(@Nullable Object value, List<Reference> found) {
        switch (value) {
            case String text -> {
                if (text.contains("{{")) {
                    holes(text).forEach(hole -> scan(hole, found));
                } else {
                    scan(text, found);
                }
            }
            case Map<?, ?> map -> map.values().forEach(inner -> collect(inner, found));
            case List<?> list -> list.forEach(inner -> collect(inner, found));
            case null, default -> {}
        }
    }

    private static List<String> holes(String text) {
        var holes = new ArrayList<String>();
        int from = text.indexOf("{{");
        while (from >= 0) {
            int to = text.indexOf("}}", from);
            if (to < 0) {
                break;
            }
            holes.add(text.substring(from + 2, to));
            from = text.indexOf("{{", to);
        }
        return holes;
    }

    private static void scan(String expression, List<Reference> found) {
        var matcher = REFERENCE.matcher(expression);
        var here = new ArrayList<Reference>();
        var guarded = new ArrayList<String>();
        while (matcher.find()) {
            var key = matcher.group("key") != null ? matcher.group("key") : matcher.group("key2");
            boolean maybe = matcher.group("maybe") != null || matcher.group("maybe2") != null;
            if (matcher.group("has") != null) {
                guarded.add(key);
            }
            here.add(new Reference(key, maybe));
        }
        // One has() speaks for the whole expression: it is there to choose between the two cases.
        for (var reference : here) {
            found.add(
                    new Reference(
                            reference.step(),
                            reference.guarded() || guarded.contains(reference.step())));
        }
    }
}
