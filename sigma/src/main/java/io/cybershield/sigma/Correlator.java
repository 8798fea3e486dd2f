package io.cybershield.sigma;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Correlates hits over event time. The same occurrences in the same order give the same hits. Used
 * by one thread at a time.
 *
 * <p>An event that comes late is put where its time belongs, as long as it is not older than the
 * newest event by more than the allowed lateness; older ones are counted and left out. A group
 * fires at most once in its rule's timespan. Memory is bounded: {@link #MOST_GROUPS} groups for
 * each rule, of which the longest untouched goes first, and {@link #MOST_ENTRIES} events in each,
 * of which the oldest goes first; both are counted.
 */
public final class Correlator {

    static final int MOST_GROUPS = 20_000;
    static final int MOST_ENTRIES = 10_000;

    private final long latenessMillis;
    private final FieldResolver fields;
    private final Map<String, List<Listener>> byRule = new HashMap<>();
    private final List<Listener> listeners = new ArrayList<>();
    private final Set<String> silenced = new HashSet<>();
    private long newest = Long.MIN_VALUE;
    private long late;
    private long evicted;
    private long ungrouped;

    /**
     * @param rules as loaded together, so that all that they refer to is there
     * @param bases the rules whose hits will come; only their log sources are asked for
     * @param latenessMillis how much older than the newest an event may be
     */
    public Correlator(
            List<CorrelationRule> rules,
            List<SigmaRule> bases,
            FieldResolver fields,
            long latenessMillis) {
        this.latenessMillis = latenessMillis;
        this.fields = fields;
        Map<String, LogSource> sources = new HashMap<>();
        bases.forEach(base -> sources.put(base.id(), base.logSource()));
        for (CorrelationRule rule : rules) {
            var listener = new Listener(rule, sources);
            listeners.add(listener);
            for (String id : rule.rules()) {
                byRule.computeIfAbsent(id, _ -> new ArrayList<>()).add(listener);
                if (!rule.generate()) {
                    silenced.add(id);
                }
            }
        }
        rules.stream()
                .filter(CorrelationRule::generate)
                .forEach(rule -> silenced.removeAll(Set.copyOf(rule.rules())));
    }

    /** Ids of rules that only feed correlations: their own hits are not findings. */
    public Set<String> silenced() {
        return Set.copyOf(silenced);
    }

    /** Events left out because they came too late. */
    public long late() {
        return late;
    }

    /** Groups and events forgotten for want of room. */
    public long evicted() {
        return evicted;
    }

    /** Hits left out because the event has no value for a group-by field. */
    public long ungrouped() {
        return ungrouped;
    }

    /**
     * Takes the hits of one event.
     *
     * @param eventId as the caller names it, for {@link CorrelationHit#eventIds()}
     * @param timeMillis when the event occurred, since the epoch
     * @return correlations that this event, or the passing of time that it shows, completes
     */
    public List<CorrelationHit> accept(
            String eventId, long timeMillis, Event event, List<Hit> hits) {
        if (newest != Long.MIN_VALUE && timeMillis < newest - latenessMillis) {
            late++;
            return List.of();
        }
        List<CorrelationHit> fired = new ArrayList<>(advance(timeMillis));
        for (Hit hit : hits) {
            List<Listener> interested = byRule.get(hit.rule().id());
            if (interested != null) {
                var occurrence =
                        new Occurrence(hit.rule().id(), eventId, timeMillis, event, Map.of());
                interested.forEach(listener -> feed(listener, occurrence, fired));
            }
        }
        return fired;
    }

    /** Tells the time without an event, so that windows that wait for their end may come to it. */
    public List<CorrelationHit> advance(long timeMillis) {
        newest = Math.max(newest, timeMillis);
        return closeUntil(newest - latenessMillis);
    }

    /** Ends every window that waits for its end. */
    public List<CorrelationHit> finish() {
        return closeUntil(Long.MAX_VALUE);
    }

    private List<CorrelationHit> closeUntil(long time) {
        List<CorrelationHit> fired = new ArrayList<>();
        for (Listener listener : listeners) {
            if (!listener.atOnce) {
                for (CorrelationHit hit : listener.close(time)) {
                    fire(hit, fired);
                }
            }
        }
        return fired;
    }

    private void feed(Listener listener, Occurrence occurrence, List<CorrelationHit> fired) {
        CorrelationHit hit = listener.accept(occurrence);
        if (hit != null) {
            fire(hit, fired);
        }
    }

    /** References have no cycles, so this ends. */
    private void fire(CorrelationHit hit, List<CorrelationHit> fired) {
        fired.add(hit);
        String id = hit.rule().id();
        List<Listener> interested = byRule.get(id);
        if (interested != null) {
            String eventId = hit.eventIds().isEmpty() ? "" : hit.eventIds().getLast();
            var occurrence = new Occurrence(id, eventId, hit.lastMillis(), null, hit.group());
            interested.forEach(listener -> feed(listener, occurrence, fired));
        }
    }

    /** A hit of a rule on an event, or of a correlation on a group. */
    private record Occurrence(
            String rule,
            String eventId,
            long time,
            @Nullable Event event,
            Map<String, String> group) {}

    private record Entry(long time, int rule, String eventId, List<String> values) {}

    /** What is remembered of one group: entries by time. */
    private static final class Group {
        final List<String> key;
        final ArrayList<Entry> entries = new ArrayList<>();
        boolean hasFired;
        long firedAt;

        Group(List<String> key) {
            this.key = key;
        }

        /** After those of the same time, so that order of arrival decides between equals. */
        int insert(Entry entry) {
            int at = entries.size();
            while (at > 0 && entries.get(at - 1).time > entry.time) {
                at--;
            }
            entries.add(at, entry);
            return at;
        }
    }

    private final class Listener {
        final CorrelationRule rule;
        final boolean atOnce;
        final long span;
        final Map<String, LogSource> sources;

        /** Least recently touched first. */
        final LinkedHashMap<List<String>, Group> groups = new LinkedHashMap<>(16, 0.75f, true);

        /** Groups by the time that their waiting window ends. */
        final TreeMap<Long, ArrayDeque<Group>> ends = new TreeMap<>();

        Listener(CorrelationRule rule, Map<String, LogSource> sources) {
            this.rule = rule;
            this.atOnce = rule.isDecidedAtOnce();
            this.span = rule.timespan().toMillis();
            this.sources = sources;
        }

        @Nullable CorrelationHit accept(Occurrence occurrence) {
            List<String> key = values(rule.groupBy(), occurrence);
            if (key == null) {
                ungrouped++;
                return null;
            }
            List<String> counted = values(rule.fields(), occurrence);
            if (counted == null) {
                return null;
            }
            Group group = groups.get(key);
            if (group == null) {
                group = new Group(key);
                groups.put(key, group);
                if (groups.size() > MOST_GROUPS) {
                    groups.pollFirstEntry().getValue().entries.clear();
                    evicted++;
                }
            }
            var entry =
                    new Entry(
                            occurrence.time,
                            rule.rules().indexOf(occurrence.rule),
                            occurrence.eventId,
                            counted);
            if (!atOnce) {
                if (group.entries.isEmpty()) {
                    ends.computeIfAbsent(entry.time + span, _ -> new ArrayDeque<>()).add(group);
                }
                group.insert(entry);
                cap(group);
                return null;
            }
            int at = group.insert(entry);
            cap(group);
            forget(group);
            return decide(group, Math.min(at, group.entries.size() - 1), entry);
        }

        private void cap(Group group) {
            if (group.entries.size() > MOST_ENTRIES) {
                group.entries.removeFirst();
                evicted++;
            }
        }

        /** What is too old to share a window with anything that may still come. */
        private void forget(Group group) {
            long oldest = newest - latenessMillis - span;
            int old = 0;
            while (old < group.entries.size() && group.entries.get(old).time < oldest) {
                old++;
            }
            group.entries.subList(0, old).clear();
        }

        /** Looks at each window that ends with an entry and holds the new one. */
        private @Nullable CorrelationHit decide(Group group, int near, Entry fresh) {
            int end = near;
            while (end > 0 && group.entries.get(end - 1).time >= fresh.time) {
                end--;
            }
            for (; end < group.entries.size(); end++) {
                long last = group.entries.get(end).time;
                if (last < fresh.time) {
                    continue;
                }
                if (last - fresh.time > span) {
                    return null;
                }
                boolean tied =
                        end + 1 < group.entries.size() && group.entries.get(end + 1).time == last;
                if (tied) {
                    continue;
                }
                int start = end;
                while (start > 0 && last - group.entries.get(start - 1).time <= span) {
                    start--;
                }
                CorrelationHit hit = hit(group, group.entries.subList(start, end + 1));
                if (hit != null) {
                    return hit;
                }
            }
            return null;
        }

        private @Nullable CorrelationHit hit(Group group, List<Entry> window) {
            BigDecimal value = value(window);
            boolean holds =
                    rule.bounds().isEmpty()
                            ? value.intValue() == rule.rules().size()
                            : rule.holds(value);
            long last = window.getLast().time;
            if (!holds || group.hasFired && Math.abs(last - group.firedAt) <= span) {
                return null;
            }
            group.hasFired = true;
            group.firedAt = last;
            Map<String, String> names = new LinkedHashMap<>();
            for (int i = 0; i < group.key.size(); i++) {
                names.put(rule.groupBy().get(i), group.key.get(i));
            }
            int from = Math.max(0, window.size() - CorrelationHit.MOST_EVENTS);
            return new CorrelationHit(
                    rule,
                    Collections.unmodifiableMap(names),
                    window.getFirst().time,
                    last,
                    Numbers.canonical(value),
                    window.subList(from, window.size()).stream().map(Entry::eventId).toList());
        }

        private BigDecimal value(List<Entry> window) {
            return switch (rule.type()) {
                case EVENT_COUNT -> BigDecimal.valueOf(window.size());
                case VALUE_COUNT ->
                        BigDecimal.valueOf(window.stream().map(Entry::values).distinct().count());
                case TEMPORAL ->
                        BigDecimal.valueOf(
                                window.stream().mapToInt(Entry::rule).distinct().count());
                case TEMPORAL_ORDERED -> BigDecimal.valueOf(longestStart(window));
                case VALUE_SUM -> sum(window);
                case VALUE_AVG -> {
                    long numbers = window.stream().filter(entry -> number(entry) != null).count();
                    yield numbers == 0
                            ? BigDecimal.ZERO
                            : sum(window)
                                    .divide(BigDecimal.valueOf(numbers), MathContext.DECIMAL64);
                }
            };
        }

        /** How many of the rules, from the first on, follow one another. */
        private static int longestStart(List<Entry> window) {
            int wanted = 0;
            int at = 0;
            while (at < window.size()) {
                int end = at;
                while (end < window.size() && window.get(end).time == window.get(at).time) {
                    end++;
                }
                // Entries of one time follow one another in any order.
                Set<Integer> together = new HashSet<>();
                window.subList(at, end).forEach(entry -> together.add(entry.rule));
                while (together.contains(wanted)) {
                    wanted++;
                }
                at = end;
            }
            return wanted;
        }

        private BigDecimal sum(List<Entry> window) {
            BigDecimal sum = BigDecimal.ZERO;
            for (Entry entry : window) {
                BigDecimal number = number(entry);
                if (number != null) {
                    sum = sum.add(number);
                }
            }
            return sum;
        }

        private static @Nullable BigDecimal number(Entry entry) {
            return Numbers.ofText(entry.values.getFirst());
        }

        /** Ends the windows whose last moment is before the given one. */
        List<CorrelationHit> close(long time) {
            var hits = new ArrayList<CorrelationHit>();
            while (!ends.isEmpty() && ends.firstKey() < time) {
                for (Group group : ends.pollFirstEntry().getValue()) {
                    CorrelationHit hit = closeFirst(group);
                    if (hit != null) {
                        hits.add(hit);
                    }
                }
            }
            return hits;
        }

        /** The first window of a group; the next one starts with the first event after it. */
        private @Nullable CorrelationHit closeFirst(Group group) {
            if (group.entries.isEmpty()) {
                return null;
            }
            long end = group.entries.getFirst().time + span;
            int size = 0;
            while (size < group.entries.size() && group.entries.get(size).time <= end) {
                size++;
            }
            CorrelationHit hit = hit(group, group.entries.subList(0, size));
            group.entries.subList(0, size).clear();
            if (!group.entries.isEmpty()) {
                long next = group.entries.getFirst().time + span;
                ends.computeIfAbsent(next, _ -> new ArrayDeque<>()).add(group);
            }
            return hit;
        }

        /** Null when one of them is missing. */
        private @Nullable List<String> values(List<String> names, Occurrence occurrence) {
            var values = new ArrayList<String>(names.size());
            for (String name : names) {
                String value = value(name, occurrence);
                if (value == null) {
                    return null;
                }
                values.add(value);
            }
            return List.copyOf(values);
        }

        private @Nullable String value(String name, Occurrence occurrence) {
            Map<String, String> alias = rule.aliases().get(name);
            String field = alias == null ? name : alias.getOrDefault(occurrence.rule, name);
            Event event = occurrence.event;
            if (event == null) {
                return occurrence.group.get(field);
            }
            LogSource source =
                    sources.getOrDefault(occurrence.rule, new LogSource(null, null, null, null));
            for (String path : fields.paths(source, field)) {
                Object value = event.get(path);
                if (value != null) {
                    var cell = new Cell();
                    cell.set(value);
                    return cell.texts().length == 0 ? null : cell.texts()[0];
                }
            }
            return null;
        }
    }
}
