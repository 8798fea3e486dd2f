package io.cybershield.sigma;

import io.cybershield.sigma.Refusal.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads a condition: {@code or}, {@code and}, {@code not}, {@code x of}, parentheses. */
final class ConditionParser {

    private static final Pattern TOKEN = Pattern.compile("\\s*([()|]|[^\\s()|]+)");
    private static final int DEEPEST = 64;
    private static final int LONGEST = 20_000;

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
        var matcher = TOKEN.matcher(written);
        while (matcher.find()) {
            tokens.add(matcher.group(1));
        }
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
        if (!quantity.matches("[1-9][0-9]{0,3}")) {
            throw bad("'%s' must start with a number from 1, 'any' or 'all'.".formatted(text));
        }
        return Integer.parseInt(quantity);
    }

    /** Names that start with an underscore are meant only by a pattern that does too. */
    private List<String> meant(String pattern) {
        if (pattern.equalsIgnoreCase("them")) {
            return names.stream().filter(name -> !name.startsWith("_")).toList();
        }
        var glob = Glob.ofPattern(pattern);
        return names.stream()
                .filter(name -> pattern.startsWith("_") || !name.startsWith("_"))
                .filter(glob::matches)
                .toList();
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
