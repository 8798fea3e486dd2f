package io.cybershield.sigma;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A global filter: other rules fire only where its condition holds too. It is put into these rules
 * when they are loaded, so matching never sees it.
 *
 * @param rules ids of the rules that it applies to; empty for any rule
 * @param logSource a rule must have all that is given here
 */
public record FilterRule(
        String id,
        @Nullable String name,
        String title,
        @Nullable String description,
        LogSource logSource,
        List<String> rules,
        Detection detection,
        String path,
        String text) {

    boolean appliesTo(SigmaRule rule) {
        LogSource theirs = rule.logSource();
        return (rules.isEmpty() || rules.contains(rule.id()))
                && fits(logSource.category(), theirs.category())
                && fits(logSource.product(), theirs.product())
                && fits(logSource.service(), theirs.service());
    }

    private static boolean fits(@Nullable String wanted, @Nullable String given) {
        return wanted == null || wanted.equals(given);
    }
}
