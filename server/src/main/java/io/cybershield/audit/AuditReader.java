package io.cybershield.audit;

import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
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
    private final Checkpoints checkpoints;

    AuditReader(Transactions transactions, AuditStore store, Checkpoints checkpoints) {
        this.transactions = transactions;
        this.store = store;
        this.checkpoints = checkpoints;
    }

    /**
     * What a walk along the chain found.
     *
     * @param firstBroken place of the first entry that is changed, missing or out of order; null if
     *     all is whole
     * @param head hash of the last entry; kept elsewhere, it also shows what somebody who rewrote
     *     the whole chain did
     * @param checkpoints whose signatures hold and that say what the entries say
     * @param problem what is broken, in words; null if all is whole
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Verdict(
            long entries,
            @Nullable Long firstBroken,
            byte[] head,
            long checkpoints,
            @Nullable String problem) {}

    List<AuditEntry> find(AuditStore.Filter filter, @Nullable Long before, int limit) {
        return transactions.call(() -> store.find(filter, before, limit));
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
        // Read first: entries and checkpoints that come during the walk lie beyond it.
        AuditStore.Head head = transactions.call(store::head);
        long signed = checkpoints.last().map(Checkpoint::seq).orElse(0L);
        var walk = new Walk(Scope.currentTenant(), head, signed);
        forEach(walk::step);
        walk.end();
        return new Verdict(
                walk.entries, walk.firstBroken, walk.previous, walk.proven, walk.problem);
    }

    /** Where the walk is. */
    private final class Walk {
        private final TenantId tenant;
        private final AuditStore.Head head;
        private final long signed;
        private final Deque<Checkpoint> ahead = new ArrayDeque<>();
        private long entries;
        private long proven;
        private byte[] previous = new byte[0];
        private @Nullable Long firstBroken;
        private @Nullable String problem;

        Walk(TenantId tenant, AuditStore.Head head, long signed) {
            this.tenant = tenant;
            this.head = head;
            this.signed = signed;
            more(0);
        }

        private void more(long after) {
            if (ahead.isEmpty() && after < signed) {
                ahead.addAll(checkpoints.after(after, BATCH));
            }
        }

        /** The end must not lie before where it was, or was signed, when the walk began. */
        void end() {
            if (entries < head.seq() || entries < signed) {
                broken(
                        entries + 1,
                        entries < signed
                                ? "A signed checkpoint says that the chain reached entry "
                                        + signed
                                        + "."
                                : "The chain ended at entry " + head.seq() + ".");
            }
        }

        void step(AuditEntry entry) {
            entries++;
            if (entry.seq() != entries) {
                broken(entries, "It is missing or out of place.");
            } else if (!entry.tenant().equals(tenant)
                    || !MessageDigest.isEqual(entry.hash(), entry.computeHash())) {
                broken(entries, "It was changed.");
            } else if (!MessageDigest.isEqual(entry.previous(), previous)) {
                broken(entries, "It does not follow from the entry before.");
            } else if (entries == head.seq() && !MessageDigest.isEqual(entry.hash(), head.hash())) {
                broken(entries, "It is not the one that the chain ended with.");
            }
            while (!ahead.isEmpty() && ahead.getFirst().seq() <= entries) {
                check(ahead.removeFirst(), entry);
                more(entries);
            }
            previous = entry.hash();
        }

        private void check(Checkpoint checkpoint, AuditEntry entry) {
            if (!checkpoints.holds(checkpoint)) {
                broken(checkpoint.seq(), "The signature of its checkpoint does not hold.");
            } else if (checkpoint.seq() != entry.seq()
                    || !MessageDigest.isEqual(checkpoint.hash(), entry.hash())) {
                broken(checkpoint.seq(), "It is not the entry that its checkpoint was signed for.");
            } else {
                proven++;
            }
        }

        private void broken(long seq, String why) {
            if (firstBroken == null) {
                firstBroken = seq;
                problem = why;
            }
        }
    }
}
