package io.cybershield.sigma;

import java.util.List;

/**
 * Which rules could fire on events like those of a sample, and which could not.
 *
 * @param events how many events the sample had
 * @param rules one entry for each rule of the set, in its order
 * @param refused rules that did not compile; those that did not load are in the {@link LoadReport}
 */
public record Coverage(long events, List<Entry> rules, List<Refusal> refused) {

    /** Whether a rule can fire. */
    public enum State {
        /** Its source was seen, and with the fields seen there is a way to a hit. */
        LIVE,
        /** No event of its log source was in the sample, or none can ever be here. */
        BLIND_SOURCE,
        /** Its source was seen, but no way to a hit is left without fields that were never seen. */
        BLIND_FIELDS,
        /** The caller switched it off. */
        SWITCHED_OFF
    }

    /**
     * One rule.
     *
     * @param fields the fields that were never seen and without which there is no hit, by the
     *     rule's names; empty unless {@link State#BLIND_FIELDS}
     * @param why one sentence
     */
    public record Entry(SigmaRule rule, State state, List<String> fields, String why) {}

    public List<Entry> live() {
        return in(State.LIVE);
    }

    /** For want of a source or of fields. */
    public List<Entry> blind() {
        return rules.stream()
                .filter(entry ->
                        entry.state == State.BLIND_SOURCE || entry.state == State.BLIND_FIELDS)
                .toList();
    }

    private List<Entry> in(State state) {
        return rules.stream().filter(entry -> entry.state == state).toList();
    }
}
