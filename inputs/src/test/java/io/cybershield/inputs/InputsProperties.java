package io.cybershield.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.evtx.EvtxRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever comes in: never an exception, never without end; what was written comes back. */
class InputsProperties {
    private static final Instant NEAR = Instant.parse("2026-11-01T00:00:00Z");
    private static final InputLimits LIMITS = new InputLimits(1_000, 3, 50, 1 << 20, 100, 1 << 16);
    private static final List<String> SEEDS =
            List.of(
                    "Sep 19 08:26:10 host CEF:0|sec\\|urity|t\\\\m|1.0|100|detected|10|src=10.0.0.1"
                            + " act=blocked a \\= b cs1Label=x cs1=y msg=a\\nb rt=Sep 19 2026"
                            + " 11:49:25 GMT",
                    "<13>1 2026-09-19T08:26:10Z fw1 app 12 - [a@1 x=\"y ]\"]"
                            + " LEEF:2.0|V|P|1|41|x5E|src=192.0.2.0^devTime=Sep 19 2026"
                            + " 11:49:25^devTimeFormat=MMM dd yyyy HH:mm:ss",
                    "LEEF:1.0|M|E|4.0|15345|src=192.0.2.0\tsev=5\tusrName=joe",
                    "node=web type=EXECVE msg=audit(1795301994.638:1235): argc=2 a0=\"sh\""
                            + " a1[0]=6C73 a1[1]=\"x\"",
                    "<86>Nov 20 04:05:06 web01 sshd[1]: Failed password for invalid user bob from"
                            + " 203.0.113.9 port 1 ssh2",
                    "web-01 198.51.100.21 - - [21/Nov/2026:22:59:58 +0000] \"GET /p.php?id=1"
                            + " HTTP/1.1\" 404 24 \"-\" \"sqlmap/1\"",
                    "Nov 20 04:05:06 web01 sudo:   al : TTY=pts/1 ; PWD=/ ; USER=root ;"
                            + " COMMAND=/bin/sh");

    private static final class Counting implements InputReader.Sink {
        private int files;
        private int records;
        private int troubles;

        @Override
        public void begin(String name, Instant modified) {
            files++;
        }

        @Override
        public void json(long line, byte[] object) {
            records++;
            assertThat(object.length).isLessThanOrEqualTo(LIMITS.recordBytes());
        }

        @Override
        public void line(long number, byte[] line) {
            records++;
            assertThat(line.length).isLessThanOrEqualTo(LIMITS.recordBytes());
        }

        @Override
        public void evtx(EvtxRecord record) {
            records++;
        }

        @Override
        public void trouble(Trouble trouble) {
            troubles++;
        }
    }

    private static Counting read(byte[] bytes) {
        var sink = new Counting();
        new InputReader(LIMITS, sink)
                .read(
                        "x",
                        NEAR,
                        new Unpacking(LIMITS, bytes.length),
                        () -> new ByteArrayInputStream(bytes));
        return sink;
    }

    @Property(tries = 1_000)
    void anyBytesAreReadToTheirEndAndTold(@ForAll byte[] bytes) throws IOException {
        Counting plain = read(bytes);
        assertThat(plain.files).isPositive();
        assertThat(plain.records + plain.troubles).isPositive();
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        }
        assertThat(read(packed.toByteArray()).records).isEqualTo(plain.records);
    }

    @Property(tries = 1_000)
    void aListThatIsCutOffIsToldWhereverItIsCut(
            @ForAll @IntRange(min = 0, max = 5) int records, @ForAll @IntRange(min = 1) int cut) {
        String list =
                IntStream.range(0, records)
                        .mapToObj("{\"n\": [%d, \"]\"]}"::formatted)
                        .collect(Collectors.joining(",\n", "[", "]"));
        Counting whole = read(list.getBytes(StandardCharsets.UTF_8));
        assertThat(whole.records).isEqualTo(records);
        assertThat(whole.troubles).as("an empty list is told").isEqualTo(records == 0 ? 1 : 0);
        Counting damaged =
                read(
                        list.substring(0, Math.max(1, cut % list.length()))
                                .getBytes(StandardCharsets.UTF_8));
        assertThat(damaged.troubles).isPositive();
    }

    @Property(tries = 4_000)
    void damagedLinesAreSomethingAllTheSame(@ForAll("damaged") String line) {
        switch (LogLine.read(line, NEAR)) {
            case LogLine.Device(_, DeviceEvent event) -> {
                event.time(NEAR);
                event.kind();
                event.verdict();
                event.succeeded();
                int size = event.attributes().size();
                assertThat(size).isLessThanOrEqualTo(DeviceEvents.MOST_ATTRIBUTES);
                assertThat(event.fields().size()).isLessThanOrEqualTo(2 * size + 20);
            }
            case LogLine.Audit(_, AuditRecord record) -> {
                var event = new AuditEvent(List.of(record, record));
                event.files();
                event.commandLine();
                event.syscall();
                assertThat(event.fields()).isEqualTo(record.fields());
            }
            case LogLine.Syslog(SyslogLine syslog) ->
                    assertThat(LinuxMessage.of(syslog).fields()).containsKey("message");
            case LogLine.Broken(_, String reason) -> assertThat(reason).contains("the header has");
            case LogLine.Access(_, AccessLine request) ->
                    assertThat(request.fields()).containsKey("cs-uri");
            case LogLine.Plain(String text) -> assertThat(text).isEqualTo(line);
            case LogLine.Json(String text) -> assertThat(text).startsWith("{");
        }
    }

    @Property(tries = 2_000)
    void anyTextIsSomething(@ForAll String text) {
        for (String before :
                new String[] {
                    "",
                    "CEF:0|",
                    "CEF:0|v|p|1|i|n|5|",
                    "LEEF:2.0|v|p|1|i|",
                    "<34>1 ",
                    "Jan  1 00:00:00 ",
                    "type=EXECVE msg=audit(1.000:1): "
                }) {
            assertThat(LogLine.read(before + text, NEAR)).isNotNull();
        }
    }

    @Property(tries = 2_000)
    void cefGivesBackWhatWasEscaped(
            @ForAll("words") String vendor,
            @ForAll("words") String name,
            @ForAll @Size(max = 6) List<@net.jqwik.api.From("words") String> values) {
        var line = new StringBuilder("CEF:0|" + piped(vendor) + "|p|1|i|" + piped(name) + "|5|");
        Map<String, String> attributes = new LinkedHashMap<>();
        for (int i = 0; i < values.size(); i++) {
            attributes.put("key" + i, values.get(i).strip());
            line.append("key")
                    .append(i)
                    .append('=')
                    .append(
                            values.get(i)
                                    .strip()
                                    .replace("\\", "\\\\")
                                    .replace("=", "\\=")
                                    .replace("\n", "\\n")
                                    .replace("\r", "\\r"))
                    .append(' ');
        }
        DeviceEvent event = DeviceEventTest.read(line.toString());
        assertThat(event.vendor()).isEqualTo(vendor.strip());
        assertThat(event.name()).isEqualTo(name.strip());
        assertThat(event.attributes()).isEqualTo(attributes);
    }

    private static String piped(String text) {
        return text.replace("\\", "\\\\").replace("|", "\\|");
    }

    @Property(tries = 1_000)
    void leefGivesBackWhatItsDelimiterParted(
            @ForAll @Size(max = 6) List<@net.jqwik.api.From("words") String> values) {
        var parts = new ArrayList<String>();
        Map<String, String> attributes = new LinkedHashMap<>();
        for (int i = 0; i < values.size(); i++) {
            String value = values.get(i).replace("^", "");
            attributes.put("key" + i, value.strip());
            parts.add("key" + i + "=" + value);
        }
        DeviceEvent event = DeviceEventTest.read("LEEF:2.0|v|p|1|i|^|" + String.join("^", parts));
        assertThat(event.attributes()).isEqualTo(attributes);
    }

    @Provide
    Arbitrary<String> words() {
        return Arbitraries.strings().withChars("ab=|\\ ^\n\"'é.:nr/").ofMaxLength(12);
    }

    /** Real lines with characters changed, taken out, doubled or cut off. */
    @Provide
    Arbitrary<String> damaged() {
        return Combinators.combine(
                        Arbitraries.of(SEEDS),
                        Arbitraries.longs(),
                        Arbitraries.integers().between(0, 12))
                .as((seed, random, changes) -> {
                    var dice = new Random(random);
                    var text = new StringBuilder(seed);
                    for (int i = 0; i < changes && !text.isEmpty(); i++) {
                        int at = dice.nextInt(text.length());
                        switch (dice.nextInt(4)) {
                            case 0 -> text.setCharAt(at, (char) dice.nextInt(0x300));
                            case 1 -> text.deleteCharAt(at);
                            case 2 ->
                                    text.insert(
                                            at,
                                            text.substring(at, Math.min(text.length(), at + 20)));
                            default ->
                                    text.insert(at, "\"[]{}()\\=<>: |^\t".charAt(dice.nextInt(15)));
                        }
                    }
                    return text.toString();
                });
    }

    @Property(tries = 200)
    void utf16BecomesUtf8(@ForAll String text) throws IOException {
        String sound = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        String long1 = sound.repeat(1 + 20_000 / Math.max(1, sound.length()));
        byte[] utf16 = ("\ufeff" + long1).getBytes(StandardCharsets.UTF_16LE);
        byte[] read = new Utf16Stream(new ByteArrayInputStream(utf16)).readAllBytes();
        assertThat(new String(read, StandardCharsets.UTF_8)).isEqualTo(long1);
    }
}
