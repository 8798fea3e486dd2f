package io.cybershield.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SimulationTest {
    private static final int SEEDS = 2_000;

    @Test
    void everyRunEndsOnceInAHostileWorld() {
        var reached = new HashSet<StepStatus>();
        var ends = EnumSet.noneOf(RunStatus.class);
        var refused = EnumSet.noneOf(Decision.Ignored.class);
        int destroyed = 0;
        var simulated = Duration.ZERO;
        var kinds = new HashSet<String>();
        int resumed = 0;
        int undone = 0;
        int moved = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            var simulation = new Simulation(seed);
            ends.add(simulate(simulation, seed).status());
            simulated = simulated.plus(simulation.elapsed());
            reached.addAll(simulation.seen);
            refused.addAll(simulation.ignored.keySet());
            destroyed += simulation.destroyed ? 1 : 0;
            kinds.addAll(simulation.kinds);
            resumed += simulation.resumed ? 1 : 0;
            undone += simulation.undone ? 1 : 0;
            moved += simulation.moved;
        }
        assertThat(reached)
                .as("the world is hostile enough to reach every state")
                .containsAll(Set.of(StepStatus.values()));
        assertThat(kinds)
                .as("every kind of node came to a good end somewhere")
                .containsAll(Drawings.CATALOGUE.list().stream().map(NodeType::key).toList());
        assertThat(resumed).as("runs that were taken up again").isGreaterThan(50);
        assertThat(undone).as("runs that took something back").isGreaterThan(20);
        assertThat(moved).as("moves to another version").isGreaterThan(100);
        assertThat(simulated).isGreaterThan(Duration.ofDays(365));
        assertThat(destroyed).as("runs in which approval mattered").isGreaterThan(100);
        assertThat(ends)
                .containsExactlyInAnyOrder(
                        RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED);
        assertThat(refused)
                .contains(
                        Decision.Ignored.STALE_EPOCH,
                        Decision.Ignored.NOT_EXPECTED,
                        Decision.Ignored.EARLY_TIMER,
                        Decision.Ignored.UNKNOWN_TIMER,
                        Decision.Ignored.REPEATED_SIGNAL,
                        Decision.Ignored.RUN_ENDED);
    }

    @Test
    void aSeedReproducesItsRun() {
        assertThat(new Simulation(42).run()).isEqualTo(new Simulation(42).run());
    }

    @Tag("long")
    @Test
    void everyRunEndsOnceInAHostileWorldFarmed() {
        for (long seed = SEEDS; seed < 1_000_000; seed++) {
            simulate(new Simulation(seed), seed);
        }
    }

    private static RunState simulate(Simulation simulation, long seed) {
        try {
            return simulation.run();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }
}
