package io.cybershield.detection;

import io.cybershield.sigma.CorrelationHit;
import io.cybershield.sigma.CorrelationRule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** How a correlation came about, as people read it. */
final class CorrelationWords {
    private CorrelationWords() {}

    /**
     * @param titleOf a rule's title by its id
     */
    static Finding.Correlation of(CorrelationHit hit, Function<String, String> titleOf) {
        CorrelationRule rule = hit.rule();
        var group = new ArrayList<Finding.Value>();
        hit.group().forEach((field, value) -> group.add(new Finding.Value(field, value)));
        return new Finding.Correlation(
                rule.type().name().toLowerCase(Locale.ROOT),
                List.copyOf(group),
                hit.value(),
                condition(rule),
                rule.timespan().toSeconds(),
                Instant.ofEpochMilli(hit.firstMillis()),
                Instant.ofEpochMilli(hit.lastMillis()),
                rule.rules().stream().map(id -> new Finding.Part(id, titleOf.apply(id))).toList());
    }

    /** {@code >= 10}; with fields {@code >= 10 of TargetUserName}. */
    static String condition(CorrelationRule rule) {
        String bounds =
                rule.bounds().isEmpty()
                        ? "all " + rule.rules().size() + " rules"
                        : rule.bounds().stream()
                                .map(b -> sign(b.operator()) + " " + b.number().toPlainString())
                                .collect(Collectors.joining(" and "));
        return rule.fields().isEmpty()
                ? bounds
                : bounds + " of " + String.join(", ", rule.fields());
    }

    private static String sign(CorrelationRule.Operator operator) {
        return switch (operator) {
            case GT -> ">";
            case GTE -> ">=";
            case LT -> "<";
            case LTE -> "<=";
            case EQ -> "=";
            case NEQ -> "≠";
        };
    }

    /** For readers that know fields and values only. */
    static List<Finding.Why> why(Finding.Correlation c) {
        var why = new ArrayList<Finding.Why>();
        c.group().forEach(v -> why.add(new Finding.Why(v.field(), v.value(), "group-by")));
        why.add(new Finding.Why(c.type(), c.value() + " (" + c.condition() + ")", "condition"));
        return List.copyOf(why);
    }
}
