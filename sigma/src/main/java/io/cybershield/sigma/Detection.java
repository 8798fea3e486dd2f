package io.cybershield.sigma;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a rule detects.
 *
 * @param searches by identifier, in the order written
 * @param written the condition as written; several conditions are joined by {@code or}
 */
public record Detection(Map<String, Search> searches, Condition condition, String written) {

    /** This and the other, whose searches are named anew so that none is meant twice. */
    Detection and(Detection other, String prefix) {
        var all = new LinkedHashMap<>(searches);
        other.searches.forEach((name, search) -> all.put(prefix + name, search));
        return new Detection(
                Collections.unmodifiableMap(all),
                new Condition.And(List.of(condition, renamed(other.condition, prefix))),
                "(%s) and (%s)".formatted(written, other.written));
    }

    private static Condition renamed(Condition condition, String prefix) {
        return switch (condition) {
            case Condition.Identifier(var name) -> new Condition.Identifier(prefix + name);
            case Condition.And(var parts) -> new Condition.And(renamed(parts, prefix));
            case Condition.Or(var parts) -> new Condition.Or(renamed(parts, prefix));
            case Condition.Not(var part) -> new Condition.Not(renamed(part, prefix));
            case Condition.Count(var atLeast, var names, var text) ->
                    new Condition.Count(
                            atLeast, names.stream().map(name -> prefix + name).toList(), text);
        };
    }

    private static List<Condition> renamed(List<Condition> parts, String prefix) {
        return parts.stream().map(part -> renamed(part, prefix)).toList();
    }
}
