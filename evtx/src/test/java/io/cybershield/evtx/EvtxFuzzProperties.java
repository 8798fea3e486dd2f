package io.cybershield.evtx;

import static io.cybershield.evtx.LogBuilder.attribute;
import static io.cybershield.evtx.LogBuilder.data;
import static io.cybershield.evtx.LogBuilder.element;
import static io.cybershield.evtx.LogBuilder.log;
import static io.cybershield.evtx.LogBuilder.optional;
import static io.cybershield.evtx.LogBuilder.substitution;
import static io.cybershield.evtx.LogBuilder.tag;
import static io.cybershield.evtx.LogBuilder.template;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.cybershield.evtx.LogBuilder.Part;
import io.cybershield.evtx.LogBuilder.Value;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Whatever the bytes are, reading ends soon, in a report or in "not an event log". */
class EvtxFuzzProperties {

    private static final byte[] SOUND = sound();
    private static final List<EvtxRecord> EVENTS = LogBuilder.read(SOUND).events();

    private static byte[] sound() {
        var log = log();
        for (var i = 0; i < 3; i++) {
            log.record(
                    template(
                            7 + i,
                            element(
                                    "Event",
                                    element(
                                            "System",
                                            tag(
                                                    "EventID",
                                                    new Part[] {
                                                        attribute("Qualifiers", optional(0, 6))
                                                    },
                                                    substitution(1, 6))),
                                    element(
                                            "EventData",
                                            data("Text", substitution(2, 1)),
                                            data("Sid", substitution(3, 0x13)),
                                            element("Data", substitution(4, 0x81)),
                                            element("Nested", substitution(5, 0x21)))),
                            Value.of(0),
                            Value.little(6, 2, 4624),
                            Value.text("some text"),
                            Value.of(0x13, 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0),
                            new Value(0x81, Value.text("a\0b\0").bytes()),
                            Value.of(0x21, 0x0f, 1, 1, 0, 0)));
        }
        return log.nextChunk().record(element("Event", data("Last", substitutionFree()))).file();
    }

    private static Part substitutionFree() {
        return LogBuilder.text("literal");
    }

    private static EvtxReport readAny(byte[] file) {
        return assertTimeoutPreemptively(
                Duration.ofSeconds(10),
                () -> {
                    try {
                        return EvtxReader.read(
                                new ByteArrayInputStream(file),
                                record -> Json.parse(record.toJson()));
                    } catch (EvtxFormatException refused) {
                        assertThat(refused).hasMessageEndingWith(".");
                        return new EvtxReport(0, 0, List.of(), 0, 0);
                    }
                });
    }

    @Property(tries = 1_500)
    void survivesFlippedBytes(@ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int flips) {
        var file = SOUND.clone();
        var random = new Random(seed);
        for (var i = 0; i < flips; i++) {
            // Most of the file is empty: aim at what is not.
            var area = random.nextInt(3);
            var at =
                    switch (area) {
                        case 0 -> random.nextInt(LogBuilder.HEADER + 512);
                        case 1 -> LogBuilder.HEADER + 512 + random.nextInt(2_500);
                        default -> random.nextInt(file.length);
                    };
            file[at] = (byte) random.nextInt();
        }
        readAny(file);
    }

    @Property(tries = 1_000)
    void survivesDamageThatTheChecksumsDoNotShow(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int flips) {
        var file = SOUND.clone();
        var random = new Random(seed);
        for (var i = 0; i < flips; i++) {
            file[LogBuilder.HEADER + 512 + random.nextInt(2_500)] = (byte) random.nextInt(256);
        }
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(LogBuilder.HEADER + 120, 4);
        LogBuilder.sealHeader(file, LogBuilder.HEADER);
        readAny(file);
    }

    @Property(tries = 500)
    void readsExactlyWhatLiesBeforeACut(@ForAll("cuts") int length) {
        var cut = Arrays.copyOf(SOUND, length);
        try {
            var read = LogBuilder.read(cut);
            var events = read.events();
            assertThat(events).isEqualTo(EVENTS.subList(0, events.size()));
            assertThat(read.report().complete()).isEqualTo(events.size() == EVENTS.size());
            assertThat(read.report().problems()).isNotEmpty();
        } catch (UncheckedIOException refused) {
            assertThat(refused.getCause()).isInstanceOf(EvtxFormatException.class);
            assertThat(length).isLessThan(8);
        }
    }

    @Provide
    Arbitrary<Integer> cuts() {
        return Arbitraries.oneOf(
                Arbitraries.integers().between(0, SOUND.length - 1),
                Arbitraries.integers().between(LogBuilder.HEADER, LogBuilder.HEADER + 512 + 2_500));
    }

    @Property(tries = 300)
    void survivesRandomBytes(
            @ForAll long seed,
            @ForAll @IntRange(max = 150_000) int length,
            @ForAll @IntRange(max = 2) int kind) {
        var file = new byte[length];
        new Random(seed).nextBytes(file);
        if (kind > 0) {
            System.arraycopy(SOUND, 0, file, 0, Math.min(length, LogBuilder.HEADER));
        }
        if (kind > 1) {
            System.arraycopy(SOUND, 0, file, 0, Math.min(length, LogBuilder.HEADER + 600));
        }
        readAny(file);
    }

    @Property(tries = 400)
    void survivesDamagedRealLogs(@ForAll long seed) throws IOException {
        var random = new Random(seed);
        var samples = Samples.small();
        var file = samples.get(random.nextInt(samples.size())).clone();
        for (var i = random.nextInt(30); i >= 0; i--) {
            file[LogBuilder.HEADER + random.nextInt(file.length - LogBuilder.HEADER)] =
                    (byte) random.nextInt();
        }
        readAny(file);
    }

    /** Read once: property tests ask hundreds of times. */
    private static final class Samples {
        private static List<byte[]> files = List.of();

        static synchronized List<byte[]> small() throws IOException {
            if (files.isEmpty()) {
                files =
                        SharedData.zip("evtx/evtx-samples-dev.zip").values().stream()
                                .filter(file -> file.length < 100_000)
                                .limit(60)
                                .toList();
            }
            return files;
        }
    }
}
