package io.cybershield.hunt;

import io.cybershield.sigma.LoadReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What of ATT&amp;CK a set of rules covers. A technique counts as covered when a rule names it or
 * one of its sub-techniques.
 *
 * @param rules number of rules by technique id, as tagged
 * @param unknown technique ids among the tags that ATT&amp;CK does not have (any more)
 * @param tagged rules with a technique, of all
 */
record AttackCoverage(Map<String, Integer> rules, Set<String> unknown, int tagged, int all) {

    static AttackCoverage of(LoadReport report) {
        var rules = new TreeMap<String, Integer>();
        var unknown = new TreeSet<String>();
        int tagged = 0;
        List<List<String>> tags = new ArrayList<>();
        report.rules().forEach(rule -> tags.add(rule.tags()));
        report.correlations().forEach(rule -> tags.add(rule.tags()));
        for (List<String> of : tags) {
            List<String> techniques = Attack.techniques(of);
            tagged += techniques.isEmpty() ? 0 : 1;
            for (String technique : techniques) {
                if (Attack.all().containsKey(technique)) {
                    rules.merge(technique, 1, Integer::sum);
                } else {
                    unknown.add(technique);
                }
            }
        }
        return new AttackCoverage(rules, unknown, tagged, tags.size());
    }

    private boolean covers(String technique) {
        return rules.containsKey(technique)
                || rules.keySet().stream().anyMatch(id -> id.startsWith(technique + "."));
    }

    /** For each tactic, covered techniques and all of them; sub-techniques are not counted. */
    private Map<String, int[]> byTactic() {
        var byTactic = new LinkedHashMap<String, int[]>();
        Attack.TACTICS.keySet().forEach(tactic -> byTactic.put(tactic, new int[2]));
        for (Attack.Technique technique : Attack.all().values()) {
            if (!technique.id().contains(".")) {
                int[] count = byTactic.computeIfAbsent(technique.tactic(), _ -> new int[2]);
                count[0] += covers(technique.id()) ? 1 : 0;
                count[1]++;
            }
        }
        byTactic.values().removeIf(count -> count[1] == 0);
        return byTactic;
    }

    private long covered() {
        return Attack.all().keySet().stream().filter(this::covers).count();
    }

    Map<String, @Nullable Object> json() {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("techniques", Attack.all().size());
        json.put("covered", covered());
        json.put("rules_with_techniques", tagged);
        Map<String, @Nullable Object> tactics = new LinkedHashMap<>();
        byTactic()
                .forEach((tactic, count) ->
                        tactics.put(tactic, Map.of("covered", count[0], "techniques", count[1])));
        json.put("tactics", tactics);
        json.put("rules_by_technique", rules);
        json.put("unknown", List.copyOf(unknown));
        return json;
    }

    List<String> text() {
        var text = new ArrayList<String>();
        if (all == 0) {
            return text;
        }
        text.add(
                "ATT&CK: %,d of %,d techniques and sub-techniques covered, by %,d of %s."
                        .formatted(
                                covered(),
                                Attack.all().size(),
                                tagged,
                                Words.many(all, "rule", "rules")));
        byTactic()
                .forEach((tactic, count) ->
                        text.add(
                                "  %-22s %3d of %3d  %s"
                                        .formatted(
                                                Attack.TACTICS.getOrDefault(tactic, tactic),
                                                count[0],
                                                count[1],
                                                "#".repeat(20 * count[0] / count[1]))));
        if (!unknown.isEmpty()) {
            text.add(
                    "  no technique of ATT&CK (any more): "
                            + unknown.stream().limit(20).collect(Collectors.joining(", "))
                            + (unknown.size() > 20 ? ", ..." : ""));
        }
        return text;
    }
}
