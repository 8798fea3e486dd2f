package io.cybershield.workflow;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.stereotype.Component;

/**
 * Wakes this node's work loops after a commit; only a hint, for they look by themselves twice a
 * second.
 */
@Component
final class WorkSignal {
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> timers = new CopyOnWriteArrayList<>();

    void onWake(Runnable listener) {
        listeners.add(listener);
    }

    void onTimer(Runnable listener) {
        timers.add(listener);
    }

    /** A timer is due at once. */
    void wakeTimers() {
        timers.forEach(Runnable::run);
    }

    void wake() {
        listeners.forEach(Runnable::run);
    }
}
