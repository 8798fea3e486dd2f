package io.cybershield.hunt;

import io.cybershield.sigma.CorrelationRule;
import io.cybershield.sigma.Level;
import io.cybershield.sigma.SigmaRule;
import io.cybershield.sigma.Status;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which of the loaded rules a hunt uses.
 *
 * @param run to be compiled: the wanted ones and those that wanted correlations look at
 * @param wanted ids of the rules whose hits are reported
 * @param retired how many were left out because they are deprecated or unsupported
 * @param notAsked how many were left out by level or tag
 */
record RuleChoice(
        List<SigmaRule> run,
        List<CorrelationRule> correlations,
        Set<String> wanted,
        int retired,
        int notAsked) {

    private static final Set<String> RETIRED_FOLDERS = Set.of("deprecated", "unsupported");

    /**
     * @param least level
     * @param tags any of which a rule must have; none: every rule; {@code t1059} also means its
     *     sub-techniques
     * @param withRetired also deprecated and unsupported rules
     */
    static RuleChoice of(RuleFiles files, Level least, List<String> tags, boolean withRetired) {
        var wanted = new LinkedHashSet<String>();
        var candidates = new ArrayList<SigmaRule>();
        int retired = 0;
        int notAsked = 0;
        for (SigmaRule rule : files.report().rules()) {
            if (!withRetired && isRetired(rule.status(), rule.path(), files.named())) {
                retired++;
                continue;
            }
            candidates.add(rule);
            if (rule.level().compareTo(least) >= 0 && isTagged(rule.tags(), tags)) {
                wanted.add(rule.id());
            } else {
                notAsked++;
            }
        }
        var correlations = new ArrayList<CorrelationRule>();
        for (CorrelationRule rule : files.report().correlations()) {
            if (!withRetired && isRetired(rule.status(), rule.path(), files.named())) {
                retired++;
            } else if (rule.level().compareTo(least) >= 0 && isTagged(rule.tags(), tags)) {
                correlations.add(rule);
                wanted.add(rule.id());
            } else {
                notAsked++;
            }
        }
        var fed = new HashSet<String>();
        feeding(correlations, files.report().correlations(), fed);
        List<SigmaRule> run =
                candidates.stream()
                        .filter(rule -> wanted.contains(rule.id()) || fed.contains(rule.id()))
                        .toList();
        List<CorrelationRule> chain =
                files.report().correlations().stream()
                        .filter(rule -> wanted.contains(rule.id()) || fed.contains(rule.id()))
                        .toList();
        return new RuleChoice(run, chain, Set.copyOf(wanted), retired, notAsked);
    }

    private static void feeding(
            List<CorrelationRule> rules, List<CorrelationRule> all, Set<String> fed) {
        for (CorrelationRule rule : rules) {
            fed.addAll(rule.rules());
            feeding(
                    all.stream().filter(other -> rule.rules().contains(other.id())).toList(),
                    all,
                    fed);
        }
    }

    private static boolean isRetired(Status status, String path, Set<String> named) {
        if (named.contains(path)) {
            return false;
        }
        if (status == Status.DEPRECATED || status == Status.UNSUPPORTED) {
            return true;
        }
        for (String part : path.split("/")) {
            if (RETIRED_FOLDERS.contains(part)) {
                return true;
            }
        }
        return false;
    }

    static boolean isTagged(List<String> given, List<String> wanted) {
        if (wanted.isEmpty()) {
            return true;
        }
        for (String want : wanted) {
            String name = normal(want);
            for (String tag : given) {
                String has = normal(tag);
                if (has.equals(name) || has.startsWith(name + ".")) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String normal(String tag) {
        String lower = tag.toLowerCase(Locale.ROOT).replace('_', '-');
        return lower.startsWith("attack.") ? lower.substring("attack.".length()) : lower;
    }
}
