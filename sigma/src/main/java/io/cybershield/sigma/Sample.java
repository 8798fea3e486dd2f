package io.cybershield.sigma;

import io.cybershield.sigma.Evaluation.Node;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the events of a sample have of all that the rules of one set ask for. Get one from {@link
 * RuleSet#sample}. Remembers sources and fields only, never values: its size does not grow with the
 * sample. Used by one thread at a time.
 */
public final class Sample {

    private final RuleSet rules;
    private final Map<EventSource, Kind> kinds = new HashMap<>();
    private long events;

    /** Events of one kind, as far as log sources tell them apart. */
    private static final class Kind {
        final List<Program> programs;
        final BitSet unseen = new BitSet();
        final BitSet seen = new BitSet();

        Kind(List<Program> programs) {
            this.programs = programs;
            for (Program program : programs) {
                program.fields().keySet().forEach(unseen::set);
            }
            seen.set(Evaluation.EVERYTHING);
        }
    }

    Sample(RuleSet rules) {
        this.rules = rules;
    }

    public void add(Event event) {
        events++;
        Kind kind =
                kinds.computeIfAbsent(
                        rules.kindOf(event.source()), key -> new Kind(rules.programsFor(key)));
        for (int slot = kind.unseen.nextSetBit(0);
                slot >= 0;
                slot = kind.unseen.nextSetBit(slot + 1)) {
            for (String path : rules.paths(slot)) {
                if (event.has(path)) {
                    kind.unseen.clear(slot);
                    kind.seen.set(slot);
                    break;
                }
            }
        }
    }

    public long events() {
        return events;
    }

    /** What the sample so far says of each rule. */
    public Coverage coverage() {
        Map<SigmaRule, Set<String>> missing = new HashMap<>();
        Set<SigmaRule> live = new HashSet<>();
        kinds.values()
                .forEach(kind ->
                        kind.programs.forEach(program -> {
                            if (rules.canHold(program.condition(), kind.seen)) {
                                live.add(program.source());
                            } else {
                                var slots = new TreeSet<Integer>();
                                missing(program.condition(), kind.seen, slots);
                                var names =
                                        missing.computeIfAbsent(
                                                program.source(), _ -> new TreeSet<>());
                                slots.forEach(
                                        slot -> names.add(program.fields().getOrDefault(slot, "")));
                            }
                        }));
        var entries = new ArrayList<Coverage.Entry>();
        Set<SigmaRule> unreachable = Set.copyOf(rules.unreachable());
        for (SigmaRule rule : rules.rules()) {
            entries.add(entry(rule, live, missing, unreachable));
        }
        return new Coverage(events, List.copyOf(entries), rules.refused());
    }

    private Coverage.Entry entry(
            SigmaRule rule,
            Set<SigmaRule> live,
            Map<SigmaRule, Set<String>> missing,
            Set<SigmaRule> unreachable) {
        if (rules.isOff(rule.id())) {
            return new Coverage.Entry(
                    rule, Coverage.State.SWITCHED_OFF, List.of(), "The rule is switched off.");
        }
        if (live.contains(rule)) {
            return new Coverage.Entry(
                    rule,
                    Coverage.State.LIVE,
                    List.of(),
                    "Events of its log source have the fields that a hit takes.");
        }
        Set<String> names = missing.get(rule);
        if (names != null) {
            return new Coverage.Entry(
                    rule,
                    Coverage.State.BLIND_FIELDS,
                    List.copyOf(names),
                    "Events of its log source never have %s.".formatted(String.join(", ", names)));
        }
        return new Coverage.Entry(
                rule,
                Coverage.State.BLIND_SOURCE,
                List.of(),
                (unreachable.contains(rule)
                                ? "No event here can be of its log source, %s."
                                : "No event of its log source was seen: %s.")
                        .formatted(rule.logSource()));
    }

    /** The slots that keep a condition from holding. */
    private void missing(Node node, BitSet seen, Set<Integer> into) {
        switch (node) {
            case Node.Ask(var check, _) -> rules.missing(check, seen, into);
            case Node.All(var parts) ->
                    parts.stream()
                            .filter(part -> !rules.canHold(part, seen))
                            .forEach(part -> missing(part, seen, into));
            case Node.Any(var parts) -> parts.forEach(part -> missing(part, seen, into));
            case Node.AtLeast(_, var parts) ->
                    parts.stream()
                            .filter(part -> !rules.canHold(part, seen))
                            .forEach(part -> missing(part, seen, into));
            case Node.Not(var part) -> surplus(part, seen, into);
        }
    }

    /** The slots without which a condition always holds. */
    private void surplus(Node node, BitSet seen, Set<Integer> into) {
        switch (node) {
            case Node.Ask(var check, _) -> rules.missing(check, seen, into);
            case Node.All(var parts) -> parts.forEach(part -> surplus(part, seen, into));
            case Node.Any(var parts) ->
                    parts.stream()
                            .filter(part -> !rules.canFail(part, seen))
                            .forEach(part -> surplus(part, seen, into));
            case Node.AtLeast(_, var parts) ->
                    parts.stream()
                            .filter(part -> !rules.canFail(part, seen))
                            .forEach(part -> surplus(part, seen, into));
            case Node.Not(var part) -> missing(part, seen, into);
        }
    }
}
