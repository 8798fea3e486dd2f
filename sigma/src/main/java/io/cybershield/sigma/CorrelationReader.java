package io.cybershield.sigma;

import io.cybershield.sigma.CorrelationRule.Bound;
import io.cybershield.sigma.CorrelationRule.Operator;
import io.cybershield.sigma.CorrelationRule.Type;
import io.cybershield.sigma.Refusal.Reason;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes a correlation rule of one YAML document; its references are still as written. */
final class CorrelationReader {

    private static final Pattern TIMESPAN = Pattern.compile("([1-9][0-9]{0,6})([smhd])");
    private static final Duration LONGEST = Duration.ofDays(30);
    private static final Set<String> KNOWN =
            Set.of("type", "rules", "group-by", "timespan", "condition", "aliases", "generate");

    private final RuleReader reader;
    private final Yaml.Mapping root;

    CorrelationReader(RuleReader reader, Yaml.Mapping root) {
        this.reader = reader;
        this.root = root;
    }

    CorrelationRule read(RuleSource source) {
        if (!(root.get("correlation") instanceof Yaml.Mapping correlation)) {
            throw structure(root.lineOf("correlation"), "'correlation' is no map.");
        }
        for (String key : correlation.entries().keySet()) {
            if (!KNOWN.contains(key)) {
                throw structure(
                        correlation.lineOf(key),
                        "'%s' is no part of a correlation.".formatted(Modifiers.shorten(key)));
            }
        }
        Type type = type(correlation);
        List<String> rules = reader.texts(correlation, "rules");
        if (rules.isEmpty()) {
            throw structure(correlation.lineOf("rules"), "'rules' names no rule.");
        }
        if (Set.copyOf(rules).size() < rules.size()) {
            throw structure(correlation.lineOf("rules"), "'rules' names a rule twice.");
        }
        var fields = new ArrayList<String>();
        List<Bound> bounds = bounds(correlation, type, fields);
        boolean temporal = type == Type.TEMPORAL || type == Type.TEMPORAL_ORDERED;
        if (bounds.isEmpty() && !temporal) {
            throw structure(
                    correlation.lineOf("condition"), "The condition compares with no number.");
        }
        boolean counts = temporal || type == Type.EVENT_COUNT;
        if (counts != fields.isEmpty()) {
            throw structure(
                    correlation.lineOf("condition"),
                    counts
                            ? "'field' has no meaning for this type."
                            : "The condition does not say which 'field'.");
        }
        if (type == Type.TEMPORAL_ORDERED && !bounds.isEmpty()) {
            throw structure(
                    correlation.lineOf("condition"),
                    "temporal_ordered wants all of its rules and takes no condition.");
        }
        return new CorrelationRule(
                reader.id(root),
                reader.text(root, "name"),
                reader.required(root, "title"),
                reader.text(root, "description"),
                reader.choice(root, "status", Status.class, Status.UNSTATED),
                reader.choice(root, "level", Level.class, Level.MEDIUM),
                reader.texts(root, "tags"),
                reader.author(root),
                reader.texts(root, "references"),
                reader.texts(root, "falsepositives"),
                type,
                rules,
                reader.texts(correlation, "group-by"),
                aliases(correlation, rules),
                timespan(correlation),
                bounds,
                List.copyOf(fields),
                percentile(correlation, type),
                generate(correlation),
                source.path(),
                source.text());
    }

    private Type type(Yaml.Mapping correlation) {
        String type = reader.required(correlation, "type");
        for (Type known : Type.values()) {
            if (known.name().toLowerCase(Locale.ROOT).equals(type)) {
                return known;
            }
        }
        throw structure(
                correlation.lineOf("type"),
                "'%s' is no type of correlation.".formatted(Modifiers.shorten(type)));
    }

    private List<Bound> bounds(Yaml.Mapping correlation, Type type, List<String> fields) {
        Yaml.Node node = correlation.get("condition");
        if (node == null) {
            return List.of();
        }
        if (!(node instanceof Yaml.Mapping condition)) {
            throw structure(correlation.lineOf("condition"), "The condition is no map.");
        }
        var bounds = new ArrayList<Bound>();
        for (String key : condition.entries().keySet()) {
            if (key.equals("field")) {
                fields.addAll(reader.texts(condition, "field"));
                continue;
            }
            if (key.equals("percentile") && type == Type.VALUE_PERCENTILE) {
                continue;
            }
            Operator operator =
                    switch (key) {
                        case "gt" -> Operator.GT;
                        case "gte" -> Operator.GTE;
                        case "lt" -> Operator.LT;
                        case "lte" -> Operator.LTE;
                        case "eq" -> Operator.EQ;
                        case "neq" -> Operator.NEQ;
                        default ->
                                throw structure(
                                        condition.lineOf(key),
                                        "'%s' compares nothing.".formatted(Modifiers.shorten(key)));
                    };
            Decimal number = Decimal.ofYaml(reader.required(condition, key));
            if (number == null) {
                throw structure(condition.lineOf(key), "'%s' takes a number.".formatted(key));
            }
            bounds.add(new Bound(operator, number.exact()));
        }
        boolean one =
                type == Type.VALUE_SUM || type == Type.VALUE_AVG || type == Type.VALUE_PERCENTILE;
        if (one && fields.size() > 1) {
            throw structure(condition.lineOf("field"), "This type takes one field.");
        }
        return List.copyOf(bounds);
    }

    /**
     * The specification does not say which percentile is compared: its example gives one number
     * only. Those who run such rules write it beside the field; none is guessed here.
     */
    private @Nullable BigDecimal percentile(Yaml.Mapping correlation, Type type) {
        if (type != Type.VALUE_PERCENTILE) {
            return null;
        }
        if (!(correlation.get("condition") instanceof Yaml.Mapping condition)
                || condition.get("percentile") == null) {
            throw new Refused(
                    Reason.BAD_STRUCTURE,
                    correlation.lineOf("condition"),
                    "The condition does not say which percentile of the field is compared.",
                    "Add 'percentile: 95' (any number from 0 to 100; 50 is the median) beside"
                        + " 'field'. For values that are rare, use value_count or event_count.");
        }
        Decimal number = Decimal.ofYaml(reader.required(condition, "percentile"));
        if (number == null
                || number.compareTo(Decimal.of(0)) < 0
                || number.compareTo(Decimal.of(100)) > 0) {
            throw structure(
                    condition.lineOf("percentile"), "'percentile' takes a number from 0 to 100.");
        }
        return number.exact();
    }

    private Map<String, Map<String, String>> aliases(Yaml.Mapping correlation, List<String> rules) {
        Yaml.Node node = correlation.get("aliases");
        if (node == null) {
            return Map.of();
        }
        if (!(node instanceof Yaml.Mapping mapping)) {
            throw structure(correlation.lineOf("aliases"), "'aliases' is no map.");
        }
        var aliases = new LinkedHashMap<String, Map<String, String>>();
        for (String alias : mapping.entries().keySet()) {
            if (!(mapping.get(alias) instanceof Yaml.Mapping fields)) {
                throw structure(
                        mapping.lineOf(alias), "The alias '%s' is no map.".formatted(alias));
            }
            var byRule = new LinkedHashMap<String, String>();
            for (String rule : fields.entries().keySet()) {
                if (!rules.contains(rule)) {
                    throw structure(
                            fields.lineOf(rule),
                            "The alias '%s' names '%s', which is not among the rules."
                                    .formatted(alias, rule));
                }
                byRule.put(rule, reader.required(fields, rule));
            }
            aliases.put(alias, Map.copyOf(byRule));
        }
        return Map.copyOf(aliases);
    }

    private Duration timespan(Yaml.Mapping correlation) {
        String written = reader.required(correlation, "timespan");
        var match = TIMESPAN.matcher(written);
        if (!match.matches()) {
            throw structure(
                    correlation.lineOf("timespan"),
                    "'%s' is no timespan.".formatted(Modifiers.shorten(written)));
        }
        long count = Long.parseLong(match.group(1));
        Duration timespan =
                switch (match.group(2)) {
                    case "s" -> Duration.ofSeconds(count);
                    case "m" -> Duration.ofMinutes(count);
                    case "h" -> Duration.ofHours(count);
                    default -> Duration.ofDays(count);
                };
        if (timespan.compareTo(LONGEST) > 0) {
            throw new Refused(
                    Reason.TOO_LARGE,
                    correlation.lineOf("timespan"),
                    "A timespan of %s is longer than 30 days.".formatted(written),
                    "Shorten it; what it remembers is kept in memory.");
        }
        return timespan;
    }

    /** The specification has it beside {@code correlation}, the tools that run it inside. */
    private boolean generate(Yaml.Mapping correlation) {
        boolean inside = correlation.get("generate") != null;
        String written = reader.text(inside ? correlation : root, "generate");
        return switch (written) {
            case null -> false;
            case "false" -> false;
            case "true" -> true;
            default ->
                    throw structure(
                            (inside ? correlation : root).lineOf("generate"),
                            "'generate' takes true or false.");
        };
    }

    private static Refused structure(int line, String problem) {
        return new Refused(
                Reason.BAD_STRUCTURE,
                line,
                problem,
                "A correlation has type, rules, group-by, timespan like 5m, and a condition such as"
                        + " 'gte: 10' (with 'field' for types that look at values).");
    }
}
