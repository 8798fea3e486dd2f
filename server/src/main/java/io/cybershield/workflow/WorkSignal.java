package io.cybershield.workflow;

import io.cybershield.platform.TenantId;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.springframework.stereotype.Component;

/**
 * Wakes this node's work loops after a commit; only a hint, for they look by themselves twice a
 * second.
 */
@Component
final class WorkSignal {
    private final List<Consumer<TenantId>> listeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> timers = new CopyOnWriteArrayList<>();

    void onWake(Consumer<TenantId> listener) {
        listeners.add(listener);
    }

    void onTimer(Runnable listener) {
        timers.add(listener);
    }

    /** A timer is due at once. */
    void wakeTimers() {
        timers.forEach(Runnable::run);
    }

    /** A step of this tenant's is due at once. */
    void wake(TenantId tenant) {
        listeners.forEach(listener -> listener.accept(tenant));
    }
}
