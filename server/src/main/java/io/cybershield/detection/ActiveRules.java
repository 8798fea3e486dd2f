package io.cybershield.detection;

import io.cybershield.detection.RuleStore.LoadedFile;
import io.cybershield.sigma.CorrelationRule;
import io.cybershield.sigma.FieldResolver;
import io.cybershield.sigma.LoadReport;
import io.cybershield.sigma.LogSource;
import io.cybershield.sigma.Refusal;
import io.cybershield.sigma.RuleLoader;
import io.cybershield.sigma.RuleSet;
import io.cybershield.sigma.RuleSource;
import io.cybershield.sigma.SigmaRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A tenant's rules made ready for the stream.
 *
 * @param set the rules that events are matched against
 * @param known every rule that loads, also those that are off, by id
 * @param correlations those that run
 * @param allCorrelations also those that are off, by id
 * @param silenced ids of rules that only feed correlations, whether these run or not
 * @param feeds by id of the rules whose hits a running correlation wants: where its events keep
 *     what is asked, each as paths to try in turn
 * @param notLoaded rules whose files loaded once and together make no sense any more, by id
 * @param turns held for writing by whoever measures, for reading by whoever matches
 */
record ActiveRules(
        RuleSet set,
        Map<String, SigmaRule> known,
        List<CorrelationRule> correlations,
        Map<String, CorrelationRule> allCorrelations,
        Set<String> silenced,
        Map<String, Set<List<String>>> feeds,
        Map<String, Refusal> notLoaded,
        ReadWriteLock turns) {
    private static final FieldResolver FIELDS = new FieldNames();

    /** Each rule is taken from the file that its row names, also where another file repeats it. */
    static ActiveRules of(List<LoadedFile> files) {
        var sources = new ArrayList<RuleSource>();
        Map<String, LoadedFile> byPath = new HashMap<>();
        Set<String> active = new HashSet<>();
        for (LoadedFile file : files) {
            sources.add(new RuleSource(file.file(), file.text()));
            byPath.put(file.file(), file);
            active.addAll(file.active());
        }
        LoadReport report = new RuleLoader().load(sources);
        Map<String, SigmaRule> known = new LinkedHashMap<>();
        take(report, byPath, known);
        Map<String, CorrelationRule> correlations = new LinkedHashMap<>();
        for (CorrelationRule rule : report.correlations()) {
            if (byPath.get(rule.path()) instanceof LoadedFile file
                    && file.ruleIds().contains(rule.id())) {
                correlations.put(rule.id(), rule);
            }
        }
        Map<String, Refusal> notLoaded = new HashMap<>();
        for (Refusal refusal : report.refused()) {
            if (refusal.reason() == Refusal.Reason.DUPLICATE_ID
                    && byPath.get(refusal.file()) instanceof LoadedFile file) {
                // Newer than the file that it repeats a rule of: alone it loads.
                take(
                        new RuleLoader().load(List.of(new RuleSource(file.file(), file.text()))),
                        byPath,
                        known);
            } else {
                byPath.getOrDefault(refusal.file(), new LoadedFile("", "", Set.of(), Set.of()))
                        .ruleIds()
                        .forEach(id -> notLoaded.putIfAbsent(id, refusal));
            }
        }
        List<CorrelationRule> running =
                correlations.values().stream().filter(r -> active.contains(r.id())).toList();
        return new ActiveRules(
                RuleReading.compile(
                        known.values().stream().filter(r -> active.contains(r.id())).toList()),
                known,
                running,
                correlations,
                silenced(correlations.values()),
                feeds(running, known),
                notLoaded,
                new ReentrantReadWriteLock());
    }

    private static void take(
            LoadReport report, Map<String, LoadedFile> byPath, Map<String, SigmaRule> into) {
        for (SigmaRule rule : report.rules()) {
            if (byPath.get(rule.path()) instanceof LoadedFile file
                    && file.ruleIds().contains(rule.id())) {
                into.put(rule.id(), rule);
            }
        }
    }

    private static Set<String> silenced(Iterable<CorrelationRule> correlations) {
        var silenced = new HashSet<String>();
        var heard = new HashSet<String>();
        for (CorrelationRule rule : correlations) {
            (rule.generate() ? heard : silenced).addAll(rule.rules());
        }
        silenced.removeAll(heard);
        return Set.copyOf(silenced);
    }

    private static Map<String, Set<List<String>>> feeds(
            List<CorrelationRule> correlations, Map<String, SigmaRule> known) {
        Map<String, Set<List<String>>> feeds = new HashMap<>();
        for (CorrelationRule correlation : correlations) {
            for (String id : correlation.rules()) {
                SigmaRule base = known.get(id);
                if (base == null) {
                    continue; // a correlation itself
                }
                var paths = feeds.computeIfAbsent(id, _ -> new LinkedHashSet<>());
                add(correlation, correlation.groupBy(), id, base.logSource(), paths);
                add(correlation, correlation.fields(), id, base.logSource(), paths);
            }
        }
        return Map.copyOf(feeds);
    }

    private static void add(
            CorrelationRule correlation,
            List<String> names,
            String base,
            LogSource source,
            Set<List<String>> paths) {
        for (String name : names) {
            String field =
                    correlation.aliases().getOrDefault(name, Map.of()).getOrDefault(base, name);
            paths.add(FIELDS.paths(source, field));
        }
    }

    /** Where a field is kept depends on them. */
    private List<String> sources(CorrelationRule rule) {
        return rule.rules().stream()
                .map(id ->
                        known.get(id) instanceof SigmaRule base ? base.logSource().toString() : "")
                .toList();
    }

    boolean correlates() {
        return !correlations.isEmpty();
    }

    /** What each running correlation asks, by id: state outlives all changes but of this. */
    Map<String, String> asked() {
        Map<String, String> asked = new TreeMap<>();
        for (CorrelationRule rule : correlations) {
            var aliases = new TreeMap<String, Map<String, String>>();
            rule.aliases().forEach((name, fields) -> aliases.put(name, new TreeMap<>(fields)));
            String text =
                    List.of(
                                    rule.type(),
                                    rule.rules(),
                                    sources(rule),
                                    rule.groupBy(),
                                    aliases,
                                    rule.timespan(),
                                    rule.bounds(),
                                    rule.fields(),
                                    String.valueOf(rule.percentile()))
                            .toString();
            asked.put(rule.id(), HexFormat.of().formatHex(Hashes.of(List.of(text)), 0, 8));
        }
        return asked;
    }
}
