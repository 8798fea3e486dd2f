package io.cybershield.workflow;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/** Lets callers wait for the end of a run. */
@Component
public final class RunWaits {
    private static final int MOST_WAITING = 500;
    private static final Duration FIRST_LOOK = Duration.ofMillis(25);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final Runs runs;
    private final Semaphore waiting = new Semaphore(MOST_WAITING);
    private final Map<UUID, Semaphore> watched = new ConcurrentHashMap<>();

    RunWaits(Runs runs, RunEnds ends) {
        this.runs = runs;
        ends.on(run -> {
            Semaphore watcher = watched.get(run);
            if (watcher != null) {
                watcher.release();
            }
        });
    }

    /** The run as it is in the end; empty when it takes longer, or too many wait already. */
    public Optional<RunView> await(RunId run, Duration most) {
        if (!waiting.tryAcquire()) {
            return Optional.empty();
        }
        var told = watched.computeIfAbsent(run.value(), _ -> new Semaphore(0));
        long end = System.nanoTime() + most.toNanos();
        long pause = FIRST_LOOK.toNanos();
        try {
            while (true) {
                var now = runs.find(run);
                if (now.isEmpty() || now.get().hasEnded()) {
                    return now;
                }
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return Optional.empty();
                }
                // Being told is a hint only: what counts is the next look.
                boolean _ = told.tryAcquire(Math.min(left, pause), TimeUnit.NANOSECONDS);
                pause = Math.min(2 * pause, LONGEST_PAUSE.toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            watched.remove(run.value());
            waiting.release();
        }
    }
}
