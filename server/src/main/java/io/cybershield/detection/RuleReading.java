package io.cybershield.detection;

import io.cybershield.sigma.LoadReport;
import io.cybershield.sigma.Refusal;
import io.cybershield.sigma.RuleLoader;
import io.cybershield.sigma.RuleSet;
import io.cybershield.sigma.RuleSource;
import io.cybershield.sigma.SigmaRule;
import io.cybershield.sigma.Taxonomy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What became of rule files: each is loaded or refused, none is neither.
 *
 * @param rules of loaded files
 * @param refusals the first of each refused file
 * @param texts of every file that could be read, by path
 */
record RuleReading(List<SigmaRule> rules, List<Refusal> refusals, Map<String, String> texts) {
    /**
     * @param before refusals from unpacking, of files that are not among the sources
     */
    static RuleReading of(List<RuleSource> sources, List<Refusal> before) {
        LoadReport report = new RuleLoader().load(sources);
        var refusals = new LinkedHashMap<String, Refusal>();
        before.forEach(r -> refusals.putIfAbsent(r.file(), r));
        report.refused().forEach(r -> refusals.putIfAbsent(r.file(), r));
        // A file that holds a correlation is refused whole: run without it, its base rules would
        // only make noise.
        report.correlations()
                .forEach(c ->
                        refusals.putIfAbsent(
                                c.path(),
                                new Refusal(
                                        c.path(),
                                        0,
                                        Refusal.Reason.UNSUPPORTED,
                                        "Correlation '"
                                                + c.title()
                                                + "' is understood but not run by the stream yet.",
                                        "Import its base rules in a file of their own.")));
        compile(report.rules()).refused().forEach(r -> refusals.putIfAbsent(r.file(), r));
        var texts = new HashMap<String, String>();
        sources.forEach(s -> texts.put(s.path(), s.text()));
        var rules = new ArrayList<SigmaRule>();
        for (SigmaRule rule : report.rules()) {
            if (!refusals.containsKey(rule.path())) {
                rules.add(rule);
            }
        }
        return new RuleReading(List.copyOf(rules), List.copyOf(refusals.values()), texts);
    }

    int loadedFiles() {
        return (int)
                texts.keySet().stream()
                        .filter(file -> refusals.stream().noneMatch(r -> r.file().equals(file)))
                        .count();
    }

    static RuleSet compile(List<SigmaRule> rules) {
        return RuleSet.compile(rules, new FieldNames(), Taxonomy.windows());
    }
}
