package io.cybershield.sigma;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads rule files. Never throws for what a file holds: a file that is not right is refused. */
public final class RuleLoader {

    private final Limits limits;

    public RuleLoader() {
        this(Limits.DEFAULT);
    }

    public RuleLoader(Limits limits) {
        this.limits = limits;
    }

    /**
     * Loads every file that is wholly understood. Two rules of one id are never both loaded: the
     * file that comes later is refused.
     */
    public LoadReport load(Iterable<RuleSource> sources) {
        var rules = new ArrayList<SigmaRule>();
        var refused = new ArrayList<Refusal>();
        var warnings = new ArrayList<Warning>();
        Map<String, SigmaRule> byId = new HashMap<>();
        int files = 0;
        for (RuleSource source : sources) {
            files++;
            var odd = new ArrayList<Warning>();
            try {
                List<SigmaRule> read = read(source, odd);
                refuseKnownIds(read, byId);
                read.forEach(rule -> byId.put(rule.id(), rule));
                rules.addAll(read);
                warnings.addAll(odd);
            } catch (Refused e) {
                refused.add(e.in(source.path()));
            }
        }
        return new LoadReport(
                files, List.copyOf(rules), List.copyOf(refused), List.copyOf(warnings));
    }

    /** Loads the files of an archive; those that could not be read count as refused files. */
    public LoadReport load(RuleArchive archive) {
        LoadReport report = load(archive.sources());
        var refused = new ArrayList<>(archive.refused());
        refused.addAll(report.refused());
        return new LoadReport(
                report.files() + archive.refused().size(),
                report.rules(),
                List.copyOf(refused),
                report.warnings());
    }

    private List<SigmaRule> read(RuleSource source, List<Warning> warnings) {
        List<Yaml.Node> documents = Yaml.documents(source.text(), limits);
        var rules = new ArrayList<SigmaRule>();
        for (int i = 0; i < documents.size(); i++) {
            if (documents.get(i) instanceof Yaml.Scalar scalar && scalar.isNull()) {
                continue;
            }
            rules.add(new RuleReader(source, i, limits, warnings).read(documents.get(i)));
        }
        if (rules.isEmpty()) {
            throw new Refused(
                    Refusal.Reason.UNREADABLE,
                    0,
                    "The file holds no rule.",
                    "Remove it, or put a rule in.");
        }
        return rules;
    }

    private static void refuseKnownIds(List<SigmaRule> read, Map<String, SigmaRule> byId) {
        Map<String, SigmaRule> here = new HashMap<>();
        for (SigmaRule rule : read) {
            SigmaRule other = byId.getOrDefault(rule.id(), here.get(rule.id()));
            if (other != null) {
                throw new Refused(
                        Refusal.Reason.DUPLICATE_ID,
                        0,
                        "The id %s is already that of '%s' in %s."
                                .formatted(rule.id(), other.title(), other.path()),
                        "Give the rule an id of its own, or remove one of the two.");
            }
            here.put(rule.id(), rule);
        }
    }
}
