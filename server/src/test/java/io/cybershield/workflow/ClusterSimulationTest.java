package io.cybershield.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.cybershield.workflow.Cluster.Happened;
import java.time.Duration;
import java.util.EnumMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ClusterSimulationTest {
    private static final int SEEDS = 1_000;
    private static final Logger LOGGER =
            (Logger) LoggerFactory.getLogger("io.cybershield.workflow");
    private static Level before;

    @BeforeAll
    static void everyFaultWouldBeLogged() {
        before = LOGGER.getLevel();
        LOGGER.setLevel(Level.OFF);
    }

    @AfterAll
    static void logAgain() {
        LOGGER.setLevel(before);
    }

    @Test
    void noRunIsLostStuckOrDoubledByProcessesThatDieFreezeAndLoseTheirDatabase() {
        var all = new EnumMap<Happened, Integer>(Happened.class);
        var simulated = new AtomicReference<>(Duration.ZERO);
        LongStream.range(0, SEEDS)
                .parallel()
                .mapToObj(ClusterSimulationTest::simulate)
                .forEach(cluster -> {
                    simulated.accumulateAndGet(cluster.elapsed(), Duration::plus);
                    synchronized (all) {
                        cluster.happened.forEach((what, n) -> all.merge(what, n, Integer::sum));
                    }
                });
        assertThat(simulated.get()).isGreaterThan(Duration.ofDays(365));
        for (var what : Happened.values()) {
            assertThat(all.getOrDefault(what, 0))
                    .as("the world is hostile enough: %s in %s", what, all)
                    .isGreaterThan(20);
        }
    }

    @Test
    void aSeedReproducesEveryByteThatIsWritten() {
        assertThat(simulate(42).digest()).isEqualTo(simulate(42).digest());
    }

    @Tag("long")
    @Test
    void theSameFarmed() {
        long seeds = Long.getLong("simulation.seeds", 1_000_000);
        LongStream.range(SEEDS, seeds).parallel().forEach(ClusterSimulationTest::simulate);
    }

    private static Cluster simulate(long seed) {
        var cluster = new Cluster(seed);
        try {
            assertThat(cluster.run()).as("seed %d", seed).isEmpty();
        } catch (RuntimeException e) {
            throw new AssertionError("seed " + seed, e);
        }
        return cluster;
    }
}
