package io.cybershield.workflow.payload;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.cybershield.connector.Bodies;
import io.cybershield.engine.Event;
import io.cybershield.engine.Payload;
import io.cybershield.flow.PayloadCut;
import io.cybershield.flow.PayloadWriter;
import io.cybershield.flow.Scrubber;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Payloads of the current tenant. */
@Component
public final class Payloads implements RunPayloads {
    private static final Logger log = LoggerFactory.getLogger(Payloads.class);
    private static final int LEVEL = 3;
    private static final long CACHED_BYTES = 8L << 20;

    private final PayloadStore store;
    private final Transactions transactions;
    private final MeterRegistry meters;
    private final Cache<Key, PayloadStore.Header> headers =
            Caffeine.newBuilder().maximumSize(500).build();
    private final Cache<ChunkKey, byte[]> chunks =
            Caffeine.newBuilder()
                    .maximumWeight(CACHED_BYTES)
                    .weigher((ChunkKey _, byte[] chunk) -> chunk.length)
                    .build();

    private record Key(TenantId tenant, String hash) {}

    private record ChunkKey(Key of, int number) {}

    Payloads(PayloadStore store, Transactions transactions, MeterRegistry meters) {
        this.store = store;
        this.transactions = transactions;
        this.meters = meters;
    }

    @Override
    public Event takeOut(Event event) {
        return PayloadCut.cut(event, this::keep);
    }

    @Override
    public void use(UUID run, Event event) {
        use(run, PayloadCut.of(event));
    }

    private void use(UUID run, Collection<Payload> payloads) {
        if (!payloads.isEmpty()) {
            store.use(run, payloads);
        }
    }

    private Payload keep(Payload.Kind kind, PayloadCut.Content content) {
        var pieces = new ArrayList<byte[]>();
        PayloadWriter.Content written;
        try {
            var writer =
                    new PayloadWriter((_, buffer, length) -> pieces.add(packed(buffer, length)));
            content.writeTo(writer);
            written = writer.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        UUID id = UUID.randomUUID();
        if (store.put(written, id, pieces.stream().mapToLong(p -> p.length).sum())) {
            for (int i = 0; i < pieces.size(); i++) {
                store.putChunk(id, i, pieces.get(i));
            }
        }
        return written.as(kind);
    }

    private static byte[] packed(byte[] buffer, int length) {
        byte[] into = new byte[(int) Zstd.compressBound(length)];
        long packed = Zstd.compressByteArray(into, 0, into.length, buffer, 0, length, LEVEL);
        if (Zstd.isError(packed)) {
            throw new IllegalStateException("zstd: " + Zstd.getErrorName(packed));
        }
        return Arrays.copyOf(into, (int) packed);
    }

    @Override
    public Bodies bodies(Scrubber scrubber) {
        return new Bodies() {
            @Override
            public Kept keep(InputStream in, boolean json, long most) throws IOException {
                return PayloadBody.keep(Payloads.this, in, scrubber, json, most);
            }

            @Override
            public InputStream open(Payload payload) {
                return Payloads.this.open(payload);
            }
        };
    }

    /** Takes pieces as they come, each in a transaction of its own. */
    final class Incoming {
        private final UUID id = UUID.randomUUID();
        private long stored;
        final PayloadWriter writer =
                new PayloadWriter((number, buffer, length) -> {
                    byte[] data = packed(buffer, length);
                    stored += data.length;
                    transactions.run(() -> store.putChunk(id, number, data));
                });

        OutputStream out() {
            return writer;
        }

        PayloadWriter.Content finish() throws IOException {
            var written = writer.finish();
            transactions.run(() -> {
                if (!store.put(written, id, stored)) {
                    store.dropChunks(id);
                }
            });
            return written;
        }

        /** What does not get this far goes with the next sweep. */
        void drop() {
            try {
                transactions.run(() -> store.dropChunks(id));
            } catch (RuntimeException e) {
                log.warn("pieces stay for a sweep content={} cause=\"{}\"", id, e.getMessage());
            }
        }
    }

    Incoming incoming() {
        return new Incoming();
    }

    /** All of it, checked piece by piece. */
    public InputStream open(Payload payload) {
        return new io.cybershield.flow.PayloadInput(this, payload, 0);
    }

    /** Whether a run of the tenant refers to it. */
    boolean isUsedBy(UUID run, String hash) {
        return transactions.call(() -> store.uses(run, hash));
    }

    /** As stored, so that it can be read; empty when the tenant has none of that hash. */
    java.util.Optional<Payload> find(String hash, Payload.Kind kind) {
        return transactions.call(
                () -> store.find(hash).map(header -> new Payload(hash, header.bytes(), kind)));
    }

    @Override
    public byte[] chunk(Payload payload, int number) {
        var key = new Key(Scope.currentTenant(), payload.hash());
        var known = chunks.getIfPresent(new ChunkKey(key, number));
        if (known != null) {
            return known;
        }
        byte[] chunk = transactions.call(() -> read(key, payload, number, true));
        chunks.put(new ChunkKey(key, number), chunk);
        return chunk;
    }

    private byte[] read(Key key, Payload payload, int number, boolean again) {
        var header = headers.getIfPresent(key);
        boolean remembered = header != null;
        if (header == null) {
            header =
                    store.find(payload.hash())
                            .orElseThrow(() -> unreadable(payload, "it is not there any more"));
            if (!PayloadWriter.hash(header.bytes(), header.chunkHashes()).equals(payload.hash())
                    || header.bytes() != payload.bytes()) {
                throw unreadable(payload, "its list of pieces is damaged");
            }
            headers.put(key, header);
        }
        var packed = store.chunk(header.content(), number);
        if (packed.isEmpty() && remembered && again) {
            headers.invalidate(key); // written anew since
            return read(key, payload, number, false);
        }
        byte[] data =
                packed.orElseThrow(() -> unreadable(payload, "piece " + number + " is missing"));
        long from = (long) number * PayloadWriter.CHUNK;
        byte[] chunk = new byte[(int) Math.clamp(header.bytes() - from, 0, PayloadWriter.CHUNK)];
        try {
            long length = Zstd.decompressByteArray(chunk, 0, chunk.length, data, 0, data.length);
            if (length == chunk.length
                    && PayloadWriter.isChunk(header.chunkHashes(), number, chunk)) {
                return chunk;
            }
        } catch (ZstdException e) {
            log.debug("piece cannot be unpacked", e);
        }
        throw unreadable(payload, "piece " + number + " is damaged");
    }

    private Unreadable unreadable(Payload payload, String why) {
        meters.counter("cybershield.workflow.payloads.unreadable").increment();
        log.error(
                "payload cannot be read hash={} cause=\"{}\" restore it from a backup",
                payload.hash(),
                why);
        return new Unreadable(
                "The payload "
                        + payload.hash()
                        + " cannot be read: "
                        + why
                        + ". Restore it from a backup, or let the step run again.");
    }

    /** Removes what nobody refers to; in the scope of one tenant. */
    int sweep(java.time.Duration age) {
        return transactions.call(() -> store.sweep(age));
    }
}
