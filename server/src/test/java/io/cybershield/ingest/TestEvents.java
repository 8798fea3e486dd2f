package io.cybershield.ingest;

import io.cybershield.platform.TenantId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;

/** Events made the way the stream makes them, for tests of other contexts too. */
public final class TestEvents {
    public static final Instant RECEIVED = Instant.parse("2026-11-21T12:00:00Z");

    private TestEvents() {}

    public static Event of(String format, String raw) {
        return of(format, raw.getBytes(StandardCharsets.UTF_8));
    }

    static Event of(String format, byte[] raw) {
        return Normaliser.normalise(
                new Normaliser.Raw(
                        UUID.randomUUID(),
                        new TenantId(UUID.randomUUID()),
                        UUID.randomUUID(),
                        "test source",
                        RECEIVED,
                        format,
                        raw));
    }
}
