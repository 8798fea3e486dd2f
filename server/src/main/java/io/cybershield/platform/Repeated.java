package io.cybershield.platform;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Does the same again and again while the application runs, with a pause between; what fails is
 * logged and tried the next time.
 */
public abstract class Repeated implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(Repeated.class);
    private final String name;
    private final Duration first;
    private final Duration pause;
    private volatile boolean running;
    private volatile Thread loop = Thread.ofVirtual().unstarted(() -> {});

    /**
     * @param name of the thread, and in the log
     */
    protected Repeated(String name, Duration pause) {
        this(name, pause, pause);
    }

    /**
     * @param first pause before the first time
     */
    protected Repeated(String name, Duration first, Duration pause) {
        this.name = name;
        this.first = first;
        this.pause = pause;
    }

    /** Does it once. */
    protected abstract void tick();

    /** Whether there is anything to do in this process. */
    protected boolean isWanted() {
        return true;
    }

    private void repeat() {
        Duration next = first;
        while (running) {
            try {
                Thread.sleep(next);
                tick();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (running) {
                    log.warn("failed, trying again name={} cause={}", name, e.toString());
                }
            }
            next = pause;
        }
    }

    @Override
    public void start() {
        running = true;
        if (isWanted()) {
            loop = Thread.ofVirtual().name(name).start(this::repeat);
        }
    }

    @Override
    public void stop() {
        running = false;
        loop.interrupt();
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
