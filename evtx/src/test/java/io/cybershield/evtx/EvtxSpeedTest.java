package io.cybershield.evtx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How fast one thread reads large logs; the figure depends on the machine and is only printed. */
@Tag("long")
class EvtxSpeedTest {

    /** Time on the processor, not on the wall: other work on the machine does not count. */
    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

    private static final int MEGABYTES = 400;

    @Test
    void readsLargeLogsFast() throws IOException {
        var large =
                SharedData.zip("evtx/evtx-samples-dev.zip").values().stream()
                        .filter(file -> file.length > 1_000_000)
                        .toList();
        for (var round = 0; round < 5; round++) {
            var start = CPU.getCurrentThreadCpuTime();
            var report = EvtxReader.read(repeated(large), record -> {});
            var seconds = (CPU.getCurrentThreadCpuTime() - start) / 1e9;
            System.out.printf(
                    "%d events, %.0f MB/s, %.0f events/s%n",
                    report.records(), MEGABYTES / seconds, report.records() / seconds);
            assertThat(report.problems()).isEmpty();
            assertThat(report.records()).isPositive();
        }
    }

    private static boolean isFull(byte[] file, int chunk) {
        return file[chunk] == 'E'
                && ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(chunk + 48) > 60_000;
    }

    /** One log of many chunks: the full ones of the samples, again and again. */
    private static InputStream repeated(List<byte[]> files) {
        var header = new byte[LogBuilder.HEADER];
        System.arraycopy(LogBuilder.log().file(), 0, header, 0, header.length);
        var chunks =
                files.stream()
                        .flatMap(file ->
                                IntStream.iterate(
                                                LogBuilder.HEADER,
                                                at -> at + LogBuilder.CHUNK <= file.length,
                                                at -> at + LogBuilder.CHUNK)
                                        .filter(at -> isFull(file, at))
                                        .mapToObj(at ->
                                                Arrays.copyOfRange(
                                                        file, at, at + LogBuilder.CHUNK)))
                        .toList();
        var repeated =
                IntStream.range(0, MEGABYTES * 1_000_000 / LogBuilder.CHUNK)
                        .mapToObj(i -> chunks.get(i % chunks.size()));
        return new SequenceInputStream(
                Collections.enumeration(
                        Stream.concat(Stream.of(header), repeated)
                                .map(ByteArrayInputStream::new)
                                .toList()));
    }
}
