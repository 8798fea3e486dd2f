package io.cybershield.sigma;

import com.google.re2j.Pattern;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one value of a rule asks of a field once its modifiers are applied. */
sealed interface Demand {

    record Text(Glob glob) implements Demand {}

    /**
     * Found anywhere in the text, in time linear in the text.
     *
     * @param literal what every match holds, folded; null when nothing is sure
     */
    record Regex(String pattern, Pattern compiled, @Nullable String literal) implements Demand {}

    record In(Network network) implements Demand {}

    record Compare(Comparison comparison, Decimal number) implements Demand {}

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
