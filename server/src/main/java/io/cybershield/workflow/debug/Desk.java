package io.cybershield.workflow.debug;

import io.cybershield.engine.Problem.InvalidWorkflow;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/** Bounds what trying things may cost the machine: so many at a time, and each so long. */
@Component
final class Desk {
    static final int MOST_EVENTS = 20_000;
    private static final int PLACES = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private final Semaphore places = new Semaphore(PLACES);
    private final Clock clock;

    Desk(Clock clock) {
        this.clock = clock;
    }

    /**
     * @param work is given something to call now and then, which throws when the time is over
     */
    <T> T at(Function<Runnable, T> work) {
        try {
            if (!places.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw DebugProblems.BENCH_BUSY.because(
                        PLACES + " simulations run at this moment. Repeat it in a moment.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw DebugProblems.BENCH_BUSY.because("The server is about to stop.");
        }
        try {
            Instant end = clock.instant().plus(LONGEST);
            return work.apply(() -> {
                if (clock.instant().isAfter(end)) {
                    throw DebugProblems.SIMULATION_TOO_LONG.because(
                            "It took more than " + LONGEST.toSeconds() + " seconds.");
                }
            });
        } catch (InvalidWorkflow | IllegalArgumentException e) {
            throw DebugProblems.NOT_RUNNABLE.because(String.valueOf(e.getMessage()));
        } catch (IllegalStateException e) {
            throw DebugProblems.SIMULATION_TOO_LONG.because(String.valueOf(e.getMessage()));
        } finally {
            places.release();
        }
    }
}
