package io.cybershield.sigma;

import java.util.List;

/** A rule's condition over its search identifiers, with every name resolved. */
public sealed interface Condition {

    record Identifier(String name) implements Condition {}

    record And(List<Condition> parts) implements Condition {}

    record Or(List<Condition> parts) implements Condition {}

    record Not(Condition part) implements Condition {}

    /**
     * {@code 1 of them}, {@code all of selection_*}, {@code 2 of sel*}.
     *
     * @param names the identifiers that the pattern stands for, at least {@code atLeast} of them
     */
    record Count(int atLeast, List<String> names, String written) implements Condition {}
}
