package io.cybershield.trigger;

import io.cybershield.workflow.RunGate;
import io.cybershield.workflow.RunView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Admission as it is, over tables of a simulated database. */
public final class SimulatedAdmission implements RunGate {
    /** Thrown where the limits refuse a start. */
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** The database: what changes a table through it is undone with its transaction. */
    public interface Tables {
        /** A statement on the tenant's tables. */
        void statement();

        <K, V> void put(Map<K, V> table, K key, V row);

        <K, V> boolean remove(Map<K, V> table, K key);

        /** Runs of the current tenant that have begun and not ended, oldest first. */
        List<RunView> live();
    }

    private static final int TURN = 8;
    private final Tables tables;
    private final Supplier<Rows> current;
    private final Admission admission;

    /** What all processes share of one tenant. */
    public static final class Rows {
        private final Map<UUID, Limits> limits = new LinkedHashMap<>();
        private final Map<UUID, AdmissionStore.Place> counted = new LinkedHashMap<>();
        private final TreeMap<Long, AdmissionStore.Place> queue = new TreeMap<>();
        private final Map<UUID, Map<String, @Nullable Object>> inputs = new LinkedHashMap<>();
        private long seq;

        /** What is to happen when a workflow has as many runs as it may. */
        public void limit(UUID workflow, int most, int choice) {
            var all = Limits.WhenFull.values();
            limits.put(workflow, new Limits(null, most, "", null, all[choice % all.length]));
        }

        public boolean isEmpty() {
            return queue.isEmpty();
        }

        /** Empty for no limit. */
        public Optional<Integer> most(UUID workflow) {
            return Optional.ofNullable(limits.getOrDefault(workflow, Limits.NONE).most());
        }
    }

    /**
     * @param current those of the current tenant
     */
    public SimulatedAdmission(Tables tables, Supplier<Rows> current) {
        this.tables = tables;
        this.current = current;
        this.admission = new Admission(new Store());
    }

    private Rows rows() {
        return current.get();
    }

    @Override
    public boolean counts(UUID workflow, boolean alone) {
        return alone || !rows().limits.getOrDefault(workflow, Limits.NONE).isNone();
    }

    @Override
    public boolean admit(Candidate candidate) {
        var place =
                new AdmissionStore.Place(
                        candidate.run(),
                        candidate.workflow(),
                        candidate.node(),
                        "",
                        candidate.alone());
        return switch (admission.admit(
                place,
                rows().limits.getOrDefault(candidate.workflow(), Limits.NONE),
                candidate.input())) {
            case BEGIN -> true;
            case QUEUED -> false;
            case REFUSED -> throw new Refused();
        };
    }

    @Override
    public boolean readmit(Candidate candidate) {
        var limits = rows().limits.getOrDefault(candidate.workflow(), Limits.NONE);
        return limits.isNone()
                || admission.readmit(
                        new AdmissionStore.Place(
                                candidate.run(),
                                candidate.workflow(),
                                candidate.node(),
                                "",
                                candidate.alone()),
                        limits);
    }

    @Override
    public void left(UUID run) {
        new Store().remove(run);
    }

    @Override
    public void ended(List<RunView> runs) {
        runs.forEach(run -> new Store().remove(run.id()));
    }

    /** Begins or stops a run. */
    public interface Starter {
        /** False if the run was cancelled meanwhile. */
        boolean begin(UUID run, String node, Map<String, @Nullable Object> input);

        void stop(UUID run);
    }

    /** In the tenant's scope and an open transaction. */
    public void admitQueued(Starter starter) {
        admission.admitQueued(
                TURN,
                new Admission.Starter() {
                    @Override
                    public boolean begin(
                            UUID run, String node, Map<String, @Nullable Object> input) {
                        return starter.begin(run, node, input);
                    }

                    @Override
                    public void stop(UUID run) {
                        starter.stop(run);
                    }
                });
    }

    private final class Store implements AdmissionStore {
        @Override
        public void lock() {
            tables.statement();
        }

        @Override
        public Limits limits(UUID workflow) {
            return rows().limits.getOrDefault(workflow, Limits.NONE);
        }

        private List<RunView> live(UUID workflow) {
            return tables.live().stream().filter(run -> run.workflowId().equals(workflow)).toList();
        }

        @Override
        public int live(int most) {
            tables.statement();
            return Math.min(most, tables.live().size());
        }

        @Override
        public int live(UUID workflow, int most) {
            tables.statement();
            return Math.min(most, live(workflow).size());
        }

        @Override
        public int live(UUID workflow, String key, int most) {
            tables.statement();
            return (int)
                    live(workflow).stream()
                            .map(run -> rows().counted.get(run.id()))
                            .filter(place -> place != null && place.key().equals(key))
                            .limit(most)
                            .count();
        }

        @Override
        public boolean hasLive(UUID workflow, String node) {
            tables.statement();
            return live(workflow).stream()
                    .map(run -> rows().counted.get(run.id()))
                    .anyMatch(place -> place != null && place.node().equals(node));
        }

        @Override
        public boolean hasQueued(String line) {
            tables.statement();
            return rows().queue.values().stream().anyMatch(place -> place.line().equals(line));
        }

        @Override
        public int queued(int most) {
            tables.statement();
            return Math.min(most, rows().queue.size());
        }

        @Override
        public void hold(Place place) {
            tables.statement();
            tables.put(rows().counted, place.run(), place);
        }

        @Override
        public void enqueue(Place place, Map<String, @Nullable Object> input) {
            tables.statement();
            tables.put(rows().queue, ++rows().seq, place);
            tables.put(rows().inputs, place.run(), input);
        }

        @Override
        public List<Queued> heads(int most) {
            tables.statement();
            var heads = new LinkedHashMap<String, Queued>();
            rows().queue
                    .forEach((at, place) -> heads.putIfAbsent(place.line(), new Queued(place, at)));
            return heads.values().stream().limit(most).toList();
        }

        @Override
        public Optional<Queued> following(Queued before) {
            tables.statement();
            return rows().queue.tailMap(before.seq(), false).entrySet().stream()
                    .filter(e -> e.getValue().line().equals(before.place().line()))
                    .map(e -> new Queued(e.getValue(), e.getKey()))
                    .findFirst();
        }

        @Override
        public Map<String, @Nullable Object> input(UUID run) {
            tables.statement();
            return rows().inputs.getOrDefault(run, Map.of());
        }

        @Override
        public void begun(UUID run) {
            tables.statement();
            leave(run);
        }

        @Override
        public void remove(UUID run) {
            tables.statement();
            leave(run);
            tables.remove(rows().counted, run);
        }

        private void leave(UUID run) {
            for (var entry : new ArrayList<>(rows().queue.entrySet())) {
                if (entry.getValue().run().equals(run)) {
                    tables.remove(rows().queue, entry.getKey());
                }
            }
        }

        @Override
        public Optional<UUID> oldestLive(UUID workflow, @Nullable String key) {
            tables.statement();
            return live(workflow).stream().findFirst().map(RunView::id);
        }
    }
}
