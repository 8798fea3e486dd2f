package io.cybershield.workflow;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does work as long as there is some, then rests until woken or until its pause is over. */
public final class WorkLoop {
    private static final Logger log = LoggerFactory.getLogger(WorkLoop.class);
    private final String name;
    private final Duration pause;
    private final BooleanSupplier work;
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread;
    private volatile boolean running = true;

    /**
     * @param work does a piece and says whether there may be more at once
     */
    public WorkLoop(String name, Duration pause, BooleanSupplier work) {
        this.name = name;
        this.pause = pause;
        this.work = work;
        this.thread = Thread.ofPlatform().name(name).daemon().start(this::run);
    }

    public void wake() {
        if (wake.availablePermits() == 0) {
            wake.release();
        }
    }

    private void run() {
        while (running) {
            boolean more = false;
            try {
                more = work.getAsBoolean();
            } catch (RuntimeException e) {
                if (running) {
                    log.warn(
                            "loop failed and goes on name={} cause=\"{}\"",
                            name,
                            e.getMessage(),
                            e);
                }
            }
            if (!more && running) {
                try {
                    if (wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                        wake.drainPermits();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    /** Returns when the piece in hand is done. */
    public void close() {
        running = false;
        wake.release();
        try {
            thread.join(Duration.ofSeconds(20));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
