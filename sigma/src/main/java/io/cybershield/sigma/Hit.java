package io.cybershield.sigma;

import java.util.List;

/** A rule that an event fulfils, and by what. */
public record Hit(SigmaRule rule, List<Matched> matched) {

    /**
     * One reason.
     *
     * @param selection the search identifier
     * @param field as the rule names it; empty for keywords
     * @param value of the event, cut to 1,000 characters; empty where the rule asks for absence
     */
    public record Matched(String selection, String field, String value) {}
}
