package io.cybershield.workflow;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Tells who waits for a run on this node that it ended, after the commit; a hint, for runs also end
 * on other nodes.
 */
@Component
public final class RunEnds {
    private final List<Consumer<UUID>> listeners = new CopyOnWriteArrayList<>();

    /**
     * @param listener quick, and for every run of every tenant
     */
    public void on(Consumer<UUID> listener) {
        listeners.add(listener);
    }

    void ended(RunId run) {
        TransactionSynchronizationManager.registerSynchronization(
                new TransactionSynchronization() {
                    @Override
                    public void afterCommit() {
                        listeners.forEach(listener -> listener.accept(run.value()));
                    }
                });
    }
}
