package io.cybershield.sigma;

import java.util.List;

/** Says, when rules are compiled, where an event keeps a field that a rule names. */
@FunctionalInterface
public interface FieldResolver {

    /**
     * Paths to try in turn; the first that the event has answers. Never empty.
     *
     * @param source log source of the rule that asks
     * @param field as the rule names it, or as a {@link Gate} renames it
     */
    List<String> paths(LogSource source, String field);

    /** Fields stay where their names say; a name with spaces also answers without them. */
    static FieldResolver asNamed() {
        return (_, field) ->
                field.indexOf(' ') < 0 ? List.of(field) : List.of(field, field.replace(" ", ""));
    }
}
