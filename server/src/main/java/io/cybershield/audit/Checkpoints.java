package io.cybershield.audit;

import io.cybershield.platform.Problem;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Signature;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Makes and checks signed checkpoints of the current tenant's chain. */
@Component
class Checkpoints {
    /** The chain does not follow from where it was signed last. */
    static final Problem BROKEN =
            Problem.define(
                    "audit-chain-broken",
                    "The audit trail is not whole",
                    409,
                    Problem.Category.BUG,
                    "An entry was changed, removed or put in after the last signed checkpoint, so"
                            + " no new one is signed. Verify the trail, keep the database as it is,"
                            + " and find out who could write it.");

    private static final Logger log = LoggerFactory.getLogger(Checkpoints.class);
    private static final int BATCH = 500;
    private final Transactions transactions;
    private final AuditStore entries;
    private final CheckpointStore store;
    private final AuditKeys keys;
    private final Clock clock;

    Checkpoints(
            Transactions transactions,
            AuditStore entries,
            CheckpointStore store,
            AuditKeys keys,
            Clock clock) {
        this.transactions = transactions;
        this.entries = entries;
        this.store = store;
        this.keys = keys;
        this.clock = clock;
    }

    /**
     * Signs the chain as it stands, after checking that it follows from the last checkpoint.
     *
     * @return the last checkpoint, an old one if nothing was appended since; empty before the first
     *     entry
     * @throws io.cybershield.platform.ProblemException {@link #BROKEN}
     */
    Optional<Checkpoint> make() {
        AuditKeys.Key key = keys.current();
        TenantId tenant = Scope.currentTenant();
        return transactions.call(() -> {
            store.hold(tenant);
            Optional<Checkpoint> last = store.last();
            AuditStore.Head head = entries.head();
            if (last.isPresent() && last.get().seq() == head.seq() && follows(tenant, last, head)) {
                return last;
            }
            if (head.seq() == 0 && last.isEmpty()) {
                return Optional.empty();
            }
            if (!follows(tenant, last, head)) {
                log.error("audit chain broken, no checkpoint signed tenant={}", tenant);
                throw BROKEN.because(
                        "The chain does not follow from its last checkpoint, entry "
                                + last.map(Checkpoint::seq).orElse(0L)
                                + ".");
            }
            var made = sign(key, tenant, head);
            store.add(made);
            return Optional.of(made);
        });
    }

    private Checkpoint sign(AuditKeys.Key key, TenantId tenant, AuditStore.Head head) {
        Instant at = clock.instant().truncatedTo(ChronoUnit.MICROS);
        String line = key.sign(Checkpoint.members(tenant, head.seq(), head.hash(), at));
        int begin = line.indexOf("\"signature\":\"") + "\"signature\":\"".length();
        return new Checkpoint(
                tenant,
                head.seq(),
                head.hash(),
                at,
                key.id(),
                Base64.getDecoder().decode(line.substring(begin, line.length() - 2)));
    }

    /** Whether the entries from the last checkpoint to the head are whole. */
    private boolean follows(TenantId tenant, Optional<Checkpoint> last, AuditStore.Head head) {
        long seq = last.map(Checkpoint::seq).orElse(0L);
        if (head.seq() < seq || last.isPresent() && !holds(last.get())) {
            return false;
        }
        byte[] previous = new byte[0];
        if (seq > 0) {
            List<AuditEntry> at = entries.after(seq - 1, 1);
            if (at.isEmpty()
                    || at.getFirst().seq() != seq
                    || !MessageDigest.isEqual(at.getFirst().computeHash(), last.get().hash())) {
                return false;
            }
            previous = last.get().hash();
        }
        while (seq < head.seq()) {
            List<AuditEntry> batch = entries.after(seq, BATCH);
            if (batch.isEmpty()) {
                return false;
            }
            for (AuditEntry entry : batch) {
                if (entry.seq() > head.seq()) {
                    break;
                }
                if (entry.seq() != seq + 1
                        || !entry.tenant().equals(tenant)
                        || !MessageDigest.isEqual(entry.previous(), previous)
                        || !MessageDigest.isEqual(entry.hash(), entry.computeHash())) {
                    return false;
                }
                seq = entry.seq();
                previous = entry.hash();
            }
        }
        return MessageDigest.isEqual(previous, head.hash());
    }

    /** Whether one of our keys signed it. */
    boolean holds(Checkpoint checkpoint) {
        Map<String, Object> members =
                new LinkedHashMap<>(
                        Checkpoint.members(
                                checkpoint.tenant(),
                                checkpoint.seq(),
                                checkpoint.hash(),
                                checkpoint.at()));
        members.put("key", checkpoint.key());
        byte[] over = TrailVerifier.Json.write(members).getBytes(StandardCharsets.UTF_8);
        for (AuditKeys.Key key : keys.all()) {
            if (key.id().equals(checkpoint.key())) {
                try {
                    var signature = Signature.getInstance("Ed25519");
                    signature.initVerify(TrailVerifier.keys(key.pem()).values().iterator().next());
                    signature.update(over);
                    return signature.verify(checkpoint.signature());
                } catch (GeneralSecurityException e) {
                    return false;
                }
            }
        }
        return false;
    }

    Optional<Checkpoint> last() {
        return transactions.call(store::last);
    }

    long count() {
        return transactions.call(store::count);
    }

    List<Checkpoint> before(long seq, int limit) {
        return transactions.call(() -> store.before(seq, limit));
    }

    List<Checkpoint> after(long seq, int limit) {
        return transactions.call(() -> store.after(seq, limit));
    }

    /** Where the chain stands beyond its last checkpoint, and since when; empty if it does not. */
    OptionalLong uncovered() {
        return transactions.call(() -> {
            long covered = store.last().map(Checkpoint::seq).orElse(0L);
            long head = entries.head().seq();
            return head > covered ? OptionalLong.of(head - covered) : OptionalLong.empty();
        });
    }
}
