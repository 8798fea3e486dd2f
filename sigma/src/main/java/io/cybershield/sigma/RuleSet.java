package io.cybershield.sigma;

import io.cybershield.sigma.Evaluation.Node;
import java.util.ArrayList;
import java.util.BitSet;
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
 * Rules made ready to match. Any number of threads may match at once. The rules never change, but
 * the caller may switch each off and on again.
 *
 * <p>Rules do not compete for events: each answers as if it were alone. What each costs is counted
 * ({@link #costs}), in steps rather than time, so that the same events cost the same everywhere.
 */
public final class RuleSet {

    /** Kinds of event whose rules are remembered; more than any taxonomy has. */
    private static final int MOST_KINDS = 4096;

    private static final int IDLE_EVALUATIONS = 64;

    /**
     * Far beyond what any shared rule takes on any shared event, and still no more than a moment.
     */
    static final long DEFAULT_STEPS = 50_000_000;

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
    private final Costs costs;
    private volatile boolean[] off;
    private volatile long mostSteps = DEFAULT_STEPS;
    private final Map<EventSource, Index> byKind = new ConcurrentHashMap<>();
    private final ArrayBlockingQueue<Evaluation> idle = new ArrayBlockingQueue<>(IDLE_EVALUATIONS);

    /** Events that share the names of their fields. */
    private record Shape(Map<String, String> renamed, List<Gate> gates) {}

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
        this.costs = new Costs(rules.size());
        this.off = new boolean[rules.size()];
        this.mentioned = new Mentioned(gated);
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
        var known = new HashMap<LogSource, List<Shape>>();
        for (SigmaRule rule : rules) {
            List<Shape> shapes =
                    known.computeIfAbsent(
                            rule.logSource(), source -> shapes(sources.gates(source)));
            var ways = new ArrayList<Gated>();
            try {
                if (shapes.isEmpty()) {
                    compiler.compile(rule, taken.size(), Map.of());
                    unreachable.add(rule);
                }
                for (Shape shape : shapes) {
                    Program program = compiler.compile(rule, taken.size(), shape.renamed);
                    ways.add(new Gated(program, shape.gates));
                }
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

    private static List<Shape> shapes(List<Gate> gates) {
        var byNames = new LinkedHashMap<Map<String, String>, List<Gate>>();
        for (Gate gate : gates) {
            byNames.computeIfAbsent(gate.renamed(), _ -> new ArrayList<>()).add(gate);
        }
        return byNames.entrySet().stream()
                .map(shape -> new Shape(shape.getKey(), List.copyOf(shape.getValue())))
                .toList();
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

    private List<Hit> run(Index index, Evaluation evaluation) {
        boolean[] quiet = off;
        long most = mostSteps;
        evaluation.allow(Long.MAX_VALUE);
        index.nominate(evaluation);
        List<Hit> hits = List.of();
        @Nullable SigmaRule last = null;
        for (int i = 0; i < evaluation.nominated(); i++) {
            Program program = index.programs()[evaluation.nominated(i)];
            if (program.source() != last
                    && !quiet[program.rule()]
                    && holds(program, evaluation, most)) {
                if (hits.isEmpty()) {
                    hits = new ArrayList<>();
                }
                hits.add(program.hit(evaluation));
                last = program.source();
            }
        }
        return hits;
    }

    private boolean holds(Program program, Evaluation evaluation, long most) {
        long before = evaluation.steps();
        boolean holds = false;
        boolean cut = false;
        evaluation.allow(most);
        try {
            holds = program.condition().holds(evaluation);
        } catch (Evaluation.OverBudget e) {
            cut = true;
        }
        costs.ran(program.rule(), evaluation.steps() - before, holds, cut);
        evaluation.allow(Long.MAX_VALUE);
        return holds;
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
                                    .toList(),
                            checks);
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
        Explanation explanation = Explainer.explain(rule, event, fields, sources, placeholders);
        return isOff(rule.id()) ? explanation.switchedOff() : explanation;
    }

    /**
     * Takes rules out of matching at once, for all threads; a rule that is being tried on an event
     * just then still answers for it.
     *
     * @return false when no rule of the set has the id
     */
    public boolean switchOff(String id) {
        return turn(id, true);
    }

    /** Takes a rule back in. */
    public boolean switchOn(String id) {
        return turn(id, false);
    }

    public boolean isOff(String id) {
        boolean[] quiet = off;
        for (int i = 0; i < quiet.length; i++) {
            if (quiet[i] && rules.get(i).id().equals(id)) {
                return true;
            }
        }
        return false;
    }

    private synchronized boolean turn(String id, boolean quiet) {
        boolean[] changed = off.clone();
        boolean found = false;
        for (int i = 0; i < changed.length; i++) {
            if (rules.get(i).id().equals(id)) {
                changed[i] = quiet;
                found = true;
            }
        }
        off = changed;
        return found;
    }

    /**
     * Limits what one rule may ask of one event. A rule that goes beyond gives no hit on that event
     * and the case is counted, see {@link RuleCost#cutOff}; other rules are not touched.
     *
     * @param most steps, at least 1; a step is roughly one short comparison. 50,000,000 unless set
     */
    public void limitSteps(long most) {
        if (most < 1) {
            throw new IllegalArgumentException("A rule needs at least one step.");
        }
        mostSteps = most;
    }

    /** What each rule has cost since the set was compiled, in the order of {@link #rules}. */
    public List<RuleCost> costs() {
        boolean[] quiet = off;
        var all = new ArrayList<RuleCost>();
        for (int i = 0; i < quiet.length; i++) {
            all.add(costs.of(i, rules.get(i), quiet[i]));
        }
        return List.copyOf(all);
    }

    /** Starts to watch which sources and fields events have, see {@link Sample#coverage}. */
    public Sample sample() {
        return new Sample(this);
    }

    EventSource kindOf(EventSource source) {
        return mentioned.of(source);
    }

    List<Program> programsFor(EventSource kind) {
        return List.of(indexFor(kind).programs());
    }

    String[] paths(int slot) {
        return paths[slot];
    }

    /** The unseen slots that a check needs. */
    void missing(int check, BitSet seen, Set<Integer> into) {
        checks[check].slots().filter(slot -> !seen.get(slot)).forEach(into::add);
    }

    boolean canHold(Node node, BitSet seen) {
        return switch (node) {
            case Node.Ask(var check, _) -> checks[check].canHold(seen);
            case Node.All(var parts) -> parts.stream().allMatch(part -> canHold(part, seen));
            case Node.Any(var parts) -> parts.stream().anyMatch(part -> canHold(part, seen));
            case Node.AtLeast(var wanted, var parts) ->
                    parts.stream().filter(part -> canHold(part, seen)).count() >= wanted;
            case Node.Not(var part) -> canFail(part, seen);
        };
    }

    boolean canFail(Node node, BitSet seen) {
        return switch (node) {
            case Node.Ask(var check, _) -> checks[check].canFail(seen);
            case Node.All(var parts) -> parts.stream().anyMatch(part -> canFail(part, seen));
            case Node.Any(var parts) -> parts.stream().allMatch(part -> canFail(part, seen));
            case Node.AtLeast(var wanted, var parts) ->
                    parts.stream().filter(part -> !canFail(part, seen)).count() < wanted;
            case Node.Not(var part) -> canHold(part, seen);
        };
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

        Mentioned(List<Gated> gated) {
            for (Gated way : gated) {
                for (Gate gate : way.gates) {
                    add(gate);
                }
            }
        }

        private void add(Gate gate) {
            add(products, gate.product());
            add(categories, gate.category());
            add(services, gate.service());
            add(channels, gate.channel());
            String channel = gate.channel() == null ? "" : gate.channel();
            eventIds.computeIfAbsent(channel, _ -> new HashSet<>()).addAll(gate.eventIds());
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
