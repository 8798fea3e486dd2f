package io.cybershield.sigma;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Correlates hits over event time. The same occurrences in the same order give the same hits, also
 * when a checkpoint is taken in between and another correlator goes on from it. Used by one thread
 * at a time.
 *
 * <p>An event that comes late is put where its time belongs, as long as it is not older than the
 * newest event by more than the allowed lateness; older ones are counted and left out. A group
 * fires at most once in its rule's timespan.
 *
 * <p>Memory is bounded: {@value #MOST_GROUPS} groups for each rule and {@value #MOST_IN_ALL} events
 * in all of them, of which the longest untouched group goes first, which is counted; {@value
 * #MOST_ENTRIES} events in each group (of temporal rules, {@value #MOST_OF_A_RULE} of each rule). A
 * remembered event takes 24 bytes, and 32 to 100 more for its own id and value. Beyond that, and
 * beyond {@value #MOST_EXACT} different values, a group is kept in sixteenths of the timespan: 70
 * kB with values, 2 kB without, whatever comes.
 */
public final class Correlator {

    static final int MOST_GROUPS = 20_000;
    static final int MOST_ENTRIES = 10_000;
    static final int MOST_OF_A_RULE = 1_000;
    static final int MOST_IN_ALL = 1_000_000;
    static final int MOST_EXACT = 1_000;

    private final long latenessMillis;
    private final Map<String, List<Interest>> byRule = new HashMap<>();
    private final List<Listener> listeners = new ArrayList<>();
    private final List<Listener> waiting = new ArrayList<>();
    private final Set<String> silenced = new HashSet<>();
    private final Counters counters = new Counters();

    private record Interest(Listener listener, int rule) {}

    /** What all listeners count together, and the time that they share. */
    static final class Counters {
        long newest = Long.MIN_VALUE;
        long late;
        long evicted;
        long ungrouped;
    }

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
        Map<String, LogSource> sources = new HashMap<>();
        bases.forEach(base -> sources.put(base.id(), base.logSource()));
        for (CorrelationRule rule : rules) {
            var listener = new Listener(rule, sources, fields, latenessMillis, counters);
            listeners.add(listener);
            if (!listener.decidesAtOnce()) {
                waiting.add(listener);
            }
            for (int i = 0; i < rule.rules().size(); i++) {
                String id = rule.rules().get(i);
                byRule.computeIfAbsent(id, _ -> new ArrayList<>()).add(new Interest(listener, i));
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
        return counters.late;
    }

    /** Groups and events forgotten for want of room. */
    public long evicted() {
        return counters.evicted;
    }

    /** Hits left out because the event has no value for a group-by field. */
    public long ungrouped() {
        return counters.ungrouped;
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
        if (counters.newest != Long.MIN_VALUE && timeMillis < counters.newest - latenessMillis) {
            counters.late++;
            return List.of();
        }
        List<CorrelationHit> fired = advance(timeMillis);
        for (int i = 0; i < hits.size(); i++) {
            List<Interest> interested = byRule.get(hits.get(i).rule().id());
            if (interested == null) {
                continue;
            }
            for (Interest interest : interested) {
                CorrelationHit hit =
                        interest.listener.accept(interest.rule, eventId, timeMillis, event);
                if (hit != null) {
                    fired = fired.isEmpty() ? new ArrayList<>() : fired;
                    fire(hit, fired);
                }
            }
        }
        return fired;
    }

    /** Tells the time without an event, so that windows that wait for their end may come to it. */
    public List<CorrelationHit> advance(long timeMillis) {
        counters.newest = Math.max(counters.newest, timeMillis);
        return closeUntil(counters.newest - latenessMillis);
    }

    /** Ends every window that waits for its end. */
    public List<CorrelationHit> finish() {
        return closeUntil(Long.MAX_VALUE);
    }

    private List<CorrelationHit> closeUntil(long time) {
        List<CorrelationHit> fired = List.of();
        for (Listener listener : waiting) {
            if (listener.closesBefore(time)) {
                fired = fired.isEmpty() ? new ArrayList<>() : fired;
                for (CorrelationHit hit : listener.close(time)) {
                    fire(hit, fired);
                }
            }
        }
        return fired;
    }

    /** References have no cycles, so this ends. */
    private void fire(CorrelationHit hit, List<CorrelationHit> fired) {
        fired.add(hit);
        List<Interest> interested = byRule.get(hit.rule().id());
        if (interested == null) {
            return;
        }
        String eventId = hit.eventIds().isEmpty() ? "" : hit.eventIds().getLast();
        for (Interest interest : interested) {
            CorrelationHit next =
                    interest.listener.accept(interest.rule, eventId, hit.lastMillis(), hit.group());
            if (next != null) {
                fire(next, fired);
            }
        }
    }

    /**
     * All that is remembered, as bytes with a version and a check sum. Two correlators that have
     * taken the same occurrences give the same bytes.
     */
    public byte[] checkpoint() {
        return Checkpoint.write(counters, listeners);
    }

    /**
     * Puts what is remembered in place of what is here. Rules are told apart by their id and by
     * what they say: one that was changed since starts anew.
     *
     * @return ids of the rules in the checkpoint that are gone or were changed, their state
     *     forgotten
     * @throws IllegalArgumentException if the bytes are damaged or of another version; nothing was
     *     changed then
     */
    public Set<String> restore(byte[] checkpoint) {
        return Checkpoint.read(checkpoint, counters, listeners);
    }
}
