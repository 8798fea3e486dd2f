package io.cybershield.audit;

import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Writes the current tenant's trail, or part of it, to a stream: some hundred entries are in memory
 * at a time. That somebody exported is itself the last entry of what they get.
 */
@Component
class AuditExport {
    /** How it is written. */
    enum Format {
        JSON("application/x-ndjson", "jsonl"),
        CSV("text/csv;charset=UTF-8", "csv"),
        CEF("text/plain;charset=UTF-8", "cef.log");

        final String mediaType;
        final String extension;

        Format(String mediaType, String extension) {
            this.mediaType = mediaType;
            this.extension = extension;
        }
    }

    private static final int BATCH = 500;
    private final Transactions transactions;
    private final AuditStore store;
    private final AuditTrail trail;
    private final Checkpoints checkpoints;
    private final AuditKeys keys;
    private final Clock clock;

    AuditExport(
            Transactions transactions,
            AuditStore store,
            AuditTrail trail,
            Checkpoints checkpoints,
            AuditKeys keys,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.trail = trail;
        this.checkpoints = checkpoints;
        this.keys = keys;
        this.clock = clock;
    }

    /**
     * What will be written.
     *
     * @param complete whether all entries from the first to the last are
     */
    record Plan(
            Format format,
            AuditStore.Filter filter,
            boolean complete,
            long first,
            long last,
            AuditStore.Head head) {}

    /**
     * Notes the export in the trail and fixes what it holds.
     *
     * @throws io.cybershield.platform.ProblemException if the chain is not whole and the export
     *     would have to be signed
     */
    Plan begin(Format format, AuditStore.Filter filter) {
        var detail = new LinkedHashMap<String, Object>(said(filter));
        detail.values().removeIf(value -> value instanceof Optional<?>);
        detail.put("format", format.name().toLowerCase(java.util.Locale.ROOT));
        trail.append(
                "audit.exported",
                "tenant:" + Scope.currentTenant(),
                AuditTrail.Outcome.PERMITTED,
                detail);
        if (format == Format.JSON) {
            checkpoints.make();
        }
        return transactions.call(() -> {
            AuditStore.Head head = store.head();
            boolean complete = filter.onlyTime();
            boolean all = filter.from() == null && filter.to() == null;
            AuditStore.Range range =
                    all || !complete
                            ? new AuditStore.Range(head.seq() == 0 ? 0 : 1, head.seq())
                            : store.range(filter.from(), filter.to(), head.seq());
            return new Plan(format, filter, complete, range.first(), range.last(), head);
        });
    }

    void write(Plan plan, OutputStream out) throws IOException {
        switch (plan.format()) {
            case JSON -> writeJson(plan, out);
            case CSV -> {
                out.write(AuditLines.csvHeader().getBytes(StandardCharsets.UTF_8));
                entries(
                        plan,
                        entry -> out.write(AuditLines.csv(entry).getBytes(StandardCharsets.UTF_8)));
            }
            case CEF ->
                    entries(
                            plan,
                            entry ->
                                    out.write(
                                            AuditLines.syslog(entry)
                                                    .getBytes(StandardCharsets.UTF_8)));
        }
        out.flush();
    }

    private interface Sink {
        void take(AuditEntry entry) throws IOException;
    }

    private void entries(Plan plan, Sink sink) throws IOException {
        long after = plan.first() - 1;
        var filter = plan.complete() ? NOTHING : plan.filter();
        List<AuditEntry> batch;
        do {
            long from = after;
            batch = transactions.call(() -> store.between(filter, from, plan.last(), BATCH));
            for (AuditEntry entry : batch) {
                sink.take(entry);
                after = entry.seq();
            }
        } while (batch.size() == BATCH);
    }

    private static final AuditStore.Filter NOTHING =
            new AuditStore.Filter(
                    null, null, null, null, null, null, null, null, java.util.Set.of());

    private void writeJson(Plan plan, OutputStream to) throws IOException {
        TenantId tenant = Scope.currentTenant();
        AuditKeys.Key key = keys.current();
        var writer = new JsonWriter(tenant, plan, new DigestOutputStream(to, sha256()));
        writer.line(key.sign(header(tenant, plan)));
        entries(plan, writer::entry);
        writer.checkpointsUpTo(plan.last());
        writer.line(key.sign(writer.end()));
    }

    /** Puts each checkpoint behind the entry that it was signed for. */
    private final class JsonWriter {
        private final TenantId tenant;
        private final Plan plan;
        private final DigestOutputStream out;
        private final Deque<Checkpoint> ahead = new ArrayDeque<>();
        private long read;
        private boolean allRead;
        private long entries;
        private long signed;
        private long first;
        private long last;

        JsonWriter(TenantId tenant, Plan plan, DigestOutputStream out) {
            this.tenant = tenant;
            this.plan = plan;
            this.out = out;
            this.read = Math.max(0, plan.first() - 1);
        }

        void line(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.write('\n');
        }

        void entry(AuditEntry entry) throws IOException {
            checkpointsUpTo(entry.seq() - 1);
            line(TrailVerifier.Json.write(members(entry)));
            entries++;
            first = first == 0 ? entry.seq() : first;
            last = entry.seq();
        }

        void checkpointsUpTo(long seq) throws IOException {
            for (var next = next(); next.isPresent() && next.get().seq() <= seq; next = next()) {
                ahead.removeFirst();
                line(next.get().line());
                signed++;
            }
        }

        private Optional<Checkpoint> next() {
            if (ahead.isEmpty() && !allRead) {
                List<Checkpoint> more = checkpoints.after(read, BATCH);
                ahead.addAll(more);
                allRead = more.size() < BATCH;
                read = more.isEmpty() ? read : more.getLast().seq();
            }
            return Optional.ofNullable(ahead.peekFirst()).filter(c -> c.seq() <= plan.last());
        }

        Map<String, Object> end() {
            var end = new LinkedHashMap<String, Object>();
            end.put("type", "end");
            end.put("tenant", tenant.toString());
            end.put("entries", entries);
            end.put("checkpoints", signed);
            end.put("first", first);
            end.put("last", last);
            end.put("sha256", HexFormat.of().formatHex(out.getMessageDigest().digest()));
            return end;
        }
    }

    private Map<String, Object> header(TenantId tenant, Plan plan) {
        var header = new LinkedHashMap<String, Object>();
        header.put("type", "header");
        header.put("format", TrailVerifier.FORMAT);
        header.put("tenant", tenant.toString());
        header.put("exportedAt", clock.instant().truncatedTo(ChronoUnit.MICROS).toString());
        header.put("exportedBy", Scope.current().principal().id());
        header.put("filter", said(plan.filter()));
        header.put("complete", plan.complete());
        header.put("first", plan.first());
        header.put("last", plan.last());
        header.put("headSeq", plan.head().seq());
        header.put("headHash", HexFormat.of().formatHex(plan.head().hash()));
        header.put(
                "keys",
                keys.all().stream()
                        .map(key -> {
                            var one = new LinkedHashMap<String, Object>();
                            one.put("id", key.id());
                            one.put(
                                    "publicKey",
                                    Base64.getEncoder().encodeToString(key.publicKey()));
                            return one;
                        })
                        .toList());
        return header;
    }

    private static Map<String, Object> said(AuditStore.Filter filter) {
        var said = new LinkedHashMap<String, Object>();
        said.put("from", orNull(filter.from()));
        said.put("to", orNull(filter.to()));
        said.put("actor", orNull(filter.actor()));
        said.put("action", orNull(filter.action()));
        said.put("target", orNull(filter.target()));
        said.put(
                "outcome",
                filter.outcome() == null ? Optional.empty() : AuditStore.wire(filter.outcome()));
        said.put("address", orNull(filter.address()));
        said.put("q", orNull(filter.text()));
        return said;
    }

    private static Object orNull(@Nullable Object value) {
        return value == null ? Optional.empty() : value.toString();
    }

    /** All that the hash covers, and the hash. */
    private static Map<String, Object> members(AuditEntry entry) {
        var members = new LinkedHashMap<String, Object>();
        members.put("type", "entry");
        members.put("tenant", entry.tenant().toString());
        members.put("seq", entry.seq());
        members.put("id", entry.id().toString());
        members.put("at", entry.at().toString());
        members.put("actorKind", entry.actorKind());
        members.put("actorId", entry.actorId());
        members.put("actorName", entry.actorName());
        members.put("action", entry.action());
        members.put("target", entry.target());
        members.put("outcome", entry.outcome());
        members.put("address", orNull(entry.address()));
        members.put("detail", entry.detail());
        members.put("previous", HexFormat.of().formatHex(entry.previous()));
        members.put("hash", HexFormat.of().formatHex(entry.hash()));
        return members;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
