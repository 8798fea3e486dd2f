package io.cybershield.flow;

import com.dashjoin.jsonata.Functions;
import com.dashjoin.jsonata.Jsonata.JFunction;
import com.dashjoin.jsonata.Jsonata.JFunctionCallable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Stand-ins for the functions of JSONata that can make much out of little, or look at a text for
 * ever.
 */
final class BoundedFunctions {
    private static final int LONGEST_PICTURE = 100;
    private static final double GREATEST_SPELLED = 1e15;
    private static final double GREATEST_ROMAN = 100_000;
    private static final int MOST_COMPARED = 2_000;
    private static final Pattern WIDE = Pattern.compile("[,-]\\s*+\\d{3}");

    private final Budget budget;

    BoundedFunctions(Budget budget) {
        this.budget = budget;
    }

    Map<String, JFunctionCallable> all() {
        return Map.ofEntries(
                Map.entry("pad", (_, args) -> pad(args)),
                Map.entry("join", (_, args) -> join(args)),
                Map.entry("string", (_, args) -> string(args)),
                Map.entry("match", (_, args) -> match(args)),
                Map.entry("contains", (_, args) -> contains(args)),
                Map.entry("replace", (_, args) -> replace(args)),
                Map.entry("split", (_, args) -> split(args)),
                Map.entry("substringBefore", (_, args) -> substringBefore(args)),
                Map.entry("substringAfter", (_, args) -> substringAfter(args)),
                Map.entry("distinct", (_, args) -> distinct(args)),
                Map.entry(
                        "formatNumber",
                        (_, args) ->
                                Functions.formatNumber(
                                        (Number) at(args, 0),
                                        picture(args, 1),
                                        (Map<?, ?>) at(args, 2))),
                Map.entry(
                        "formatInteger",
                        (_, args) -> Functions.formatInteger(spelled(args), picture(args, 1))),
                Map.entry(
                        "parseInteger",
                        (_, args) -> Functions.parseInteger(shortText(args, 0), picture(args, 1))),
                Map.entry(
                        "fromMillis",
                        (_, args) ->
                                Functions.dateTimeFromMillis(
                                        (Number) at(args, 0),
                                        picture(args, 1),
                                        shortText(args, 2))),
                Map.entry(
                        "toMillis",
                        (_, args) ->
                                Functions.dateTimeToMillis(shortText(args, 0), picture(args, 1))));
    }

    private static @Nullable Object at(List<?> args, int index) {
        return index < args.size() ? args.get(index) : null;
    }

    private static @Nullable String text(List<?> args, int index) {
        return (String) at(args, index);
    }

    private static @Nullable String shortText(List<?> args, int index) {
        String text = text(args, index);
        if (text != null && text.length() > 1_000) {
            throw new Budget.Spent("A text to read as a number or a time is too long.");
        }
        return text;
    }

    private static @Nullable String picture(List<?> args, int index) {
        String picture = text(args, index);
        if (picture != null
                && (picture.length() > LONGEST_PICTURE || WIDE.matcher(picture).find())) {
            throw new Budget.Spent(
                    "A picture may have "
                            + LONGEST_PICTURE
                            + " characters and no width beyond 99.");
        }
        return picture;
    }

    private static @Nullable Number spelled(List<?> args) {
        var number = (Number) at(args, 0);
        String picture = text(args, 1);
        if (number != null
                && Math.abs(number.doubleValue())
                        > (picture != null
                                        && picture.toLowerCase(java.util.Locale.ROOT).contains("i")
                                ? GREATEST_ROMAN
                                : GREATEST_SPELLED)) {
            throw new Budget.Spent("The number is too large to be spelled out.");
        }
        return number;
    }

    private @Nullable Object pad(List<?> args) {
        String text = text(args, 0);
        var width = (Number) at(args, 1);
        if (text == null || width == null) {
            return text;
        }
        if (Math.abs(width.doubleValue()) > 10_000) {
            throw new Budget.Spent("$pad makes texts of up to 10000 characters.");
        }
        String with = text(args, 2);
        String filler = with == null || with.isEmpty() ? " " : with;
        int missing = Math.abs(width.intValue()) - text.codePointCount(0, text.length());
        if (missing <= 0) {
            return text;
        }
        int[] points = filler.codePoints().limit(missing).toArray();
        budget.make(4L * (missing + text.length()));
        var padding = new StringBuilder(missing);
        for (int i = 0; i < missing; i++) {
            padding.appendCodePoint(points[i % points.length]);
        }
        return width.intValue() > 0 ? text + padding : padding + text;
    }

    private @Nullable Object join(List<?> args) {
        Object texts = at(args, 0);
        String separator = text(args, 1);
        if (!(texts instanceof List<?> list)) {
            return texts;
        }
        long length = 0;
        for (Object text : list) {
            length += String.valueOf(text).length() + (separator == null ? 0 : separator.length());
        }
        budget.make(3 * length);
        return String.join(
                separator == null ? "" : separator, list.stream().map(String::valueOf).toList());
    }

    private @Nullable Object string(List<?> args) {
        Object value = at(args, 0);
        boolean pretty = Boolean.TRUE.equals(at(args, 1));
        budget.seen(value);
        String made = Functions.string(value, false);
        if (pretty && made != null && made.length() > 20_000) {
            throw new Budget.Spent("$string lays out up to 20000 characters.");
        }
        return pretty ? Functions.string(value, true) : made;
    }

    private @Nullable Object distinct(List<?> args) {
        Object values = at(args, 0);
        if (values instanceof List<?> list
                && list.size() > MOST_COMPARED
                && list.stream().anyMatch(v -> v instanceof List || v instanceof Map)) {
            throw new Budget.Spent(
                    "$distinct compares up to " + MOST_COMPARED + " objects or lists.");
        }
        return Functions.distinct(values);
    }

    private @Nullable Object match(List<?> args) {
        String text = text(args, 0);
        var limit = (Number) at(args, 2);
        if (text == null) {
            return null;
        }
        Matcher matcher = matcher(at(args, 1), text);
        var found = new ArrayList<@Nullable Object>();
        while ((limit == null || found.size() < limit.intValue()) && matcher.find()) {
            budget.step();
            var one = new LinkedHashMap<String, @Nullable Object>();
            one.put("match", matcher.group());
            one.put("index", matcher.start());
            one.put("groups", groups(matcher));
            budget.seen(one);
            found.add(one);
        }
        return found.isEmpty() ? null : found.size() == 1 ? found.getFirst() : found;
    }

    private static List<@Nullable String> groups(Matcher matcher) {
        var groups = new ArrayList<@Nullable String>();
        for (int i = 1; i <= matcher.groupCount(); i++) {
            groups.add(matcher.group(i));
        }
        return groups;
    }

    private @Nullable Object contains(List<?> args) {
        String text = text(args, 0);
        if (text == null) {
            return null;
        }
        return at(args, 1) instanceof String part
                ? Search.contains(text, part, budget)
                : matcher(at(args, 1), text).find();
    }

    private @Nullable Object substringBefore(List<?> args) {
        String text = text(args, 0);
        String part = text(args, 1);
        int found = text == null || part == null ? -1 : Search.indexOf(text, part, 0, budget);
        return found < 0 || text == null ? text : text.substring(0, found);
    }

    private @Nullable Object substringAfter(List<?> args) {
        String text = text(args, 0);
        String part = text(args, 1);
        int found = text == null || part == null ? -1 : Search.indexOf(text, part, 0, budget);
        return found < 0 || text == null || part == null
                ? text
                : text.substring(found + part.length());
    }

    private @Nullable Object split(List<?> args) {
        String text = text(args, 0);
        var limit = (Number) at(args, 2);
        if (text == null) {
            return null;
        }
        if (limit != null && limit.intValue() < 0) {
            throw new Budget.Spent("The limit of $split must be 0 or more.");
        }
        int most = limit == null ? Integer.MAX_VALUE : limit.intValue();
        var parts = new ArrayList<@Nullable Object>();
        if (at(args, 1) instanceof String separator) {
            if (separator.isEmpty()) {
                budget.make(48L * Math.min(most, text.length()));
                for (int i = 0; i < text.length() && i < most; i++) {
                    parts.add(text.substring(i, i + 1));
                }
                return parts;
            }
            int from = 0;
            int found;
            while (parts.size() < most
                    && (found = Search.indexOf(text, separator, from, budget)) >= 0) {
                part(parts, text, from, found);
                from = found + separator.length();
            }
            if (parts.size() < most) {
                part(parts, text, from, text.length());
            }
            return parts;
        }
        Matcher matcher = matcher(at(args, 1), text);
        int from = 0;
        while (parts.size() < most && matcher.find()) {
            if (matcher.end() > 0) { // an empty match at the very beginning splits nothing
                part(parts, text, from, matcher.start());
                from = matcher.end();
            }
        }
        if (parts.size() < most) {
            part(parts, text, from, text.length());
        }
        return parts;
    }

    private void part(List<@Nullable Object> parts, String text, int from, int to) {
        budget.step();
        budget.make(48L + to - from);
        parts.add(text.substring(from, to));
    }

    private @Nullable Object replace(List<?> args) throws Throwable {
        String text = text(args, 0);
        Object replacement = at(args, 2);
        var limit = (Number) at(args, 3);
        if (text == null) {
            return null;
        }
        int most = limit == null ? Integer.MAX_VALUE : limit.intValue();
        if (most < 0) {
            throw new Budget.Spent("The limit of $replace must be 0 or more.");
        }
        var out = new StringBuilder();
        int from = 0;
        int done = 0;
        if (at(args, 1) instanceof String part) {
            if (part.isEmpty()) {
                throw new Budget.Spent("$replace cannot look for an empty text.");
            }
            String instead = String.valueOf(replacement);
            int found;
            while (done++ < most && (found = Search.indexOf(text, part, from, budget)) >= 0) {
                append(out, text, from, found, instead);
                from = found + part.length();
            }
        } else {
            Matcher matcher = matcher(at(args, 1), text);
            while (done++ < most && matcher.find()) {
                append(out, text, from, matcher.start(), instead(matcher, replacement));
                from = matcher.end();
            }
        }
        budget.make(3 * (text.length() - (long) from));
        return out.append(text, from, text.length()).toString();
    }

    private void append(StringBuilder out, String text, int from, int to, String instead) {
        budget.step();
        budget.make(4L * ((long) to - from + instead.length()));
        out.append(text, from, to).append(instead);
    }

    private static String instead(Matcher matcher, @Nullable Object replacement) throws Throwable {
        if (!(replacement instanceof String pattern)) {
            var found = new LinkedHashMap<String, @Nullable Object>();
            found.put("match", matcher.group());
            found.put("index", matcher.start());
            found.put("groups", groups(matcher));
            return Functions.funcApply(replacement, List.of(found)) instanceof String text
                    ? text
                    : "";
        }
        var out = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c != '$' || i + 1 == pattern.length()) {
                out.append(c);
            } else if (pattern.charAt(i + 1) == '$') {
                out.append('$');
                i++;
            } else if (Character.digit(pattern.charAt(i + 1), 10) >= 0) {
                int group = Character.digit(pattern.charAt(i + 1), 10);
                String value = group <= matcher.groupCount() ? matcher.group(group) : "";
                out.append(value == null ? "" : value);
                i++;
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static Matcher matcher(@Nullable Object pattern, String text) {
        if (pattern instanceof Regex regex) {
            return regex.on(text);
        }
        throw new Budget.Spent("A text or a regular expression such as /a+/ is wanted here.");
    }

    /** A regular expression of a transform; each character it looks at counts. */
    static final class Regex extends JFunction {
        private final Pattern pattern;
        private final Budget budget;

        Regex(Pattern pattern, Budget budget) {
            super((_, args) -> matching(pattern, budget, args), "<x:x>");
            this.pattern = pattern;
            this.budget = budget;
        }

        Matcher on(String text) {
            return pattern.matcher(new Looked(text, budget));
        }

        /** Applied like a function, it lets through the texts that it matches. */
        private static List<Object> matching(Pattern pattern, Budget budget, List<?> args) {
            var found = new ArrayList<Object>();
            for (Object arg : args) {
                if (arg instanceof String text
                        && pattern.matcher(new Looked(text, budget)).find()) {
                    found.add(text);
                }
            }
            return found;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    private record Looked(String text, Budget budget) implements CharSequence {
        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            budget.look();
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
