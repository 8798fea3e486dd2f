package io.cybershield.sigma;

import com.google.re2j.Pattern;

/** Regular expressions in linear time. */
final class Regexes {

    private static final int LONGEST = 10_000;

    /** Flags inside the expression that make it look at lines. */
    private static final Pattern LINES = Pattern.compile("\\(\\?[a-zA-Z]*m");

    private Regexes() {}

    /**
     * @throws com.google.re2j.PatternSyntaxException when re2 has no such expression
     * @throws IllegalArgumentException when it is too long
     */
    static Demand.Regex compile(
            String pattern, boolean ignoreCase, boolean multiLine, boolean dotAll) {
        if (pattern.length() > LONGEST) {
            throw new IllegalArgumentException("it is longer than 10,000 characters");
        }
        int flags =
                (ignoreCase ? Pattern.CASE_INSENSITIVE : 0)
                        | (multiLine ? Pattern.MULTILINE : 0)
                        | (dotAll ? Pattern.DOTALL : 0);
        boolean lines = multiLine || LINES.matcher(pattern).find();
        return new Demand.Regex(
                pattern,
                Pattern.compile(lines ? pattern : ended(pattern), flags),
                RegexLiteral.of(pattern));
    }

    /**
     * The flavour is that of PCRE, where {@code $} also holds before a line feed that ends the
     * text; re2 has it at the very end only.
     */
    private static String ended(String pattern) {
        if (pattern.indexOf('$') < 0) {
            return pattern;
        }
        var text = new StringBuilder();
        int at = 0;
        while (at < pattern.length()) {
            char c = pattern.charAt(at);
            int end = at + 1;
            if (pattern.startsWith("\\Q", at)) {
                int quoted = pattern.indexOf("\\E", at + 2);
                end = quoted < 0 ? pattern.length() : quoted + 2;
            } else if (c == '\\') {
                end = Math.min(pattern.length(), at + 2);
            } else if (c == '[') {
                end = classEnd(pattern, at);
            }
            text.append(c == '$' ? "(?:\\n?\\z)" : pattern.substring(at, end));
            at = end;
        }
        return text.toString();
    }

    /** The place after a character class. */
    static int classEnd(String pattern, int start) {
        int at = start + 1;
        if (at < pattern.length() && pattern.charAt(at) == '^') {
            at++;
        }
        if (at < pattern.length() && pattern.charAt(at) == ']') {
            at++;
        }
        while (at < pattern.length() && pattern.charAt(at) != ']') {
            if (pattern.startsWith("[:", at) && pattern.indexOf(":]", at) > 0) {
                at = pattern.indexOf(":]", at) + 1;
            } else if (pattern.charAt(at) == '\\') {
                at++;
            }
            at++;
        }
        return Math.min(pattern.length(), at + 1);
    }
}
