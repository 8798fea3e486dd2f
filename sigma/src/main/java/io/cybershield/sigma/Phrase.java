package io.cybershield.sigma;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says in words what a rule asks of a field: "to end with '\powershell.exe'". */
final class Phrase {

    /** Characters of one value that a sentence shows. */
    static final int LONGEST = 200;

    private static final int MOST_VALUES = 5;
    private static final String NULL = "null";

    private static final Map<Modifier, String> COMPARISONS =
            Map.of(
                    Modifier.LT, "less than ",
                    Modifier.LTE, "at most ",
                    Modifier.GT, "greater than ",
                    Modifier.GTE, "at least ");

    private static final List<Modifier> PARTS =
            List.of(
                    Modifier.MINUTE,
                    Modifier.HOUR,
                    Modifier.DAY,
                    Modifier.WEEK,
                    Modifier.MONTH,
                    Modifier.YEAR);

    private Phrase() {}

    static String written(Search.Value value) {
        return switch (value) {
            case Search.Value.Text(var text) -> text;
            case Search.Value.Number(var text, _) -> text;
            case Search.Value.Bool(var truth) -> Boolean.toString(truth);
            case Search.Value.Null() -> NULL;
        };
    }

    /**
     * @param modifiers without {@code all} and {@code neq}
     * @param values as written, at least one
     */
    static String wish(List<Modifier> modifiers, List<String> values, boolean all) {
        if (modifiers.contains(Modifier.EXISTS)) {
            return values.getFirst().equals("true") ? "to be there" : "not to be there";
        }
        String listed = listed(values, all);
        for (Modifier part : PARTS) {
            if (modifiers.contains(part)) {
                return "to have %s %s%s".formatted(part.word(), comparison(modifiers), listed);
            }
        }
        if (modifiers.contains(Modifier.FIELDREF)) {
            return "%s what field %s holds".formatted(verb(modifiers, false), listed)
                    + (modifiers.contains(Modifier.CASED) ? " in the same case" : "");
        }
        if (modifiers.contains(Modifier.RE)) {
            return "to match the regular expression " + listed;
        }
        if (modifiers.contains(Modifier.CIDR)) {
            return "to lie in the network " + listed;
        }
        String comparison = comparison(modifiers);
        if (!comparison.isEmpty()) {
            return "to be " + comparison + listed;
        }
        if (values.equals(List.of(NULL))) {
            return "to be missing or null";
        }
        if (values.equals(List.of("")) && verb(modifiers, false).equals("to be")) {
            return "to be empty";
        }
        boolean wild = values.stream().anyMatch(Phrase::isWild);
        return verb(modifiers, wild) + " " + listed + encoding(modifiers);
    }

    /** Of keywords, one sentence. */
    static String keywords(
            List<Modifier> modifiers,
            List<String> values,
            boolean all,
            @Nullable String given,
            boolean holds) {
        String sought =
                modifiers.contains(Modifier.RE)
                        ? "a match of the regular expression " + listed(values, all)
                        : listed(values, all) + encoding(modifiers);
        return holds
                ? "'%s' contains %s.".formatted(given == null ? "" : shorten(given), sought)
                : "No value of this event contains %s.".formatted(sought);
    }

    private static boolean isWild(String value) {
        return Glob.pieces(value).stream()
                .anyMatch(piece -> !(piece instanceof Glob.Piece.Literal));
    }

    private static String verb(List<Modifier> modifiers, boolean wild) {
        if (modifiers.contains(Modifier.CONTAINS)) {
            return "to contain";
        }
        if (modifiers.contains(Modifier.STARTSWITH)) {
            return "to start with";
        }
        if (modifiers.contains(Modifier.ENDSWITH)) {
            return "to end with";
        }
        return wild ? "to match" : "to be";
    }

    private static String comparison(List<Modifier> modifiers) {
        for (Modifier modifier : modifiers) {
            String words = COMPARISONS.get(modifier);
            if (words != null) {
                return words;
            }
        }
        return "";
    }

    private static String encoding(List<Modifier> modifiers) {
        var words = new StringBuilder();
        if (modifiers.contains(Modifier.EXPAND)) {
            words.append(" with its placeholders filled in");
        }
        if (modifiers.contains(Modifier.WINDASH)) {
            words.append(" with any kind of dash");
        }
        for (Modifier modifier :
                List.of(Modifier.WIDE, Modifier.UTF16, Modifier.UTF16LE, Modifier.UTF16BE)) {
            if (modifiers.contains(modifier)) {
                words.append(" in ")
                        .append(modifier == Modifier.WIDE ? "utf16le" : modifier.word());
            }
        }
        if (modifiers.contains(Modifier.BASE64)) {
            words.append(" in Base64");
        }
        if (modifiers.contains(Modifier.BASE64OFFSET)) {
            words.append(" in Base64 at any offset");
        }
        if (modifiers.contains(Modifier.CASED)) {
            words.append(" in the same case");
        }
        return words.toString();
    }

    private static String listed(List<String> values, boolean all) {
        var words = new StringBuilder();
        if (values.size() > 1) {
            words.append(all ? "each of " : "one of ");
        }
        for (int i = 0; i < values.size() && i < MOST_VALUES; i++) {
            String value = values.get(i);
            words.append(i > 0 ? ", " : "")
                    .append(value.equals(NULL) ? NULL : "'" + shorten(value) + "'");
        }
        if (values.size() > MOST_VALUES) {
            words.append(" and %d more".formatted(values.size() - MOST_VALUES));
        }
        return words.toString();
    }

    private static String shorten(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
    }
}
