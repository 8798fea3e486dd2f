package io.cybershield.sigma;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a field must fulfil: its values with their modifiers applied. The same whatever events call
 * the field, so it is worked out once for all that a rule is compiled for.
 *
 * @param groups all must hold
 * @param negated they must not all hold
 * @param values how many there are, those that modifiers made of one counted each
 */
record Demands(List<OneOf> groups, boolean negated, int values) {

    /**
     * One must hold.
     *
     * @param folded texts in any case; null when there are none
     * @param cased texts in that very case; null when there are none
     * @param others neither texts nor alternatives themselves
     */
    record OneOf(@Nullable TextSet folded, @Nullable TextSet cased, List<Demand> others) {}

    /**
     * @param tests one for each value
     * @param all every test must hold, otherwise one
     * @param anywhere texts may stand within a value
     */
    static Demands of(List<Demand> tests, boolean all, boolean negated, boolean anywhere) {
        int values = 0;
        for (Demand test : tests) {
            values += test instanceof Demand.AnyOf(var several) ? several.size() : 1;
        }
        if (!all) {
            return new Demands(List.of(oneOf(tests, anywhere)), negated, values);
        }
        var groups = new ArrayList<OneOf>(tests.size());
        for (Demand test : tests) {
            groups.add(oneOf(List.of(test), anywhere));
        }
        return new Demands(List.copyOf(groups), negated, values);
    }

    private static OneOf oneOf(List<Demand> tests, boolean anywhere) {
        var folded = new ArrayList<Glob>(tests.size());
        var cased = new ArrayList<Glob>(0);
        var others = new ArrayList<Demand>(0);
        for (Demand test : tests) {
            List<Demand> flat = test instanceof Demand.AnyOf(var several) ? several : List.of(test);
            for (Demand one : flat) {
                if (one instanceof Demand.Text(var glob)) {
                    (glob.cased() ? cased : folded).add(anywhere ? glob.anywhere() : glob);
                } else {
                    others.add(one);
                }
            }
        }
        return new OneOf(
                folded.isEmpty() ? null : new TextSet(folded),
                cased.isEmpty() ? null : new TextSet(cased),
                List.copyOf(others));
    }
}
