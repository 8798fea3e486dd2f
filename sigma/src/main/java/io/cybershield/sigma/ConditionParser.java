package io.cybershield.sigma;

import io.cybershield.sigma.Refusal.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads a condition: {@code or}, {@code and}, {@code not}, {@code x of}, parentheses. */
final class ConditionParser {

    private static final String SPACES = " \t\n\u000b\f\r";
    private static final String SIGNS = "()|";
    private static final int DEEPEST = 64;
    private static final int LONGEST = 20_000;
    private static final int MOST_DIGITS = 4;

    private final String written;
    private final Set<String> names;
    private final int line;
    private final List<String> tokens = new ArrayList<>();
    private int next;
    private int depth;

    private ConditionParser(String written, Set<String> names, int line) {
        this.written = written;
        this.names = names;
        this.line = line;
    }

    /**
     * @param names the identifiers of the rule, in the order written
     * @throws Refused when a part is not understood or names nothing
     */
    static Condition parse(String written, Set<String> names, int line) {
        return new ConditionParser(written, names, line).parse();
    }

    private Condition parse() {
        if (written.length() > LONGEST) {
            throw new Refused(
                    Reason.TOO_LARGE, line, "The condition is too long.", "Split the rule.");
        }
        readTokens();
        if (tokens.isEmpty()) {
            throw bad("The condition is empty.");
        }
        int pipe = tokens.indexOf("|");
        if (pipe >= 0) {
            throw new Refused(
                    Reason.V1_AGGREGATION,
                    line,
                    "The condition ends in an aggregation of Sigma 1: '%s'."
                            .formatted(Modifiers.shorten(written.substring(written.indexOf('|')))),
                    "Keep the part before '|' as the condition, give the rule a name, and count in"
                            + " a correlation rule (type event_count, value_count or temporal, with"
                            + " group-by and timespan).");
        }
        Condition condition = or();
        if (next < tokens.size()) {
            throw bad("'%s' is not expected there.".formatted(tokens.get(next)));
        }
        return condition;
    }

    private void readTokens() {
        int at = 0;
        while (at < written.length()) {
            int end = at + 1;
            if (!isOneOf(SPACES, at)) {
                if (!isOneOf(SIGNS, at)) {
                    while (end < written.length()
                            && !isOneOf(SPACES, end)
                            && !isOneOf(SIGNS, end)) {
                        end++;
                    }
                }
                tokens.add(written.substring(at, end));
            }
            at = end;
        }
    }

    private boolean isOneOf(String characters, int at) {
        return characters.indexOf(written.charAt(at)) >= 0;
    }

    private Condition or() {
        var parts = new ArrayList<Condition>();
        parts.add(and());
        while (take("or")) {
            parts.add(and());
        }
        return parts.size() == 1 ? parts.getFirst() : new Condition.Or(List.copyOf(parts));
    }

    private Condition and() {
        var parts = new ArrayList<Condition>();
        parts.add(not());
        while (take("and")) {
            parts.add(not());
        }
        return parts.size() == 1 ? parts.getFirst() : new Condition.And(List.copyOf(parts));
    }

    private Condition not() {
        if (++depth > DEEPEST) {
            throw new Refused(
                    Reason.TOO_LARGE,
                    line,
                    "The condition nests deeper than %d levels.".formatted(DEEPEST),
                    "Name the inner parts as searches of their own.");
        }
        try {
            return take("not") ? new Condition.Not(not()) : term();
        } finally {
            depth--;
        }
    }

    private Condition term() {
        if (next >= tokens.size()) {
            throw bad("Something is missing at its end.");
        }
        String token = tokens.get(next++);
        if (token.equals("(")) {
            Condition inner = or();
            if (!take(")")) {
                throw bad("A ')' is missing.");
            }
            return inner;
        }
        if (next < tokens.size() && tokens.get(next).equalsIgnoreCase("of")) {
            next++;
            return count(token);
        }
        if (token.equals(")") || isWord(token)) {
            throw bad("'%s' is not expected there.".formatted(token));
        }
        if (names.contains(token)) {
            return new Condition.Identifier(token);
        }
        throw new Refused(
                Reason.UNKNOWN_IDENTIFIER,
                line,
                "The condition names '%s', which the rule does not have; it has %s."
                        .formatted(token, names),
                "Add a search of that name or correct the condition.");
    }

    private Condition count(String quantity) {
        if (next >= tokens.size()) {
            throw bad("A name or 'them' is missing after 'of'.");
        }
        String pattern = tokens.get(next++);
        if (pattern.equals("(") || pattern.equals(")") || isOperator(pattern)) {
            throw bad("A name or 'them' is missing after 'of'.");
        }
        List<String> meant = meant(pattern);
        String text = quantity + " of " + pattern;
        if (meant.isEmpty()) {
            throw new Refused(
                    Reason.UNKNOWN_IDENTIFIER,
                    line,
                    "'%s' stands for no search of the rule; it has %s.".formatted(text, names),
                    "Correct the pattern, or drop that part of the condition.");
        }
        int atLeast =
                switch (quantity.toLowerCase(Locale.ROOT)) {
                    case "all" -> meant.size();
                    case "any" -> 1;
                    default -> number(quantity, text);
                };
        if (atLeast > meant.size()) {
            throw bad(
                    "'%s' can never hold: only %d searches are meant."
                            .formatted(text, meant.size()));
        }
        return new Condition.Count(atLeast, meant, text);
    }

    private int number(String quantity, String text) {
        int number = 0;
        for (int i = 0; i < quantity.length(); i++) {
            char c = quantity.charAt(i);
            if (c < (i == 0 ? '1' : '0') || c > '9' || i == MOST_DIGITS) {
                throw bad("'%s' must start with a number from 1, 'any' or 'all'.".formatted(text));
            }
            number = number * 10 + (c - '0');
        }
        return number;
    }

    /** Names that start with an underscore are meant only by a pattern that does too. */
    private List<String> meant(String pattern) {
        var glob = Glob.ofPattern(pattern.equalsIgnoreCase("them") ? "*" : pattern);
        var meant = new ArrayList<String>();
        for (String name : names) {
            if ((pattern.startsWith("_") || !name.startsWith("_")) && glob.matches(name)) {
                meant.add(name);
            }
        }
        return List.copyOf(meant);
    }

    private boolean take(String word) {
        if (next < tokens.size() && tokens.get(next).equalsIgnoreCase(word)) {
            next++;
            return true;
        }
        return false;
    }

    private static boolean isOperator(String token) {
        return switch (token.toLowerCase(Locale.ROOT)) {
            case "and", "or", "not", "of" -> true;
            default -> false;
        };
    }

    private static boolean isWord(String token) {
        return isOperator(token) || token.equalsIgnoreCase("them");
    }

    private Refused bad(String problem) {
        return new Refused(
                Reason.BAD_CONDITION,
                line,
                "The condition '%s' is not understood. %s"
                        .formatted(Modifiers.shorten(written), problem),
                "Write it with and, or, not, parentheses, 'N of pattern' and the names of the"
                        + " searches.");
    }
}
