package io.cybershield.sigma;

import io.cybershield.sigma.Refusal.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads rule files. Never throws for what a file holds: a file that is not right is refused. */
public final class RuleLoader {

    private final Limits limits;

    public RuleLoader() {
        this(Limits.DEFAULT);
    }

    public RuleLoader(Limits limits) {
        this.limits = limits;
    }

    private record Content(
            RuleSource source,
            List<SigmaRule> rules,
            List<CorrelationRule> correlations,
            List<FilterRule> filters,
            List<Warning> warnings) {}

    /** What came of reading one file; one of the two is there. */
    private record Attempt(@Nullable Content content, @Nullable Refusal failure) {
        Refusal refusal() {
            return Objects.requireNonNull(failure);
        }
    }

    /**
     * Loads every file that is wholly understood. Two rules of one id are never both loaded: the
     * file that comes later is refused; so is a correlation that refers to a rule which is not
     * loaded.
     */
    public LoadReport load(Iterable<RuleSource> sources) {
        var refused = new ArrayList<Refusal>();
        var contents = new ArrayList<Content>();
        Map<String, String> knownIds = new HashMap<>();
        var given = new ArrayList<RuleSource>();
        sources.forEach(given::add);
        // Files are read on all cores, what they mean together is worked out in their order.
        List<Attempt> attempts = given.parallelStream().map(this::attempt).toList();
        for (Attempt attempt : attempts) {
            if (attempt.content == null) {
                refused.add(attempt.refusal());
                continue;
            }
            try {
                knownIds.putAll(newIds(attempt.content, knownIds));
                contents.add(attempt.content);
            } catch (Refused e) {
                refused.add(e.in(attempt.content.source.path()));
            }
        }
        var correlations = resolve(contents, refused);
        List<FilterRule> filters = filters(contents);
        return new LoadReport(
                given.size(),
                contents.stream()
                        .flatMap(content -> content.rules.stream())
                        .map(rule -> filtered(rule, filters))
                        .toList(),
                correlations,
                filters,
                List.copyOf(refused),
                contents.stream().flatMap(content -> content.warnings.stream()).toList());
    }

    /** Loads the files of an archive; those that could not be read count as refused files. */
    public LoadReport load(RuleArchive archive) {
        LoadReport report = load(archive.sources());
        var refused = new ArrayList<>(archive.refused());
        refused.addAll(report.refused());
        return new LoadReport(
                report.files() + archive.refused().size(),
                report.rules(),
                report.correlations(),
                report.filters(),
                List.copyOf(refused),
                report.warnings());
    }

    private Attempt attempt(RuleSource source) {
        try {
            return new Attempt(read(source), null);
        } catch (Refused e) {
            return new Attempt(null, e.in(source.path()));
        }
    }

    private Content read(RuleSource source) {
        List<Yaml.Node> documents = Yaml.documents(source.text(), limits);
        var content =
                new Content(
                        source,
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>());
        for (int i = 0; i < documents.size(); i++) {
            Yaml.Node document = documents.get(i);
            if (document instanceof Yaml.Scalar scalar && scalar.isNull()) {
                continue;
            }
            var reader = new RuleReader(source, i, limits, content.warnings);
            if (document instanceof Yaml.Mapping root && root.get("detection") == null) {
                if (root.get("correlation") != null) {
                    content.correlations.add(reader.readCorrelation(root));
                    continue;
                }
                if (root.get("filter") != null) {
                    content.filters.add(reader.readFilter(root));
                    continue;
                }
            }
            content.rules.add(reader.read(document));
        }
        if (content.rules.isEmpty()
                && content.correlations.isEmpty()
                && content.filters.isEmpty()) {
            throw new Refused(
                    Reason.UNREADABLE,
                    0,
                    "The file holds no rule.",
                    "Remove it, or put a rule in.");
        }
        return content;
    }

    /** The ids of a file, with what to call their rule in a refusal. */
    private static Map<String, String> newIds(Content content, Map<String, String> known) {
        Map<String, String> added = new LinkedHashMap<>();
        content.rules.forEach(rule -> addId(rule.id(), rule.title(), content, known, added));
        content.correlations.forEach(rule -> addId(rule.id(), rule.title(), content, known, added));
        content.filters.forEach(rule -> addId(rule.id(), rule.title(), content, known, added));
        return added;
    }

    private static void addId(
            String id,
            String title,
            Content content,
            Map<String, String> known,
            Map<String, String> added) {
        String other = added.getOrDefault(id, known.get(id));
        if (other != null) {
            throw new Refused(
                    Reason.DUPLICATE_ID,
                    0,
                    "The id %s is already that of %s.".formatted(id, other),
                    "Give the rule an id of its own, or remove one of the two.");
        }
        added.put(id, "'" + title + "' in " + content.source.path());
    }

    /**
     * Puts ids for names, and refuses the files whose correlations refer to what is not there,
     * until all that is left refers to what is left.
     */
    private static List<CorrelationRule> resolve(List<Content> contents, List<Refusal> refused) {
        while (true) {
            Map<String, List<String>> ids = new HashMap<>();
            for (Content content : contents) {
                content.rules.forEach(rule -> know(ids, rule.id(), rule.name()));
                content.correlations.forEach(rule -> know(ids, rule.id(), rule.name()));
            }
            var resolved = new ArrayList<CorrelationRule>();
            int before = contents.size();
            for (Iterator<Content> each = contents.iterator(); each.hasNext(); ) {
                Content content = each.next();
                try {
                    content.correlations.forEach(rule -> resolved.add(resolve(rule, ids)));
                    content.filters.replaceAll(rule -> resolve(rule, ids, content.warnings));
                } catch (Refused e) {
                    refused.add(e.in(content.source.path()));
                    each.remove();
                }
            }
            if (contents.size() < before) {
                continue;
            }
            Set<String> circular = circular(resolved);
            if (circular.isEmpty()) {
                return List.copyOf(resolved);
            }
            contents.removeIf(content -> {
                boolean bad =
                        content.correlations.stream()
                                .anyMatch(rule -> circular.contains(rule.id()));
                if (bad) {
                    refused.add(
                            reference(
                                            "The correlation refers to itself, by way of"
                                                    + " others or at once.",
                                            "Break the circle.")
                                    .in(content.source.path()));
                }
                return bad;
            });
        }
    }

    private static void know(Map<String, List<String>> ids, String id, @Nullable String name) {
        ids.computeIfAbsent(id, _ -> new ArrayList<>()).add(id);
        if (name != null && !name.equals(id)) {
            ids.computeIfAbsent(name, _ -> new ArrayList<>()).add(id);
        }
    }

    private static CorrelationRule resolve(CorrelationRule rule, Map<String, List<String>> ids) {
        Map<String, Map<String, String>> aliases = new LinkedHashMap<>();
        rule.aliases()
                .forEach((alias, byRule) -> {
                    Map<String, String> byId = new HashMap<>();
                    byRule.forEach((name, field) -> byId.put(one(name, ids), field));
                    aliases.put(alias, Map.copyOf(byId));
                });
        return new CorrelationRule(
                rule.id(),
                rule.name(),
                rule.title(),
                rule.description(),
                rule.status(),
                rule.level(),
                rule.tags(),
                rule.author(),
                rule.references(),
                rule.falsePositives(),
                rule.type(),
                rule.rules().stream().map(name -> one(name, ids)).toList(),
                rule.groupBy(),
                Map.copyOf(aliases),
                rule.timespan(),
                rule.bounds(),
                rule.fields(),
                rule.percentile(),
                rule.generate(),
                rule.path(),
                rule.text());
    }

    /** A filter may outlive some of its rules, but not all of them. */
    private static FilterRule resolve(
            FilterRule filter, Map<String, List<String>> ids, List<Warning> warnings) {
        var found = new ArrayList<String>();
        for (String name : filter.rules()) {
            List<String> meant = ids.getOrDefault(name, List.of());
            found.addAll(meant);
            if (meant.isEmpty()) {
                var warning =
                        new Warning(
                                filter.path(),
                                0,
                                "The filter refers to '%s', which is not loaded."
                                        .formatted(Modifiers.shorten(name)));
                if (!warnings.contains(warning)) {
                    warnings.add(warning);
                }
            }
        }
        if (found.isEmpty() && !filter.rules().isEmpty()) {
            throw reference(
                    "The filter refers to no rule that is loaded.",
                    "Load its rules too, or correct their ids.");
        }
        return new FilterRule(
                filter.id(),
                filter.name(),
                filter.title(),
                filter.description(),
                filter.logSource(),
                List.copyOf(found),
                filter.detection(),
                filter.path(),
                filter.text());
    }

    private static List<FilterRule> filters(List<Content> contents) {
        return contents.stream().flatMap(content -> content.filters.stream()).toList();
    }

    private static SigmaRule filtered(SigmaRule rule, List<FilterRule> filters) {
        Detection detection = rule.detection();
        for (int i = 0; i < filters.size(); i++) {
            if (filters.get(i).appliesTo(rule)) {
                detection = detection.and(filters.get(i).detection(), "_filter" + i + "_");
            }
        }
        return detection == rule.detection() ? rule : rule.with(detection);
    }

    private static String one(String name, Map<String, List<String>> ids) {
        List<String> meant = ids.getOrDefault(name, List.of());
        if (meant.isEmpty()) {
            throw reference(
                    "The correlation refers to '%s', which is not loaded."
                            .formatted(Modifiers.shorten(name)),
                    "Load that rule too, or correct its id or name.");
        }
        if (meant.size() > 1) {
            throw reference(
                    "The correlation refers to '%s', which %d rules are called."
                            .formatted(Modifiers.shorten(name), meant.size()),
                    "Refer to the rule by its id.");
        }
        return meant.getFirst();
    }

    private static Refused reference(String problem, String mend) {
        return new Refused(Reason.UNKNOWN_IDENTIFIER, 0, problem, mend);
    }

    /**
     * The correlations that never stop referring: whatever is left when all others are taken off.
     */
    private static Set<String> circular(List<CorrelationRule> rules) {
        Map<String, CorrelationRule> left = new LinkedHashMap<>();
        rules.forEach(rule -> left.put(rule.id(), rule));
        boolean taken = true;
        while (taken) {
            taken =
                    left.values()
                            .removeIf(rule -> rule.rules().stream().noneMatch(left::containsKey));
        }
        return new HashSet<>(left.keySet());
    }
}
