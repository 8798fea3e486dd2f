package io.cybershield.sigma;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One correlation rule and what it remembers of its groups. */
final class Listener {

    private static final int LONGEST_VALUE = 256;

    final CorrelationRule rule;
    private final boolean atOnce;
    private final boolean byRule;
    private final long span;
    private final long lateness;
    private final Correlator.Counters counters;

    /** For each rule that is listened to and each name, where its events keep the value. */
    private final String[][][] groupPaths;

    private final String[][][] fieldPaths;

    /** Least recently touched first. */
    LinkedHashMap<List<String>, Group> groups = new LinkedHashMap<>(16, 0.75f, true);

    /** Groups by the time that their waiting window ends. */
    TreeMap<Long, ArrayDeque<Group>> ends = new TreeMap<>();

    /** Entries in all groups together, a sketch counted as a thousand. */
    long held;

    Listener(
            CorrelationRule rule,
            Map<String, LogSource> sources,
            FieldResolver fields,
            long lateness,
            Correlator.Counters counters) {
        this.rule = rule;
        this.atOnce = rule.isDecidedAtOnce();
        this.byRule = atOnce && rule.isTemporal();
        this.span = rule.timespan().toMillis();
        this.lateness = lateness;
        this.counters = counters;
        this.groupPaths = paths(rule.groupBy(), sources, fields);
        this.fieldPaths = paths(rule.fields(), sources, fields);
    }

    private String[][][] paths(
            List<String> names, Map<String, LogSource> sources, FieldResolver fields) {
        var paths = new String[rule.rules().size()][names.size()][];
        for (int i = 0; i < paths.length; i++) {
            String base = rule.rules().get(i);
            LogSource source = sources.getOrDefault(base, new LogSource(null, null, null, null));
            for (int j = 0; j < names.size(); j++) {
                paths[i][j] =
                        fields.paths(source, aliased(names.get(j), base)).toArray(String[]::new);
            }
        }
        return paths;
    }

    private String aliased(String name, String base) {
        Map<String, String> alias = rule.aliases().get(name);
        return alias == null ? name : alias.getOrDefault(base, name);
    }

    boolean decidesAtOnce() {
        return atOnce;
    }

    /** Takes a hit of a rule on an event. */
    @Nullable CorrelationHit accept(int from, String eventId, long time, Event event) {
        List<String> key = values(groupPaths[from], event);
        if (key == null) {
            counters.ungrouped++;
            return null;
        }
        List<String> counted = values(fieldPaths[from], event);
        return counted == null ? null : accept(from, eventId, time, key, counted);
    }

    /** Takes a hit of a correlation on a group. */
    @Nullable CorrelationHit accept(
            int from, String eventId, long time, Map<String, String> group) {
        String base = rule.rules().get(from);
        List<String> key = values(rule.groupBy(), base, group);
        if (key == null) {
            counters.ungrouped++;
            return null;
        }
        List<String> counted = values(rule.fields(), base, group);
        return counted == null ? null : accept(from, eventId, time, key, counted);
    }

    private static @Nullable List<String> values(String[][] paths, Event event) {
        if (paths.length == 1) {
            String value = value(paths[0], event);
            return value == null ? null : List.of(value);
        }
        var values = new String[paths.length];
        for (int i = 0; i < values.length; i++) {
            String value = value(paths[i], event);
            if (value == null) {
                return null;
            }
            values[i] = value;
        }
        return List.of(values);
    }

    private static @Nullable String value(String[] paths, Event event) {
        for (String path : paths) {
            Object value = event.get(path);
            if (value instanceof String text) {
                return bounded(text);
            }
            if (value != null) {
                var cell = new Cell();
                cell.set(value);
                return cell.texts().length == 0 ? null : bounded(cell.texts()[0]);
            }
        }
        return null;
    }

    private @Nullable List<String> values(
            List<String> names, String base, Map<String, String> group) {
        var values = new ArrayList<String>();
        for (String name : names) {
            String value = group.get(aliased(name, base));
            if (value == null) {
                return null;
            }
            values.add(value);
        }
        return List.copyOf(values);
    }

    /** Long values are remembered by their start and a hash, so that a group's size is known. */
    private static String bounded(String text) {
        return text.length() <= LONGEST_VALUE
                ? text
                : text.substring(0, LONGEST_VALUE)
                        + "..."
                        + Long.toHexString(HyperLogLog.hash(text));
    }

    private @Nullable CorrelationHit accept(
            int from, String eventId, long time, List<String> key, List<String> counted) {
        Object value = null;
        if (rule.isNumeric()) {
            Decimal number = Decimal.ofText(counted.getFirst());
            if (number == null) {
                return null;
            }
            value = number.exact();
        } else if (!counted.isEmpty()) {
            value = counted.size() == 1 ? counted.getFirst() : counted;
        }
        Group group = groups.get(key);
        if (group == null) {
            group = new Group(key, byRule ? rule.rules().size() : 1);
            groups.put(key, group);
        }
        CorrelationHit hit =
                atOnce
                        ? add(group, from, eventId, time, value)
                        : wait(group, from, eventId, time, value);
        makeRoom(group);
        return hit;
    }

    /** Forgets the groups longest untouched while there is too much of everything. */
    private void makeRoom(Group current) {
        while (groups.size() > Correlator.MOST_GROUPS
                || held > Correlator.MOST_IN_ALL && groups.size() > 1) {
            Group oldest = groups.pollFirstEntry().getValue();
            if (oldest == current) {
                groups.put(oldest.key, oldest);
                continue;
            }
            held -= weight(oldest);
            if (!isOver(oldest)) {
                counters.evicted++;
            }
            for (Entries entries : oldest.series) {
                entries.clear();
            }
            oldest.buckets = null;
            oldest.folded = null;
        }
    }

    private static long weight(Group group) {
        return group.size()
                + (group.buckets == null ? 0 : Correlator.MOST_EXACT)
                + (group.folded == null ? 0 : Correlator.MOST_EXACT);
    }

    /** Whether nothing that it remembers can matter any more. */
    private boolean isOver(Group group) {
        long oldest = counters.newest - lateness - span;
        if (group.folded != null || group.buckets != null && group.buckets.newest >= oldest) {
            return false;
        }
        for (Entries entries : group.series) {
            if (!entries.isEmpty() && entries.lastTime() >= oldest) {
                return false;
            }
        }
        return true;
    }

    // At once: sliding windows that end with each event.

    private @Nullable CorrelationHit add(
            Group group, int from, String eventId, long time, @Nullable Object value) {
        if (group.buckets != null) {
            return addToBuckets(group, group.buckets, eventId, time, value);
        }
        Entries entries = group.series[byRule ? from : 0];
        int place = entries.insert(time, from, eventId, value);
        held++;
        if (byRule) {
            forgetOld(group);
            if (entries.size() > Correlator.MOST_OF_A_RULE) {
                entries.removeFirst(1);
                held--;
            }
            return decide(group, time);
        }
        tally(group, entries, place, value);
        forgetOld(group);
        if (entries.size() > Correlator.MOST_ENTRIES
                || group.values.size() > Correlator.MOST_EXACT) {
            if (countsExactly()) {
                dropFirst(group, 1);
            } else {
                return toBuckets(group, entries);
            }
        }
        return decide(group, time);
    }

    /** Whether the newest entries alone decide, so that older ones may go. */
    private boolean countsExactly() {
        return rule.type() == CorrelationRule.Type.EVENT_COUNT
                && rule.bounds().stream()
                        .allMatch(bound ->
                                bound.number()
                                                .compareTo(
                                                        BigDecimal.valueOf(Correlator.MOST_ENTRIES))
                                        < 0);
    }

    /** Keeps the sum and the values of the window that ends with the newest entry. */
    private void tally(Group group, Entries entries, int place, @Nullable Object value) {
        if (rule.type() == CorrelationRule.Type.EVENT_COUNT) {
            return;
        }
        if (place < group.start) {
            group.start++;
        } else {
            take(group, value, 1);
        }
        long oldest = entries.lastTime() - span;
        while (entries.time(group.start) < oldest) {
            take(group, entries.value(group.start), -1);
            group.start++;
        }
    }

    private static void take(Group group, @Nullable Object value, int times) {
        if (value instanceof BigDecimal number) {
            group.sum = times > 0 ? group.sum.add(number) : group.sum.subtract(number);
        } else if (value != null) {
            Integer count = group.values.merge(value, times, Integer::sum);
            if (count == 0) {
                group.values.remove(value);
            }
        }
    }

    /** What is too old to share a window with anything that may still come. */
    private void forgetOld(Group group) {
        long oldest = counters.newest - lateness - span;
        if (!byRule) {
            dropFirst(group, group.series[0].firstFrom(oldest));
            return;
        }
        for (Entries entries : group.series) {
            int old = entries.firstFrom(oldest);
            entries.removeFirst(old);
            held -= old;
        }
    }

    private void dropFirst(Group group, int count) {
        Entries entries = group.series[0];
        for (int i = group.start; i < count; i++) {
            take(group, entries.value(i), -1);
        }
        group.start = Math.max(0, group.start - count);
        entries.removeFirst(count);
        held -= count;
    }

    private @Nullable CorrelationHit toBuckets(Group group, Entries entries) {
        var buckets = new Buckets(span);
        for (int i = 0; i < entries.size(); i++) {
            buckets.add(entries.time(i), entries.id(i), number(entries.value(i)), text(entries, i));
        }
        held += Correlator.MOST_EXACT - entries.size();
        entries.clear();
        group.values.clear();
        group.sum = BigDecimal.ZERO;
        group.start = 0;
        group.buckets = buckets;
        return decide(group, buckets);
    }

    private static @Nullable BigDecimal number(@Nullable Object value) {
        return value instanceof BigDecimal number ? number : null;
    }

    private static @Nullable Object text(Entries entries, int place) {
        Object value = entries.value(place);
        return value instanceof BigDecimal ? null : value;
    }

    private @Nullable CorrelationHit addToBuckets(
            Group group, Buckets buckets, String eventId, long time, @Nullable Object value) {
        boolean number = value instanceof BigDecimal;
        if (!buckets.add(time, eventId, number(value), number ? null : value)) {
            counters.late++;
            return null;
        }
        if (buckets.isQuiet()) {
            group.buckets = null;
            held -= Correlator.MOST_EXACT;
            return add(group, 0, eventId, time, value);
        }
        return time == buckets.newest ? decide(group, buckets) : null;
    }

    private @Nullable CorrelationHit decide(Group group, Buckets buckets) {
        if (!mayFire(group, buckets.newest)) {
            return null;
        }
        BigDecimal value =
                switch (rule.type()) {
                    case VALUE_COUNT -> BigDecimal.valueOf(buckets.distinct());
                    case VALUE_SUM -> buckets.sum();
                    default -> BigDecimal.valueOf(buckets.count());
                };
        return rule.holds(value)
                ? hit(
                        group,
                        Math.max(buckets.firstTime(), buckets.newest - span),
                        buckets.newest,
                        value,
                        List.copyOf(buckets.ids))
                : null;
    }

    /** Looks at each window that ends with an entry and holds the fresh one. */
    private @Nullable CorrelationHit decide(Group group, long fresh) {
        if (!byRule) {
            Entries entries = group.series[0];
            int own = lastAt(entries, fresh);
            if (own < 0) {
                return null;
            }
            for (int end = own; end < entries.size(); end = next(entries, end)) {
                long last = entries.time(end);
                if (last - fresh > span) {
                    return null;
                }
                CorrelationHit hit = mayFire(group, last) ? decideAt(group, end) : null;
                if (hit != null) {
                    return hit;
                }
            }
            return null;
        }
        long last = fresh;
        while (true) {
            CorrelationHit hit = mayFire(group, last) ? decideTemporal(group, last) : null;
            if (hit != null) {
                return hit;
            }
            long next = Long.MAX_VALUE;
            for (Entries entries : group.series) {
                int place = entries.firstFrom(last + 1);
                if (place < entries.size()) {
                    next = Math.min(next, entries.time(place));
                }
            }
            if (next == Long.MAX_VALUE || next - fresh > span) {
                return null;
            }
            last = next;
        }
    }

    private static int lastAt(Entries entries, long time) {
        if (!entries.isEmpty() && entries.lastTime() == time) {
            return entries.size() - 1;
        }
        return entries.firstFrom(time + 1) - 1;
    }

    /** The last entry of the next time. */
    private static int next(Entries entries, int place) {
        return place + 1 < entries.size()
                ? lastAt(entries, entries.time(place + 1))
                : entries.size();
    }

    private boolean mayFire(Group group, long last) {
        return !group.hasFired || Math.abs(last - group.firedAt) > span;
    }

    private @Nullable CorrelationHit decideAt(Group group, int end) {
        Entries entries = group.series[0];
        int start = entries.firstFrom(entries.time(end) - span);
        boolean newest = end == entries.size() - 1;
        BigDecimal value =
                switch (rule.type()) {
                    case VALUE_COUNT ->
                            BigDecimal.valueOf(
                                    newest
                                            ? group.values.size()
                                            : distinct(entries, start, end + 1).size());
                    case VALUE_SUM -> newest ? group.sum : sum(entries, start, end + 1);
                    default -> BigDecimal.valueOf(end + 1L - start);
                };
        return rule.holds(value)
                ? hit(
                        group,
                        entries.time(start),
                        entries.time(end),
                        value,
                        ids(entries, start, end + 1))
                : null;
    }

    private @Nullable CorrelationHit decideTemporal(Group group, long last) {
        long first = last - span;
        int found =
                rule.type() == CorrelationRule.Type.TEMPORAL
                        ? present(group, first, last)
                        : followed(group, first, last);
        BigDecimal value = BigDecimal.valueOf(found);
        if (rule.bounds().isEmpty() ? found < group.series.length : !rule.holds(value)) {
            return null;
        }
        var window = new Entries();
        for (Entries entries : group.series) {
            for (int i = entries.firstFrom(first);
                    i < entries.size() && entries.time(i) <= last;
                    i++) {
                window.insert(entries.time(i), entries.rule(i), entries.id(i), null);
            }
        }
        return window.isEmpty()
                ? null
                : hit(group, window.time(0), last, value, ids(window, 0, window.size()));
    }

    private static int present(Group group, long first, long last) {
        int found = 0;
        for (Entries entries : group.series) {
            int place = entries.firstFrom(first);
            if (place < entries.size() && entries.time(place) <= last) {
                found++;
            }
        }
        return found;
    }

    /** How many of the rules, from the first on, follow one another; at one time in any order. */
    private static int followed(Group group, long first, long last) {
        long time = first;
        int found = 0;
        for (Entries entries : group.series) {
            int place = entries.firstFrom(time);
            if (place == entries.size() || entries.time(place) > last) {
                break;
            }
            time = entries.time(place);
            found++;
        }
        return found;
    }

    // Waiting: windows that follow one another, each beginning with the first event after the last.

    private @Nullable CorrelationHit wait(
            Group group, int from, String eventId, long time, @Nullable Object value) {
        Entries entries = group.series[0];
        if (entries.isEmpty() && group.folded == null) {
            ends.computeIfAbsent(time + span, _ -> new ArrayDeque<>()).add(group);
        }
        entries.insert(time, from, eventId, value);
        held++;
        if (entries.size() > Correlator.MOST_ENTRIES) {
            fold(group, entries);
        }
        return null;
    }

    /** Takes the older half of the first window for what it adds up to. */
    private void fold(Group group, Entries entries) {
        if (rule.type() == CorrelationRule.Type.VALUE_PERCENTILE) {
            // Every value counts for a percentile, so the newest stand for all.
            entries.removeFirst(1);
            held--;
            counters.evicted++;
            return;
        }
        Group.Folded folded = group.folded;
        if (folded == null) {
            folded = new Group.Folded(entries.time(0), new HyperLogLog());
            held += Correlator.MOST_EXACT;
            group.folded = folded;
        }
        int inside = entries.firstFrom(folded.first + span + 1);
        int count = Math.min(inside, Correlator.MOST_ENTRIES / 2);
        if (count == 0) {
            entries.removeFirst(1);
            held--;
            counters.evicted++;
            return;
        }
        for (int i = 0; i < count; i++) {
            add(folded, entries, i);
        }
        entries.removeFirst(count);
        held -= count;
    }

    private static void add(Group.Folded folded, Entries entries, int place) {
        folded.count++;
        folded.rules.set(entries.rule(place));
        Object value = entries.value(place);
        if (value instanceof BigDecimal number) {
            folded.sum = folded.sum.add(number);
        } else if (value != null) {
            folded.distinct.add(HyperLogLog.hash(value.toString()));
        }
    }

    boolean closesBefore(long time) {
        return !ends.isEmpty() && ends.firstKey() < time;
    }

    /** Ends the windows whose last moment is before the given one. */
    List<CorrelationHit> close(long time) {
        var hits = new ArrayList<CorrelationHit>();
        while (closesBefore(time)) {
            for (Group group : ends.pollFirstEntry().getValue()) {
                CorrelationHit hit = closeFirst(group);
                if (hit != null) {
                    hits.add(hit);
                }
            }
        }
        return hits;
    }

    private @Nullable CorrelationHit closeFirst(Group group) {
        Entries entries = group.series[0];
        Group.Folded folded = group.folded;
        if (entries.isEmpty() && folded == null) {
            return null;
        }
        long first = folded == null ? entries.time(0) : folded.first;
        int size = entries.firstFrom(first + span + 1);
        BigDecimal value = value(entries, size, folded);
        long last = size == 0 ? first : entries.time(size - 1);
        CorrelationHit hit =
                value != null
                                && mayFire(group, last)
                                && (rule.bounds().isEmpty()
                                        ? value.intValue() == rule.rules().size()
                                        : rule.holds(value))
                        ? hit(group, first, last, value, ids(entries, 0, size))
                        : null;
        entries.removeFirst(size);
        held -= size;
        if (folded != null) {
            group.folded = null;
            held -= Correlator.MOST_EXACT;
        }
        if (!entries.isEmpty()) {
            ends.computeIfAbsent(entries.time(0) + span, _ -> new ArrayDeque<>()).add(group);
        }
        return hit;
    }

    private @Nullable BigDecimal value(Entries entries, int size, Group.@Nullable Folded folded) {
        long count = size + (folded == null ? 0 : folded.count);
        return switch (rule.type()) {
            case EVENT_COUNT -> BigDecimal.valueOf(count);
            case VALUE_COUNT -> {
                Set<Object> different = distinct(entries, 0, size);
                if (folded == null) {
                    yield BigDecimal.valueOf(different.size());
                }
                different.forEach(value -> folded.distinct.add(HyperLogLog.hash(value.toString())));
                yield BigDecimal.valueOf(folded.distinct.estimate());
            }
            case TEMPORAL, TEMPORAL_ORDERED -> {
                var rules = new BitSet();
                if (folded != null) {
                    rules.or(folded.rules);
                }
                for (int i = 0; i < size; i++) {
                    rules.set(entries.rule(i));
                }
                yield BigDecimal.valueOf(rules.cardinality());
            }
            case VALUE_SUM -> sum(entries, 0, size, folded);
            case VALUE_AVG ->
                    count == 0
                            ? null
                            : sum(entries, 0, size, folded)
                                    .divide(BigDecimal.valueOf(count), MathContext.DECIMAL64);
            case VALUE_PERCENTILE -> percentile(entries, size);
        };
    }

    private static BigDecimal sum(
            Entries entries, int from, int to, Group.@Nullable Folded folded) {
        BigDecimal sum = sum(entries, from, to);
        return folded == null ? sum : sum.add(folded.sum);
    }

    private static BigDecimal sum(Entries entries, int from, int to) {
        BigDecimal sum = BigDecimal.ZERO;
        for (int i = from; i < to; i++) {
            BigDecimal number = number(entries.value(i));
            sum = number == null ? sum : sum.add(number);
        }
        return sum;
    }

    private static Set<Object> distinct(Entries entries, int from, int to) {
        Set<Object> different = new HashSet<>();
        for (int i = from; i < to; i++) {
            Object value = entries.value(i);
            if (value != null) {
                different.add(value);
            }
        }
        return different;
    }

    /** Between two values in proportion, as SQL's PERCENTILE_CONT has it. */
    private @Nullable BigDecimal percentile(Entries entries, int size) {
        BigDecimal percent = rule.percentile();
        if (size == 0 || percent == null) {
            return null;
        }
        var numbers = new ArrayList<BigDecimal>();
        for (int i = 0; i < size; i++) {
            BigDecimal number = number(entries.value(i));
            if (number != null) {
                numbers.add(number);
            }
        }
        Collections.sort(numbers);
        BigDecimal place =
                percent.multiply(BigDecimal.valueOf(numbers.size() - 1L)).movePointLeft(2);
        int below = place.intValue();
        BigDecimal low = numbers.get(below);
        BigDecimal rest = place.subtract(BigDecimal.valueOf(below));
        if (rest.signum() == 0) {
            return low;
        }
        return low.add(numbers.get(below + 1).subtract(low).multiply(rest), MathContext.DECIMAL64);
    }

    private CorrelationHit hit(
            Group group, long first, long last, BigDecimal value, List<String> ids) {
        group.hasFired = true;
        group.firedAt = last;
        Map<String, String> names = new LinkedHashMap<>();
        for (int i = 0; i < group.key.size(); i++) {
            names.put(rule.groupBy().get(i), group.key.get(i));
        }
        return new CorrelationHit(
                rule,
                Collections.unmodifiableMap(names),
                first,
                last,
                Decimal.canonical(value),
                ids);
    }

    private static List<String> ids(Entries entries, int from, int to) {
        var ids = new ArrayList<String>();
        for (int i = Math.max(from, to - CorrelationHit.MOST_EVENTS); i < to; i++) {
            ids.add(entries.id(i));
        }
        return List.copyOf(ids);
    }

    // Checkpoints.

    /** What the rule says, as one number: a rule that was changed must not take on old state. */
    long fingerprint() {
        var aliases = new TreeMap<String, Map<String, String>>();
        rule.aliases().forEach((name, fields) -> aliases.put(name, new TreeMap<>(fields)));
        return HyperLogLog.hash(
                List.of(
                                rule.type(),
                                rule.rules(),
                                rule.groupBy(),
                                aliases,
                                rule.timespan(),
                                rule.bounds(),
                                rule.fields(),
                                String.valueOf(rule.percentile()))
                        .toString());
    }

    int seriesCount() {
        return byRule ? rule.rules().size() : 1;
    }

    /** Works out what follows from the entries of groups that come from a checkpoint. */
    void take(
            LinkedHashMap<List<String>, Group> restored,
            TreeMap<Long, ArrayDeque<Group>> restoredEnds) {
        groups = restored;
        ends = restoredEnds;
        held = 0;
        for (Group group : groups.values()) {
            held += weight(group);
            Entries entries = group.series[0];
            if (atOnce && !byRule && !entries.isEmpty()) {
                group.start =
                        rule.type() == CorrelationRule.Type.EVENT_COUNT
                                ? 0
                                : entries.firstFrom(entries.lastTime() - span);
                for (int i = group.start; i < entries.size(); i++) {
                    if (rule.type() != CorrelationRule.Type.EVENT_COUNT) {
                        take(group, entries.value(i), 1);
                    }
                }
            }
        }
    }

    long span() {
        return span;
    }

    static Map<Group, Integer> numbered(Iterable<Group> groups) {
        Map<Group, Integer> numbers = new HashMap<>();
        groups.forEach(group -> numbers.put(group, numbers.size()));
        return numbers;
    }
}
