package io.cybershield.trigger;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Runs and places of one tenant; can go back to how it was, as a transaction that broke off. */
final class InMemoryAdmissionStore implements AdmissionStore {
    enum State {
        QUEUED,
        LIVE,
        ENDED
    }

    record Run(Place place, State state, long seq) {}

    private Map<UUID, Run> runs = new LinkedHashMap<>();
    private Map<UUID, Place> counted = new LinkedHashMap<>();
    private TreeMap<Long, Place> queue = new TreeMap<>();
    private final Map<UUID, Limits> limits;
    private long seq;
    private int left = Integer.MAX_VALUE;

    InMemoryAdmissionStore(Map<UUID, Limits> limits) {
        this.limits = limits;
    }

    /** Thrown in the middle of a transaction. */
    static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Does it whole, or not at all when it crashes after so many calls. */
    boolean transaction(int crashAfter, Runnable work) {
        var runsBefore = new LinkedHashMap<>(runs);
        var countedBefore = new LinkedHashMap<>(counted);
        var queueBefore = new TreeMap<>(queue);
        left = crashAfter;
        try {
            work.run();
            return true;
        } catch (Crash e) {
            runs = runsBefore;
            counted = countedBefore;
            queue = queueBefore;
            return false;
        } finally {
            left = Integer.MAX_VALUE;
        }
    }

    private void call() {
        if (left-- <= 0) {
            throw new Crash();
        }
    }

    void insert(Place place, boolean begins) {
        call();
        runs.put(place.run(), new Run(place, begins ? State.LIVE : State.QUEUED, seq));
    }

    boolean begin(UUID run) {
        call();
        return runs.computeIfPresent(
                                run,
                                (_, r) ->
                                        r.state() == State.QUEUED
                                                ? new Run(r.place(), State.LIVE, ++seq)
                                                : r)
                        .state()
                == State.LIVE;
    }

    void end(UUID run) {
        call();
        runs.computeIfPresent(run, (_, r) -> new Run(r.place(), State.ENDED, r.seq()));
    }

    List<Run> in(State state) {
        return runs.values().stream().filter(r -> r.state() == state).toList();
    }

    void forgetEnded() {
        runs.values().removeIf(r -> r.state() == State.ENDED);
    }

    @Override
    public void lock() {
        call();
    }

    @Override
    public Limits limits(UUID workflow) {
        call();
        return limits.getOrDefault(workflow, Limits.NONE);
    }

    @Override
    public int live(int most) {
        call();
        return Math.min(most, in(State.LIVE).size());
    }

    @Override
    public int live(UUID workflow, int most) {
        call();
        return (int)
                in(State.LIVE).stream()
                        .filter(r -> r.place().workflow().equals(workflow))
                        .limit(most)
                        .count();
    }

    @Override
    public int live(UUID workflow, String key, int most) {
        call();
        return (int)
                counted.values().stream()
                        .filter(p ->
                                p.workflow().equals(workflow)
                                        && p.key().equals(key)
                                        && isLive(p.run()))
                        .limit(most)
                        .count();
    }

    private boolean isLive(UUID run) {
        Run found = runs.get(run);
        return found != null && found.state() == State.LIVE;
    }

    @Override
    public boolean hasLive(UUID workflow, String node) {
        call();
        return in(State.LIVE).stream()
                .anyMatch(r ->
                        r.place().workflow().equals(workflow) && r.place().node().equals(node));
    }

    @Override
    public boolean hasQueued(String line) {
        call();
        return queue.values().stream().anyMatch(p -> p.line().equals(line));
    }

    @Override
    public int queued(int most) {
        call();
        return Math.min(most, queue.size());
    }

    @Override
    public void hold(Place place) {
        call();
        counted.put(place.run(), place);
    }

    @Override
    public void enqueue(Place place, Map<String, @Nullable Object> input) {
        call();
        queue.put(++seq, place);
    }

    @Override
    public List<Queued> heads(int most) {
        call();
        var heads = new LinkedHashMap<String, Queued>();
        queue.forEach((at, place) -> heads.putIfAbsent(place.line(), new Queued(place, at)));
        return heads.values().stream().limit(most).toList();
    }

    @Override
    public Optional<Queued> following(Queued before) {
        call();
        return queue.tailMap(before.seq(), false).entrySet().stream()
                .filter(e -> e.getValue().line().equals(before.place().line()))
                .map(e -> new Queued(e.getValue(), e.getKey()))
                .findFirst();
    }

    @Override
    public Map<String, @Nullable Object> input(UUID run) {
        call();
        return Map.of();
    }

    @Override
    public void begun(UUID run) {
        call();
        Place place = taken(run);
        if (place != null) {
            counted.put(run, place);
        }
    }

    @Override
    public void remove(UUID run) {
        call();
        taken(run);
        counted.remove(run);
    }

    private @Nullable Place taken(UUID run) {
        for (var entry : new ArrayList<>(queue.entrySet())) {
            if (entry.getValue().run().equals(run)) {
                return queue.remove(entry.getKey());
            }
        }
        return null;
    }

    @Override
    public Optional<UUID> oldestLive(UUID workflow, @Nullable String key) {
        call();
        return in(State.LIVE).stream()
                .filter(r ->
                        r.place().workflow().equals(workflow)
                                && (key == null || r.place().key().equals(key)))
                .min(Comparator.comparingLong(Run::seq))
                .map(r -> r.place().run());
    }
}
