package io.cybershield.workflow;

import io.cybershield.engine.StepStatus;
import io.cybershield.platform.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Signals and waits in the simulated database, as the real statements leave them. */
final class SimulatedSignals implements SignalStore {
    record Key(TenantId tenant, String id) {}

    private record WaitKey(TenantId tenant, RunId run, String step) {}

    private record Wait(long epoch, String signal) {}

    private final SimulatedPostgres db;
    private final Map<Key, Kept> signals = new LinkedHashMap<>();
    private final Map<WaitKey, Wait> waits = new LinkedHashMap<>();

    /** Those that were kept and then taken by one run; for whoever checks. */
    private final Map<Key, Boolean> taken = new HashMap<>();

    /** Every one that was ever sent, as it was last; for whoever checks. */
    private final Map<Key, Kept> all = new LinkedHashMap<>();

    SimulatedSignals(SimulatedPostgres db) {
        this.db = db;
    }

    private void put(Key key, Kept kept) {
        db.put(signals, key, kept);
        db.put(all, key, kept);
    }

    @Override
    public boolean insert(
            String id,
            String signal,
            Map<String, @Nullable Object> payload,
            String by,
            Instant at,
            Duration keep) {
        var tenant = db.tenant();
        signals.entrySet().stream()
                .filter(e -> e.getKey().tenant().equals(tenant))
                .filter(e -> e.getValue().keptUntil().isBefore(at))
                .map(Map.Entry::getKey)
                .toList()
                .forEach(key -> db.remove(signals, key));
        db.tenant();
        var key = new Key(tenant, id);
        if (signals.containsKey(key)) {
            return false;
        }
        put(key, new Kept(id, signal, payload, at, at.plus(keep), 0));
        return true;
    }

    @Override
    public Optional<Kept> find(String id) {
        return Optional.ofNullable(signals.get(new Key(db.tenant(), id)));
    }

    @Override
    public void told(String id, int runs) {
        var key = new Key(db.tenant(), id);
        var kept = signals.get(key);
        if (kept != null) {
            put(key, told(kept, Math.max(kept.told(), runs)));
        }
    }

    private static Kept told(Kept kept, int runs) {
        return new Kept(
                kept.id(),
                kept.signal(),
                kept.payload(),
                kept.receivedAt(),
                kept.keptUntil(),
                runs);
    }

    @Override
    public Optional<String> takeKept(String signal, Instant now) {
        var tenant = db.tenant();
        var oldest =
                signals.entrySet().stream()
                        .filter(e -> e.getKey().tenant().equals(tenant))
                        .filter(e -> e.getValue().signal().equals(signal))
                        .filter(e -> e.getValue().told() == 0)
                        .filter(e -> e.getValue().keptUntil().isAfter(now))
                        .min(Comparator.comparing(e -> e.getValue().receivedAt()));
        oldest.ifPresent(e -> {
            put(e.getKey(), told(e.getValue(), 1));
            db.put(taken, e.getKey(), true);
        });
        return oldest.map(e -> e.getKey().id());
    }

    @Override
    public List<UUID> waiting(String signal, int most) {
        var tenant = db.tenant();
        return waits.entrySet().stream()
                .filter(e -> e.getKey().tenant().equals(tenant))
                .filter(e -> e.getValue().signal().equals(signal))
                .filter(e -> {
                    var step = db.steps(e.getKey().run()).get(e.getKey().step());
                    return step != null
                            && step.epoch() == e.getValue().epoch()
                            && step.status() == StepStatus.WAITING;
                })
                .map(e -> e.getKey().run().value())
                .distinct()
                .sorted()
                .limit(most)
                .toList();
    }

    @Override
    public void waits(RunId run, String step, long epoch, String signal) {
        db.put(waits, new WaitKey(db.tenant(), run, step), new Wait(epoch, signal));
    }

    @Override
    public void waitsNoMore(RunId run, String step) {
        db.remove(waits, new WaitKey(db.tenant(), run, step));
    }

    @Override
    public Optional<String> awaited(RunId run, String step) {
        return Optional.ofNullable(waits.get(new WaitKey(db.tenant(), run, step)))
                .map(Wait::signal);
    }

    // ---- what only the simulation looks at

    Map<Key, Kept> all() {
        return all;
    }

    boolean wasTaken(Key key) {
        return taken.containsKey(key);
    }

    /** Waits that are remembered of a run. */
    List<String> waitsOf(RunId run) {
        var found = new TreeMap<String, Wait>();
        waits.forEach((key, wait) -> {
            if (key.run().equals(run)) {
                found.put(key.step(), wait);
            }
        });
        return List.copyOf(found.keySet());
    }
}
