package io.cybershield.audit;

import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Transactions;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HexFormat;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The current tenant's whole trail, for whoever takes a company out or ends it. */
@Component
public final class TrailCopy {
    private final Transactions transactions;
    private final AuditExport export;
    private final AuditStore store;
    private final Checkpoints checkpoints;
    private final AuditKeys keys;

    TrailCopy(
            Transactions transactions,
            AuditExport export,
            AuditStore store,
            Checkpoints checkpoints,
            AuditKeys keys) {
        this.transactions = transactions;
        this.export = export;
        this.store = store;
        this.checkpoints = checkpoints;
        this.keys = keys;
    }

    /**
     * Where the trail stands.
     *
     * @param whole whether it follows from its last checkpoint
     * @param hash of the last entry, in hexadecimal
     */
    public record End(long seq, String hash, boolean whole) {}

    /** Signs the trail as it stands, if it is whole. */
    public End close() {
        keys.current();
        boolean whole = true;
        try {
            checkpoints.make();
        } catch (ProblemException e) {
            whole = false;
        }
        AuditStore.Head head = transactions.call(store::head);
        return new End(head.seq(), HexFormat.of().formatHex(head.hash()), whole);
    }

    /**
     * All entries and checkpoints, as {@code audit verify} reads them. In the caller's transaction,
     * whose view of the database counts; {@link #close} comes first.
     *
     * @return how many entries
     */
    public long write(OutputStream out) throws IOException {
        AuditStore.Head head = transactions.call(store::head);
        var all = new AuditStore.Filter(null, null, null, null, null, null, null, null, Set.of());
        export.write(
                new AuditExport.Plan(
                        AuditExport.Format.JSON,
                        all,
                        true,
                        head.seq() == 0 ? 0 : 1,
                        head.seq(),
                        head),
                out);
        return head.seq();
    }
}
