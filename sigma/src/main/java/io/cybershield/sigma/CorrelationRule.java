package io.cybershield.sigma;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A rule over the hits of other rules. The header reads as that of a {@link SigmaRule}.
 *
 * @param rules ids of the rules and correlation rules that it looks at, in the order written
 * @param groupBy fields, or names of {@code aliases}, whose values must be the same; may be empty
 * @param aliases for each alias, the field that it stands for by rule id
 * @param timespan the longest time from the first to the last event, both included
 * @param bounds all must hold; empty only for temporal types, which then want every rule
 * @param fields whose values are counted or summed; empty for types that count events
 * @param percentile from 0 to 100, given for {@link Type#VALUE_PERCENTILE} only
 * @param generate whether the rules that it looks at still count as hits of their own
 */
public record CorrelationRule(
        String id,
        @Nullable String name,
        String title,
        @Nullable String description,
        Status status,
        Level level,
        List<String> tags,
        @Nullable String author,
        List<String> references,
        List<String> falsePositives,
        Type type,
        List<String> rules,
        List<String> groupBy,
        Map<String, Map<String, String>> aliases,
        Duration timespan,
        List<Bound> bounds,
        List<String> fields,
        @Nullable BigDecimal percentile,
        boolean generate,
        String path,
        String text)
        implements RuleHeader {

    /** What is compared with the bounds. */
    public enum Type {
        EVENT_COUNT,
        /** Different values, or different tuples of several fields. */
        VALUE_COUNT,
        /** How many of the rules were hit, in any order. */
        TEMPORAL,
        /** All of the rules, in the order written. */
        TEMPORAL_ORDERED,
        VALUE_SUM,
        VALUE_AVG,
        /** The value that so many percent of the values do not exceed. */
        VALUE_PERCENTILE
    }

    /** One comparison of the condition. */
    public record Bound(Operator operator, BigDecimal number) {

        boolean holds(BigDecimal value) {
            int sign = value.compareTo(number);
            return switch (operator) {
                case GT -> sign > 0;
                case GTE -> sign >= 0;
                case LT -> sign < 0;
                case LTE -> sign <= 0;
                case EQ -> sign == 0;
                case NEQ -> sign != 0;
            };
        }
    }

    /** How a bound compares. */
    public enum Operator {
        GT,
        GTE,
        LT,
        LTE,
        EQ,
        NEQ;

        /** Once it holds, more events cannot undo it. */
        boolean isLower() {
            return this == GT || this == GTE;
        }
    }

    boolean isTemporal() {
        return type == Type.TEMPORAL || type == Type.TEMPORAL_ORDERED;
    }

    /** Whether the field's value is taken for a number. */
    boolean isNumeric() {
        return type == Type.VALUE_SUM || type == Type.VALUE_AVG || type == Type.VALUE_PERCENTILE;
    }

    boolean holds(BigDecimal value) {
        return bounds.stream().allMatch(bound -> bound.holds(value));
    }

    /**
     * Whether the answer may be given as soon as the bounds hold. Otherwise more events could still
     * undo it, and it is given when the window is over.
     */
    boolean isDecidedAtOnce() {
        return type != Type.VALUE_AVG
                && type != Type.VALUE_PERCENTILE
                && bounds.stream().allMatch(bound -> bound.operator.isLower());
    }
}
