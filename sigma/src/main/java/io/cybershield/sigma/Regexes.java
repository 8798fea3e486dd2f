package io.cybershield.sigma;

import com.google.re2j.Pattern;

/** Regular expressions in linear time. */
final class Regexes {

    private static final int LONGEST = 10_000;

    private Regexes() {}

    /**
     * @throws com.google.re2j.PatternSyntaxException when re2 has no such expression
     * @throws IllegalArgumentException when it is too long
     */
    static Pattern compile(Demand.Regex regex) {
        if (regex.pattern().length() > LONGEST) {
            throw new IllegalArgumentException("it is longer than 10,000 characters");
        }
        int flags =
                (regex.ignoreCase() ? Pattern.CASE_INSENSITIVE : 0)
                        | (regex.multiLine() ? Pattern.MULTILINE : 0)
                        | (regex.dotAll() ? Pattern.DOTALL : 0);
        return Pattern.compile(regex.pattern(), flags);
    }
}
