package io.cybershield.workflow.insight;

import java.util.List;
import java.util.UUID;

/**
 * Something that somebody may want to change, and why.
 *
 * @param code names the kind, such as {@code slow-node}
 * @param nodes that it is about, as keys
 * @param text what was seen
 * @param mend what could be done
 * @param evidence the figures that it follows from
 * @param runs some in which it was to be seen, newest first
 */
record Advice(
        String code,
        List<String> nodes,
        String text,
        String mend,
        List<Fact> evidence,
        List<UUID> runs) {
    Advice {
        nodes = List.copyOf(nodes);
        evidence = List.copyOf(evidence);
        runs = List.copyOf(runs);
    }

    /** One figure, in words. */
    record Fact(String what, String value) {}
}
