package io.cybershield.sigma;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Rules made ready to match. Never changes; any number of threads may match at once.
 *
 * <p>Rules do not compete for events: each answers as if it were alone.
 */
public final class RuleSet {

    /** Kinds of event whose rules are remembered; more than any taxonomy has. */
    private static final int MOST_KINDS = 4096;

    private static final int IDLE_EVALUATIONS = 64;

    private final List<SigmaRule> rules;
    private final List<Refusal> refused;
    private final List<SigmaRule> unreachable;
    private final List<Gated> gated;
    private final FieldResolver fields;
    private final LogSourceResolver sources;
    private final Placeholders placeholders;
    private final String[][] paths;
    private final Check[] checks;
    private final Mentioned mentioned;
    private final Map<EventSource, Index> byKind = new ConcurrentHashMap<>();
    private final ArrayBlockingQueue<Evaluation> idle = new ArrayBlockingQueue<>(IDLE_EVALUATIONS);

    private record Gated(Program program, List<Gate> gates) {
        boolean lets(EventSource source) {
            for (Gate gate : gates) {
                if (gate.lets(source)) {
                    return true;
                }
            }
            return false;
        }
    }

    private RuleSet(
            List<SigmaRule> rules,
            List<Refusal> refused,
            List<SigmaRule> unreachable,
            List<Gated> gated,
            FieldResolver fields,
            LogSourceResolver sources,
            Placeholders placeholders,
            Compiler compiler) {
        this.fields = fields;
        this.sources = sources;
        this.placeholders = placeholders;
        this.rules = List.copyOf(rules);
        this.refused = List.copyOf(refused);
        this.unreachable = List.copyOf(unreachable);
        this.gated = List.copyOf(gated);
        this.paths = compiler.paths();
        this.checks = compiler.checks();
        this.mentioned = new Mentioned(gated.stream().flatMap(g -> g.gates().stream()).toList());
    }

    /** As {@link #compile(List, FieldResolver, LogSourceResolver, Placeholders)}, without lists. */
    public static RuleSet compile(
            List<SigmaRule> rules, FieldResolver fields, LogSourceResolver sources) {
        return compile(rules, fields, sources, Placeholders.none());
    }

    /**
     * Compiles rules for events of the given shape.
     *
     * @param placeholders value lists for the modifier {@code expand}; a rule whose list is missing
     *     is refused, see {@link #refused()}
     */
    public static RuleSet compile(
            List<SigmaRule> rules,
            FieldResolver fields,
            LogSourceResolver sources,
            Placeholders placeholders) {
        var compiler = new Compiler(fields, placeholders);
        var taken = new ArrayList<SigmaRule>();
        var refused = new ArrayList<Refusal>();
        var unreachable = new ArrayList<SigmaRule>();
        var gated = new ArrayList<Gated>();
        for (SigmaRule rule : rules) {
            var byNames = new LinkedHashMap<Map<String, String>, List<Gate>>();
            for (Gate gate : sources.gates(rule.logSource())) {
                byNames.computeIfAbsent(gate.renamed(), _ -> new ArrayList<>()).add(gate);
            }
            var ways = new ArrayList<Gated>();
            try {
                if (byNames.isEmpty()) {
                    compiler.compile(rule, Map.of());
                    unreachable.add(rule);
                }
                byNames.forEach((renamed, gates) ->
                        ways.add(new Gated(compiler.compile(rule, renamed), List.copyOf(gates))));
            } catch (Refused e) {
                refused.add(e.in(rule.path()));
                continue;
            }
            taken.add(rule);
            gated.addAll(ways);
        }
        return new RuleSet(
                taken, refused, unreachable, gated, fields, sources, placeholders, compiler);
    }

    /** Every rule that the event fulfils, each once, in the order that the rules were given. */
    public List<Hit> match(Event event) {
        Index index = indexFor(event.source());
        if (index.programs().length == 0) {
            return List.of();
        }
        Evaluation evaluation = idle.poll();
        if (evaluation == null) {
            evaluation = new Evaluation(paths, checks, gated.size());
        }
        evaluation.start(event);
        List<Hit> hits;
        try {
            hits = run(index, evaluation);
        } finally {
            evaluation.finish();
        }
        // Not offered again after an exception of the event's own: its answers may be half done.
        idle.offer(evaluation);
        return hits;
    }

    private static List<Hit> run(Index index, Evaluation evaluation) {
        index.nominate(evaluation);
        List<Hit> hits = List.of();
        @Nullable SigmaRule last = null;
        for (int i = 0; i < evaluation.nominated(); i++) {
            Program program = index.programs()[evaluation.nominated(i)];
            if (program.source() != last && program.condition().holds(evaluation)) {
                if (hits.isEmpty()) {
                    hits = new ArrayList<>();
                }
                hits.add(program.hit(evaluation));
                last = program.source();
            }
        }
        return hits;
    }

    private Index indexFor(EventSource source) {
        EventSource kind = mentioned.of(source);
        Index index = byKind.get(kind);
        if (index == null) {
            index =
                    new Index(
                            gated.stream()
                                    .filter(way -> way.lets(kind))
                                    .map(Gated::program)
                                    .toList());
            if (byKind.size() < MOST_KINDS) {
                byKind.put(kind, index);
            }
        }
        return index;
    }

    /** The rules that compiled, in the order given. */
    public List<SigmaRule> rules() {
        return rules;
    }

    /** Rules that did not compile, for want of placeholder values. */
    public List<Refusal> refused() {
        return refused;
    }

    /** Rules among {@link #rules()} whose log source no event can have here. */
    public List<SigmaRule> unreachable() {
        return unreachable;
    }

    /**
     * Why a rule fires on an event or does not, for the fields and log sources of this set. Takes
     * far longer than matching.
     *
     * @param rule need not be one of {@link #rules()}
     */
    public Explanation explain(SigmaRule rule, Event event) {
        return Explainer.explain(rule, event, fields, sources, placeholders);
    }

    /** The rules that look at events of this source. */
    public List<SigmaRule> rulesFor(EventSource source) {
        return Stream.of(indexFor(source).programs()).map(Program::source).distinct().toList();
    }

    /** The facts that any gate asks for; events that differ in others only are of one kind. */
    private static final class Mentioned {
        private final Set<String> products = new HashSet<>();
        private final Set<String> categories = new HashSet<>();
        private final Set<String> services = new HashSet<>();
        private final Set<String> channels = new HashSet<>();
        private final Map<String, Set<String>> eventIds = new HashMap<>();

        Mentioned(List<Gate> gates) {
            for (Gate gate : gates) {
                add(products, gate.product());
                add(categories, gate.category());
                add(services, gate.service());
                add(channels, gate.channel());
                String channel = gate.channel() == null ? "" : gate.channel();
                eventIds.computeIfAbsent(channel, _ -> new HashSet<>()).addAll(gate.eventIds());
            }
        }

        private static void add(Set<String> set, @Nullable String word) {
            if (word != null) {
                set.add(word);
            }
        }

        EventSource of(EventSource source) {
            String channel = known(channels, source.channel());
            String eventId = source.eventId();
            boolean asked =
                    eventId != null
                            && (eventIds.getOrDefault("", Set.of()).contains(eventId)
                                    || channel != null
                                            && eventIds.getOrDefault(channel, Set.of())
                                                    .contains(eventId));
            return new EventSource(
                    known(products, source.product()),
                    known(categories, source.category()),
                    known(services, source.service()),
                    channel,
                    asked ? eventId : null);
        }

        private static @Nullable String known(Set<String> set, @Nullable String word) {
            return word != null && set.contains(word) ? word : null;
        }
    }
}
