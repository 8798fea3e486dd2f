package io.cybershield.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.trigger.Admission.Verdict;
import io.cybershield.trigger.AdmissionStore.Place;
import io.cybershield.trigger.InMemoryAdmissionStore.Run;
import io.cybershield.trigger.InMemoryAdmissionStore.State;
import io.cybershield.trigger.Limits.WhenFull;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/**
 * Random starts, ends, cancellations, turns and crashes, 1,000 a try: never above a limit, never
 * stuck. 10^5 operations, or 10^6 with {@code -Dcybershield.long=true}.
 */
class AdmissionProperties {
    private static final int OPERATIONS = 1_000;
    private static final List<UUID> WORKFLOWS =
            List.of(new UUID(0, 1), new UUID(0, 2), new UUID(0, 3), new UUID(0, 4));

    @Property(tries = 100)
    void limitsHoldAndNothingIsStuckWhateverHappens(@ForAll long seed) {
        int times = Boolean.getBoolean("cybershield.long") ? 10 : 1;
        for (int i = 0; i < times; i++) {
            new World(seed + i).run();
        }
    }

    private static final class World {
        final Random random;
        final Map<UUID, Limits> limits = new HashMap<>();
        final InMemoryAdmissionStore store;
        final Admission admission;
        final Set<UUID> cancelledInQueue = new HashSet<>();
        final Set<UUID> began = new HashSet<>();
        long runs;

        World(long seed) {
            random = new Random(seed);
            Integer tenant = random.nextBoolean() ? 1 + random.nextInt(6) : null;
            for (UUID workflow : WORKFLOWS) {
                limits.put(
                        workflow,
                        new Limits(
                                tenant,
                                random.nextBoolean() ? 1 + random.nextInt(3) : null,
                                "trigger.key",
                                random.nextBoolean() ? 1 + random.nextInt(2) : null,
                                WhenFull.values()[random.nextInt(3)]));
            }
            store = new InMemoryAdmissionStore(limits);
            admission = new Admission(store);
        }

        void run() {
            for (int i = 0; i < OPERATIONS; i++) {
                int crash = random.nextInt(4) == 0 ? random.nextInt(12) : Integer.MAX_VALUE;
                switch (random.nextInt(5)) {
                    case 0, 1 -> start(crash);
                    case 2 -> any(State.LIVE, run -> store.transaction(crash, () -> end(run)));
                    case 3 ->
                            any(
                                    State.QUEUED,
                                    run -> {
                                        if (random.nextInt(4) == 0) {
                                            cancel(run, crash);
                                        }
                                    });
                    default -> turn(crash);
                }
                check();
                store.forgetEnded();
            }
            drain();
        }

        void start(int crash) {
            var place =
                    new Place(
                            new UUID(9, ++runs),
                            WORKFLOWS.get(random.nextInt(WORKFLOWS.size())),
                            "t" + random.nextInt(2),
                            "k" + random.nextInt(3),
                            random.nextInt(4) == 0);
            store.transaction(
                    crash,
                    () -> {
                        Limits of = store.limits(place.workflow());
                        if (of.isNone() && !place.alone()) {
                            store.insert(place, true);
                            return;
                        }
                        store.lock();
                        Verdict verdict = admission.admit(place, of, Map.of());
                        if (verdict != Verdict.REFUSED) {
                            store.insert(place, verdict == Verdict.BEGIN);
                        }
                    });
        }

        void end(UUID run) {
            store.end(run);
            store.remove(run);
        }

        void cancel(UUID run, int crash) {
            if (store.transaction(crash, () -> end(run))) {
                cancelledInQueue.add(run);
            }
        }

        int turn(int crash) {
            int[] begun = new int[1];
            var beginning = new HashSet<UUID>();
            boolean whole =
                    store.transaction(
                            crash,
                            () -> {
                                store.lock();
                                begun[0] =
                                        admission.admitQueued(
                                                4,
                                                new Admission.Starter() {
                                                    @Override
                                                    public boolean begin(
                                                            UUID run,
                                                            String node,
                                                            Map<String, @Nullable Object> input) {
                                                        beginning.add(run);
                                                        return store.begin(run);
                                                    }

                                                    @Override
                                                    public void stop(UUID run) {
                                                        end(run);
                                                    }
                                                });
                            });
            if (whole) {
                began.addAll(beginning);
            }
            return whole ? begun[0] : 0;
        }

        void any(State state, java.util.function.Consumer<UUID> what) {
            List<Run> runsIn = store.in(state);
            if (!runsIn.isEmpty()) {
                what.accept(runsIn.get(random.nextInt(runsIn.size())).place().run());
            }
        }

        void check() {
            List<Run> live = store.in(State.LIVE);
            for (UUID workflow : WORKFLOWS) {
                Limits of = limits.get(workflow);
                List<Run> own =
                        live.stream().filter(r -> r.place().workflow().equals(workflow)).toList();
                if (of.tenantMost() != null) {
                    assertThat(live.size()).as("tenant").isLessThanOrEqualTo(of.tenantMost());
                }
                if (of.most() != null) {
                    assertThat(own.size()).as("workflow").isLessThanOrEqualTo(of.most());
                }
                if (of.mostPerKey() != null) {
                    var perKey = new HashMap<String, Integer>();
                    own.forEach(r -> perKey.merge(r.place().key(), 1, Integer::sum));
                    assertThat(perKey.values()).as("key").allMatch(n -> n <= of.mostPerKey());
                }
            }
            assertThat(Collections.disjoint(began, cancelledInQueue))
                    .as("a cancelled run never begins")
                    .isTrue();
        }

        /** When live runs end one by one, all queued ones get their turn. */
        void drain() {
            int patience = 20_000;
            while (!store.in(State.QUEUED).isEmpty()) {
                assertThat(patience--).as("stuck with %s", store.in(State.QUEUED)).isPositive();
                if (turn(Integer.MAX_VALUE) == 0) {
                    assertThat(store.in(State.LIVE))
                            .as("full means that something is live")
                            .isNotEmpty();
                    any(State.LIVE, run -> store.transaction(Integer.MAX_VALUE, () -> end(run)));
                }
                check();
                store.forgetEnded();
            }
            assertThat(store.queued(1)).isZero();
        }
    }
}
