package io.cybershield.detection;

import io.cybershield.sigma.Event;
import io.cybershield.sigma.RuleCost;
import io.cybershield.sigma.RuleSet;
import io.cybershield.sigma.SigmaRule;
import java.util.List;
import java.util.Optional;

/**
 * When a rule is too dear to stay in the stream: when it goes beyond its budget on several events
 * of ordinary size. Large events do not count, or whoever can send them could switch rules off; on
 * these a rule is only cut off.
 */
final class Quarantine {
    /** Larger events only cut a rule off. */
    static final int ORDINARY_CHARS = 8_192;

    /** So many events of one batch beyond the budget are enough. */
    static final int ENOUGH = 5;

    /** A rule that costs so much of its budget on an average event is looked at more closely. */
    private static final int SUSPICIOUS_PART = 50;

    private Quarantine() {}

    /**
     * @param steps in a batch
     */
    static boolean isSuspicious(long runs, long steps, long cutOff, long budget) {
        return cutOff > 0 || runs > 0 && steps / runs > budget / SUSPICIOUS_PART;
    }

    /**
     * Tries the rule alone on these events, so that no other rule's or tenant's work is counted.
     *
     * @param ordinary events of ordinary size
     * @return why the rule has to go
     */
    static Optional<String> reason(SigmaRule rule, List<? extends Event> ordinary, long budget) {
        RuleSet alone = RuleReading.compile(List.of(rule));
        alone.limitSteps(budget);
        for (Event event : ordinary) {
            alone.match(event);
            for (RuleCost cost : alone.costs()) {
                if (cost.cutOff() >= ENOUGH) {
                    return Optional.of(
                            "It went beyond its budget of %,d steps on %d events of at most %,d characters."
                                    .formatted(budget, ENOUGH, ORDINARY_CHARS));
                }
            }
        }
        return Optional.empty();
    }
}
