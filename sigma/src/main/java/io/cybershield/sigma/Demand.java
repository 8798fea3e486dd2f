package io.cybershield.sigma;

import java.math.BigDecimal;
import java.util.List;

/** What one value of a rule asks of a field once its modifiers are applied. */
sealed interface Demand {

    record Text(Glob glob) implements Demand {}

    /** Found anywhere in the text; compiled with re2j, so in time linear in the text. */
    record Regex(String pattern, boolean ignoreCase, boolean multiLine, boolean dotAll)
            implements Demand {}

    record In(Network network) implements Demand {}

    record Compare(Comparison comparison, BigDecimal number) implements Demand {}

    /** Missing or null. */
    record Null() implements Demand {}

    record Exists(boolean wanted) implements Demand {}

    /** Against another field of the same event. */
    record Reference(String field, boolean starts, boolean ends, boolean cased) implements Demand {}

    record Part(TimePart part, Comparison comparison, int number) implements Demand {}

    /** One value that a modifier made several of. */
    record AnyOf(List<Demand> tests) implements Demand {}

    enum Comparison {
        EQ,
        LT,
        LTE,
        GT,
        GTE;

        boolean holds(int sign) {
            return switch (this) {
                case EQ -> sign == 0;
                case LT -> sign < 0;
                case LTE -> sign <= 0;
                case GT -> sign > 0;
                case GTE -> sign >= 0;
            };
        }
    }
}
