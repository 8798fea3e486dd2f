package io.cybershield.hunt;

import io.cybershield.sigma.Level;
import java.util.HashSet;
import java.util.Set;

/** Counts hits for the words at the end. */
final class Tally implements Report {

    private final long[] byLevel = new long[Level.values().length];
    private final Set<String> rules = new HashSet<>();

    @Override
    public void accept(Found found) {
        byLevel[found.rule().level().ordinal()]++;
        rules.add(found.rule().id());
    }

    @Override
    public void finish(Outcome outcome) {
        // Told by the caller.
    }

    long[] byLevel() {
        return byLevel.clone();
    }

    int rules() {
        return rules.size();
    }
}
