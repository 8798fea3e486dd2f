package io.cybershield.detection;

import io.cybershield.sigma.CorrelationRule;
import io.cybershield.sigma.FilterRule;
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
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What became of rule files: each is loaded or refused, none is neither.
 *
 * @param rules of loaded files
 * @param refusals the first of each refused file
 * @param texts of every file that could be read, by path
 */
record RuleReading(
        List<SigmaRule> rules,
        List<CorrelationRule> correlations,
        List<FilterRule> filters,
        List<Refusal> refusals,
        Map<String, String> texts) {
    /** No path of an archive or a folder begins so. */
    private static final String THERE_ALREADY = "\0there/";

    static RuleReading of(List<RuleSource> sources, List<Refusal> before) {
        return of(sources, before, List::of);
    }

    /**
     * @param before refusals from unpacking, of files that are not among the sources
     * @param present files that correlations and filters may refer to; asked for only if needed
     */
    static RuleReading of(
            List<RuleSource> sources, List<Refusal> before, Supplier<List<RuleSource>> present) {
        LoadReport report = new RuleLoader().load(sources);
        if (report.refused().stream()
                .anyMatch(r -> r.reason() == Refusal.Reason.UNKNOWN_IDENTIFIER)) {
            var all = new ArrayList<>(sources);
            present.get().forEach(s -> all.add(new RuleSource(THERE_ALREADY + s.path(), s.text())));
            report = new RuleLoader().load(all);
        }
        var texts = new HashMap<String, String>();
        sources.forEach(s -> texts.put(s.path(), s.text()));
        var refusals = new LinkedHashMap<String, Refusal>();
        before.forEach(r -> refusals.putIfAbsent(r.file(), r));
        report.refused().stream()
                .filter(r -> texts.containsKey(r.file()))
                .forEach(r -> refusals.putIfAbsent(r.file(), r));
        List<SigmaRule> own = of(report.rules(), SigmaRule::path, texts);
        compile(own).refused().forEach(r -> refusals.putIfAbsent(r.file(), r));
        Map<String, String> loaded = new HashMap<>(texts);
        loaded.keySet().removeAll(refusals.keySet());
        return new RuleReading(
                of(own, SigmaRule::path, loaded),
                of(report.correlations(), CorrelationRule::path, loaded),
                of(report.filters(), FilterRule::path, loaded),
                List.copyOf(refusals.values()),
                texts);
    }

    private static <T> List<T> of(
            List<T> all, Function<T, String> path, Map<String, String> files) {
        return all.stream().filter(one -> files.containsKey(path.apply(one))).toList();
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
