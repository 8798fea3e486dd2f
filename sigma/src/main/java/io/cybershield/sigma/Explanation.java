package io.cybershield.sigma;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a rule fires on an event, or why it does not, in words that can be shown as they are.
 *
 * @param rule the rule that was asked
 * @param outcome the same answer that {@link RuleSet#match} gives
 * @param why whole sentences; for a miss the first is the first thing that kept the rule from
 *     firing, for a hit one sentence for each reason. Never empty
 * @param selections every search of the rule in the order written, with its own answer; those of
 *     filters have a name that starts with {@code _filter}. Empty when {@link Outcome#REFUSED}
 * @param absent fields that the rule asks for and this event does not have at all, by the rule's
 *     names, in the order asked
 */
public record Explanation(
        SigmaRule rule,
        Outcome outcome,
        List<String> why,
        List<Selection> selections,
        List<String> absent) {

    /** What became of the rule on the event. */
    public enum Outcome {
        FIRES,
        /** The log source fits, the condition does not hold. */
        CONDITION_FALSE,
        /** The rule never looks at events of this source; its condition was tried all the same. */
        OTHER_LOG_SOURCE,
        /** The caller switched the rule off; the rest of {@link #why} tells what it would do. */
        SWITCHED_OFF,
        /** The rule does not compile here, for want of placeholder values. */
        REFUSED
    }

    /**
     * One search identifier.
     *
     * @param answers one for each field (or list of keywords) in the search, in the order written
     */
    public record Selection(String name, boolean holds, List<Answer> answers) {}

    /**
     * One field of a search.
     *
     * @param field as the rule names it; empty for keywords
     * @param modifiers as written, {@code contains|all}; empty when there are none
     * @param wanted values as the rule writes them: of an answer that holds those that are
     *     fulfilled, otherwise those that are not
     * @param given the value of the event, cut to 1,000 characters, several joined by {@code ", "};
     *     null when the event has none
     * @param text one sentence without the name of the search: {@code "Image is 'C:\x.exe', but the
     *     rule wants it to end with '\powershell.exe'."}
     */
    public record Answer(
            String field,
            String modifiers,
            boolean holds,
            List<String> wanted,
            @Nullable String given,
            String text) {}

    Explanation switchedOff() {
        var reasons = new ArrayList<String>();
        reasons.add(
                "The rule is switched off; it would %s."
                        .formatted(fires() ? "fire" : "not fire either"));
        reasons.addAll(why);
        return new Explanation(
                rule, Outcome.SWITCHED_OFF, List.copyOf(reasons), selections, absent);
    }

    public boolean fires() {
        return outcome == Outcome.FIRES;
    }
}
