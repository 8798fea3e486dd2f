package io.cybershield.audit;

import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.security.MessageDigest;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Reads and proves the current tenant's trail. */
@Component
final class AuditReader {
    private static final int BATCH = 500;
    private final Transactions transactions;
    private final AuditStore store;

    AuditReader(Transactions transactions, AuditStore store) {
        this.transactions = transactions;
        this.store = store;
    }

    /**
     * What a walk along the chain found.
     *
     * @param firstBroken place of the first entry that is changed, missing or out of order; null if
     *     all is whole
     * @param head hash of the last entry; kept elsewhere, it also shows what somebody who rewrote
     *     the whole chain did
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Verdict(long entries, @Nullable Long firstBroken, byte[] head) {}

    List<AuditEntry> find(AuditStore.Filter filter, int limit) {
        return transactions.call(() -> store.find(filter, limit));
    }

    /** Walks in short transactions: entries appended meanwhile are part of the walk. */
    void forEach(Consumer<AuditEntry> visitor) {
        long seq = Long.MIN_VALUE;
        List<AuditEntry> batch;
        do {
            long after = seq;
            batch = transactions.call(() -> store.after(after, BATCH));
            for (AuditEntry entry : batch) {
                visitor.accept(entry);
                seq = entry.seq();
            }
        } while (batch.size() == BATCH);
    }

    Verdict verify() {
        // Read first: entries appended during the walk lie beyond it.
        var walk = new Walk(Scope.currentTenant(), transactions.call(store::head));
        forEach(walk::step);
        walk.end();
        return new Verdict(walk.entries, walk.firstBroken, walk.previous);
    }

    /** Where the walk is. */
    private static final class Walk {
        private final TenantId tenant;
        private final AuditStore.Head head;
        private long entries;
        private byte[] previous = new byte[0];
        private @Nullable Long firstBroken;

        Walk(TenantId tenant, AuditStore.Head head) {
            this.tenant = tenant;
            this.head = head;
        }

        /** The end must not lie before where it was when the walk began. */
        void end() {
            if (entries < head.seq() && firstBroken == null) {
                firstBroken = entries + 1;
            }
        }

        void step(AuditEntry entry) {
            entries++;
            boolean whole =
                    entry.seq() == entries
                            && entry.tenant().equals(tenant)
                            && MessageDigest.isEqual(entry.previous(), previous)
                            && MessageDigest.isEqual(entry.hash(), entry.computeHash())
                            && (entries != head.seq()
                                    || MessageDigest.isEqual(entry.hash(), head.hash()));
            if (!whole && firstBroken == null) {
                firstBroken = entries;
            }
            previous = entry.hash();
        }
    }
}
