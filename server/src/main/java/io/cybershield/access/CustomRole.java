package io.cybershield.access;

import io.cybershield.policy.PolicyText.Statement;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A role that a company defined.
 *
 * @param conditions Cedar expression that must hold too; empty for none
 * @param revision counts its changes
 */
record CustomRole(
        String name, Set<String> permissions, String conditions, int revision, Instant changedAt) {
    static final String PREFIX = "role:";

    /** Lines of {@link #text} before the conditions. */
    static final int LINES_BEFORE = 3;

    CustomRole {
        permissions = Set.copyOf(permissions);
    }

    /** The policy that it stands for. */
    String text() {
        String actions =
                new TreeSet<>(permissions)
                        .stream()
                                .map(action -> "Action::\"" + action + "\"")
                                .collect(Collectors.joining(", "));
        return "@id(\""
                + name
                + "\")\npermit (principal in Role::\""
                + name
                + "\", action in ["
                + actions
                + "], resource)\nwhen {\n"
                + (conditions.isBlank() ? "true" : conditions)
                + "\n};";
    }

    Statement statement() {
        return new Statement(PREFIX + name, text());
    }
}
