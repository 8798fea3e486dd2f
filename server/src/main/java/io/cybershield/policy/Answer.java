package io.cybershield.policy;

import java.util.Set;

/**
 * A decision.
 *
 * @param policies ids of those that decided; none if nothing permits it
 */
public record Answer(boolean permitted, Set<String> policies) {
    public static final Answer NO = new Answer(false, Set.of());

    public Answer {
        policies = Set.copyOf(policies);
    }
}
