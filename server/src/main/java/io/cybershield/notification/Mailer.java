package io.cybershield.notification;

import io.cybershield.platform.Ids;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Sends mail: kept with the caller's transaction, delivered later by a worker. */
@Component
public final class Mailer {
    private final Transactions transactions;
    private final MailStore store;
    private final MailSignal signal;
    private final Ids ids;
    private final Clock clock;

    Mailer(Transactions transactions, MailStore store, MailSignal signal, Ids ids, Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.signal = signal;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * Queues the mail; nothing leaves if the caller's transaction rolls back, and nothing leaves
     * twice under one dedupe key.
     */
    public void send(Mail mail) {
        transactions.run(() -> {
            store.add(ids.next(), Scope.current(), mail, clock.instant());
            TransactionSynchronizationManager.registerSynchronization(
                    new TransactionSynchronization() {
                        @Override
                        public void afterCommit() {
                            signal.wake();
                        }
                    });
        });
    }
}
