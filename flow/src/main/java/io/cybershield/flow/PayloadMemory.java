package io.cybershield.flow;

import io.cybershield.engine.Payload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Keeps what a simulated run takes out, in memory, beside what its model had. */
final class PayloadMemory implements PayloadCut.Keeper, PayloadSource {
    private static final long MOST = 64L << 20;
    private final PayloadSource others;
    private final Map<String, List<byte[]>> kept = new HashMap<>();
    private long bytes;

    PayloadMemory(PayloadSource others) {
        this.others = others;
    }

    @Override
    public Payload keep(Payload.Kind kind, PayloadCut.Content content) {
        var chunks = new ArrayList<byte[]>();
        var writer =
                new PayloadWriter((_, buffer, length) -> chunks.add(Arrays.copyOf(buffer, length)));
        try {
            content.writeTo(writer);
            var written = writer.finish();
            if (kept.put(written.hash(), chunks) == null) {
                bytes += written.bytes();
            }
            if (bytes > MOST) {
                throw new IllegalStateException(
                        "The simulation makes more than "
                                + PayloadReading.size(MOST)
                                + " of data.");
            }
            return written.as(kind);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public byte[] chunk(Payload payload, int number) {
        var chunks = kept.get(payload.hash());
        return chunks == null ? others.chunk(payload, number) : chunks.get(number);
    }
}
