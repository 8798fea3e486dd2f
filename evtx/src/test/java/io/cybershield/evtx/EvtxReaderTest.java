package io.cybershield.evtx;

import static io.cybershield.evtx.LogBuilder.CHUNK;
import static io.cybershield.evtx.LogBuilder.HEADER;
import static io.cybershield.evtx.LogBuilder.attribute;
import static io.cybershield.evtx.LogBuilder.cdata;
import static io.cybershield.evtx.LogBuilder.characterReference;
import static io.cybershield.evtx.LogBuilder.data;
import static io.cybershield.evtx.LogBuilder.element;
import static io.cybershield.evtx.LogBuilder.entityReference;
import static io.cybershield.evtx.LogBuilder.instance;
import static io.cybershield.evtx.LogBuilder.literal;
import static io.cybershield.evtx.LogBuilder.log;
import static io.cybershield.evtx.LogBuilder.optional;
import static io.cybershield.evtx.LogBuilder.processingInstruction;
import static io.cybershield.evtx.LogBuilder.raw;
import static io.cybershield.evtx.LogBuilder.substitution;
import static io.cybershield.evtx.LogBuilder.tag;
import static io.cybershield.evtx.LogBuilder.template;
import static io.cybershield.evtx.LogBuilder.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.cybershield.evtx.LogBuilder.Part;
import io.cybershield.evtx.LogBuilder.Value;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class EvtxReaderTest {

    private static final Part EVENT =
            template(
                    7,
                    element("Event", element("EventData", data("Name", substitution(0, 1)))),
                    Value.text("first"));

    private static String json(Part... body) {
        var read = log().record(body).read();
        assertThat(read.report().problems()).isEmpty();
        return read.events().getFirst().toJson();
    }

    private static LogBuilder logOf(int records) {
        var log = log();
        for (var i = 0; i < records; i++) {
            log.record(EVENT);
        }
        return log;
    }

    // --- the shape ---

    @Test
    void givesIdAndTimeOfTheRecordItself() {
        var record = log().record(EVENT).read().events().getFirst();
        assertThat(record.recordId()).isEqualTo(1);
        assertThat(record.written()).isEqualTo(Instant.parse("2020-01-01T00:00:00Z"));
        assertThat(record.event())
                .isEqualTo(Map.of("Event", Map.of("EventData", Map.of("Name", "first"))));
    }

    @Test
    void readsTemplatesThatEarlierRecordsDefined() {
        var log = log().record(EVENT);
        var read = log.record(instance(7, log.lastTemplate(), Value.text("second"))).read();
        assertThat(read.report().problems()).isEmpty();
        assertThat(read.events())
                .extracting(EvtxRecord::toJson)
                .last()
                .asString()
                .contains("second");
    }

    @Test
    void readsEventsWithoutTemplates() {
        assertThat(
                        json(
                                element(
                                        "Event",
                                        element(
                                                "System",
                                                element("EventID", text("1116")),
                                                element("Channel", text("17"))),
                                        element("EventData", data("Count", text("12"))))))
                .isEqualTo(
                        """
                        {"Event":{"System":{"EventID":1116,"Channel":"17"},"EventData":{"Count":"12"}}}\
                        """);
    }

    @Test
    void keepsAttributesBesideTheText() {
        var url = new Part[] {attribute("scheme", text("http")), attribute("xmlns", text("urn:x"))};
        assertThat(json(element("Event", tag("URL", url, text("http://a/")))))
                .isEqualTo(
                        """
                        {"Event":{"URL":{"#attributes":{"scheme":"http"},"#text":"http://a/"}}}\
                        """);
    }

    @Test
    void leavesOutAttributesThatHaveNoValue() {
        var attributes =
                new Part[] {
                    attribute("ActivityID", optional(0, ValueType.GUID)),
                    attribute("Kept", optional(1, ValueType.UINT32))
                };
        assertThat(
                        json(
                                template(
                                        7,
                                        element("Event", tag("Correlation", attributes)),
                                        Value.of(ValueType.NULL),
                                        Value.little(ValueType.UINT32, 4, 4_000_000_000L))))
                .isEqualTo(
                        """
                        {"Event":{"Correlation":{"#attributes":{"Kept":4000000000}}}}\
                        """);
        assertThat(
                        json(
                                template(
                                        7,
                                        element("Event", tag("Correlation", attributes)),
                                        Value.of(ValueType.NULL),
                                        Value.of(ValueType.NULL))))
                .isEqualTo("{\"Event\":{\"Correlation\":null}}");
    }

    @Test
    void keepsTheEventIdANumberAndItsQualifiersBeside() {
        var qualifiers = new Part[] {attribute("Qualifiers", substitution(0, ValueType.UINT16))};
        assertThat(
                        json(
                                template(
                                        7,
                                        element(
                                                "Event",
                                                element(
                                                        "System",
                                                        tag(
                                                                "EventID",
                                                                qualifiers,
                                                                substitution(
                                                                        1, ValueType.UINT16)))),
                                        Value.little(ValueType.UINT16, 2, 16384),
                                        Value.little(ValueType.UINT16, 2, 7036))))
                .isEqualTo(
                        """
                        {"Event":{"System":{"EventID":7036,"EventID_attributes":{"Qualifiers":16384}}}}\
                        """);
    }

    @Test
    void listsElementsOfTheSameName() {
        assertThat(
                        json(
                                element(
                                        "Event",
                                        element(
                                                "EventData",
                                                element("Data", text("a")),
                                                element("Data"),
                                                element("Data", text("c"))))))
                .isEqualTo("{\"Event\":{\"EventData\":{\"Data\":[\"a\",\"\",\"c\"]}}}");
    }

    @Test
    void repeatsTheElementAroundAnArray() {
        assertThat(
                        json(
                                template(
                                        7,
                                        element(
                                                "Event",
                                                element(
                                                        "EventData",
                                                        element("Data", substitution(0, 0x81)))),
                                        new Value(
                                                0x81,
                                                "a\0\0c\0".getBytes(StandardCharsets.UTF_16LE)))))
                .isEqualTo("{\"Event\":{\"EventData\":{\"Data\":[\"a\",\"\",\"c\"]}}}");
    }

    @Test
    void givesAnEmptyMapForEventDataWithoutData() {
        assertThat(json(element("Event", element("EventData"), element("UserData"))))
                .isEqualTo("{\"Event\":{\"EventData\":{},\"UserData\":{}}}");
    }

    @Test
    void joinsTextCdataReferencesAndDropsProcessingInstructions() {
        assertThat(
                        json(
                                element(
                                        "Event",
                                        processingInstruction("target", "data"),
                                        text("a"),
                                        entityReference("lt"),
                                        cdata("<b>"),
                                        characterReference('ß'),
                                        entityReference("unknown"),
                                        literal(Value.little(ValueType.UINT32, 4, 5)),
                                        literal(Value.of(ValueType.BINARY, 0xab, 1)))))
                .isEqualTo("{\"Event\":\"a<<b>ß&unknown;5AB01\"}");
    }

    @Test
    void readsBinaryXmlWithinAValue() {
        // A fragment that holds an instance of a template defined before: how Security events nest.
        var log =
                log().record(
                                template(
                                        9,
                                        element("EventData", data("X", substitution(0, 1))),
                                        Value.text("1")));
        var inner = log.lastTemplate();
        var fragment = new java.io.ByteArrayOutputStream();
        fragment.writeBytes(new byte[] {0x0f, 1, 1, 0, 0x0c, 1, 9, 0, 0, 0});
        fragment.writeBytes(Value.little(8, 4, inner).bytes());
        fragment.writeBytes(new byte[] {1, 0, 0, 0, 4, 0, 1, 0, 'h', 0, 'i', 0, 0});
        var read =
                log.record(
                                template(
                                        8,
                                        element("Event", substitution(0, ValueType.BIN_XML)),
                                        new Value(ValueType.BIN_XML, fragment.toByteArray())))
                        .read();
        assertThat(read.report().problems()).isEmpty();
        assertThat(read.events().getLast().toJson())
                .isEqualTo("{\"Event\":{\"EventData\":{\"X\":\"hi\"}}}");
    }

    @Test
    void readsFromAChannelAndFromAStreamThatGivesLittleAtATime() throws IOException {
        var file = logOf(3).nextChunk().record(EVENT).file();
        try (var reader = EvtxReader.open(Channels.newChannel(new ByteArrayInputStream(file)))) {
            var count = 0;
            while (reader.next() != null) {
                count++;
            }
            assertThat(count).isEqualTo(4);
            assertThat(reader.report().complete()).isTrue();
            assertThat(reader.report().chunks()).isEqualTo(2);
        }
        var bytewise = new ArrayList<InputStream>();
        for (var from = 0; from < file.length; from += 1000) {
            bytewise.add(new ByteArrayInputStream(file, from, Math.min(1000, file.length - from)));
        }
        var count = new AtomicInteger();
        EvtxReader.read(
                new SequenceInputStream(Collections.enumeration(bytewise)),
                r -> count.incrementAndGet());
        assertThat(count).hasValue(4);
    }

    // --- what is not an event log ---

    @Test
    void saysWhatAWrongInputLooksLike() {
        assertRefused(new byte[0], "The input is empty");
        assertRefused(new byte[] {0x1f, (byte) 0x8b, 8}, "gzip data; unpack it first");
        assertRefused("PK\3\4".getBytes(StandardCharsets.ISO_8859_1), "a zip archive");
        assertRefused("{\"Event\":{}}".getBytes(StandardCharsets.UTF_8), "JSON");
        assertRefused(new byte[] {0x30, 0, 0, 0, 'L', 'f', 'L', 'e'}, "Windows XP (.evt)");
        assertRefused(new byte[200_000], "something else");
    }

    private static void assertRefused(byte[] input, String because) {
        assertThatThrownBy(() -> EvtxReader.open(new ByteArrayInputStream(input)))
                .isInstanceOf(EvtxFormatException.class)
                .hasMessageContaining(because);
    }

    @Test
    void passesOnWhatTheStreamThrows() {
        var broken =
                new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("disk gone");
                    }
                };
        assertThatIOException()
                .isThrownBy(() -> EvtxReader.read(broken, r -> {}))
                .withMessage("disk gone");
    }

    // --- damage ---

    @Test
    void readsEverythingBeforeTheCutAndNamesIt() {
        var log = logOf(2);
        var beforeThird = log.position();
        var file = log.record(EVENT).record(EVENT).file();
        var read = LogBuilder.read(Arrays.copyOf(file, HEADER + beforeThird + 30));
        assertThat(read.events()).extracting(EvtxRecord::recordId).containsExactly(1L, 2L);
        assertThat(read.report().complete()).isFalse();
        assertThat(read.report().problems())
                .anySatisfy(p -> {
                    assertThat(p.offset()).isEqualTo(HEADER + beforeThird + 30);
                    assertThat(p.what())
                            .contains("ends within a chunk", "copy it again from its source");
                })
                .anySatisfy(p -> {
                    assertThat(p.offset()).isEqualTo(HEADER + beforeThird);
                    assertThat(p.what()).contains("cut off");
                    assertThat(p.skippedBytes()).isEqualTo(30);
                });
    }

    @Test
    void noticesThatWholeChunksAreMissing() {
        var file = logOf(1).nextChunk().record(EVENT).nextChunk().record(EVENT).file();
        var read = LogBuilder.read(Arrays.copyOf(file, HEADER + CHUNK));
        assertThat(read.events()).hasSize(1);
        assertThat(read.report().problems())
                .singleElement()
                .satisfies(p ->
                        assertThat(p.toString())
                                .isEqualTo(
                                        "chunk 1, byte 69632: the file ends here, but its header"
                                            + " says that 2 more chunks follow; copy it again from"
                                            + " its source, or export it there with \"wevtutil"
                                            + " epl\" (131072 bytes skipped)"));
    }

    @Test
    void saysThatAFileEndsWithinItsHeader() {
        var read = LogBuilder.read(Arrays.copyOf(logOf(1).file(), 100));
        assertThat(read.events()).isEmpty();
        assertThat(read.report().problems())
                .singleElement()
                .extracting(EvtxProblem::offset)
                .isEqualTo(100L);
    }

    @Test
    void losesOneRecordToADamagedOne() {
        var log = logOf(1);
        var second = log.position();
        var file = log.record(EVENT).record(EVENT).file();
        file[HEADER + second + 24] = 0x7f;
        var read = LogBuilder.read(file);
        assertThat(read.events()).extracting(EvtxRecord::recordId).containsExactly(1L, 3L);
        assertThat(read.report().problems())
                .extracting(EvtxProblem::what)
                .containsExactly(
                        "the checksum of the chunk's records is wrong",
                        "record 2 cannot be read: unknown binary XML token 0x7f (at byte "
                                + (HEADER + second + 24)
                                + ")");
        assertThat(read.report().skippedBytes()).isPositive();
    }

    @Test
    void findsTheNextRecordAfterADestroyedHeader() {
        var log = logOf(1);
        var second = log.position();
        var file = log.record(EVENT).record(EVENT).file();
        Arrays.fill(file, HEADER + second, HEADER + second + 24, (byte) 0xee);
        var read = LogBuilder.read(file);
        assertThat(read.events()).extracting(EvtxRecord::recordId).containsExactly(1L, 3L);
    }

    @Test
    void readsARecordWhoseSizeAloneIsDamaged() {
        var log = logOf(1);
        var second = log.position();
        var file = log.record(EVENT).record(EVENT).file();
        Arrays.fill(file, HEADER + second + 4, HEADER + second + 8, (byte) 0);
        var read = LogBuilder.read(file);
        assertThat(read.events()).extracting(EvtxRecord::recordId).containsExactly(1L, 2L, 3L);
        assertThat(read.report().complete()).isTrue();
        assertThat(read.report().problems()).hasSize(2);
    }

    @Test
    void losesOneChunkToADestroyedOne() {
        var file = logOf(2).nextChunk().record(EVENT).nextChunk().record(EVENT).file();
        Arrays.fill(file, HEADER + CHUNK, HEADER + 2 * CHUNK, (byte) 0xee);
        var read = LogBuilder.read(file);
        assertThat(read.events()).extracting(EvtxRecord::recordId).containsExactly(1L, 2L, 4L);
        assertThat(read.report().problems())
                .containsExactly(
                        new EvtxProblem(
                                1,
                                HEADER + CHUNK,
                                "no chunk signature here; the chunk is lost",
                                CHUNK));
    }

    @Test
    void findsChunksThatHaveMoved() {
        var file = logOf(2).nextChunk().record(EVENT).file();
        var moved = new byte[file.length + 1000];
        System.arraycopy(file, 0, moved, 0, HEADER + CHUNK);
        System.arraycopy(file, HEADER + CHUNK, moved, HEADER + CHUNK + 1000, CHUNK);
        assertThat(LogBuilder.read(moved).events()).hasSize(3);
    }

    @Test
    void readsOnWithoutFileHeaderChunkSignatureOrChecksums() {
        var file = logOf(2).file();
        var headless = Arrays.copyOfRange(file, HEADER, file.length);
        assertThat(LogBuilder.read(headless).events()).hasSize(2);
        var noFileSignature = file.clone();
        noFileSignature[0] = 0;
        assertReadWithWarnings(noFileSignature, "the file signature is damaged");
        var noChunkSignature = file.clone();
        noChunkSignature[HEADER] = 0;
        assertReadWithWarnings(
                noChunkSignature,
                "the chunk signature is damaged",
                "the checksum of the chunk header is wrong");
        var wrongHeader = file.clone();
        wrongHeader[30] ^= 1;
        wrongHeader[HEADER + 300] ^= 1;
        assertReadWithWarnings(
                wrongHeader,
                "the checksum of the file header is wrong",
                "the checksum of the chunk header is wrong");
    }

    private static void assertReadWithWarnings(byte[] file, String... warnings) {
        var read = LogBuilder.read(file);
        assertThat(read.events()).hasSize(2);
        assertThat(read.report().complete()).isTrue();
        assertThat(read.report().problems())
                .extracting(EvtxProblem::what)
                .containsExactly(warnings);
    }

    /** Two records, of which the chunk header knows the first alone. */
    private static byte[] withStaleHeader(long idOfSecond) {
        var log = logOf(1);
        var end = log.position();
        var file = log.record(EVENT).record(EVENT).file();
        var buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        var crc = new CRC32();
        crc.update(file, HEADER + 512, end - 512);
        buffer.putInt(HEADER + 48, end).putInt(HEADER + 52, (int) crc.getValue());
        buffer.putLong(HEADER + end + 8, idOfSecond);
        LogBuilder.sealHeader(file, HEADER);
        return file;
    }

    @Test
    void ignoresRecordsLeftFromAnEarlierUseOfTheChunk() {
        var read = LogBuilder.read(withStaleHeader(77));
        assertThat(read.events()).hasSize(1);
        assertThat(read.report().problems()).isEmpty();
    }

    @Test
    void readsOnWhereTheLogWasCopiedWhileItWasWritten() {
        var read = LogBuilder.read(withStaleHeader(2));
        assertThat(read.events()).extracting(EvtxRecord::recordId).containsExactly(1L, 2L, 3L);
        assertThat(read.report().problems())
                .singleElement()
                .extracting(EvtxProblem::what)
                .asString()
                .contains("records go on beyond the end");
    }

    @Test
    void refusesARecordWhoseTemplateWasOverwritten() {
        var log = log().record(EVENT);
        var read = log.record(instance(8, log.lastTemplate(), Value.text("x"))).read();
        assertThat(read.events()).hasSize(1);
        assertThat(read.report().problems())
                .singleElement()
                .extracting(EvtxProblem::what)
                .asString()
                .contains("template is no longer in the chunk");
    }

    @Test
    void refusesAValueThatTheRecordDoesNotHave() {
        var read =
                log().record(template(7, element("Event", substitution(3, 1)), Value.text("x")))
                        .read();
        assertThat(read.report().problems())
                .singleElement()
                .extracting(EvtxProblem::what)
                .asString()
                .contains("asks for value 3, but the record has only 1");
    }

    // --- hostile input ---

    @Test
    void survivesElementsNestedWithoutEnd() {
        var nested = element("e");
        for (var i = 0; i < 1_000; i++) {
            nested = element("e", nested);
        }
        assertProblem(log().record(nested), "nest deeper than 64 levels");
    }

    @Test
    void survivesATemplateThatContainsItself() {
        var log = log();
        Part self = l -> instance(7, l.lastTemplate()).write(l);
        assertProblem(log.record(template(7, element("Event", self))), "contains itself");
    }

    @Test
    void survivesATemplateThatRepeatsALongValue() {
        var many = new Part[7_000];
        Arrays.fill(many, substitution(0, 1));
        assertProblem(
                log().record(template(7, element("Event", many), Value.text("x".repeat(10_000)))),
                "expands to more than");
    }

    @Test
    void survivesTemplatesThatDoubleEachOther() {
        var log = log();
        log.record(template(1, element("E", text("x"))));
        for (var id = 2; id < 40; id++) {
            var inner = log.lastTemplate();
            var previous = id - 1;
            log.record(
                    template(
                            id,
                            element("E", instance(previous, inner), instance(previous, inner))));
        }
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () ->
                        assertThat(log.read().report().problems())
                                .extracting(EvtxProblem::what)
                                .anyMatch(what -> what.contains("expands to more than")));
    }

    @Test
    void survivesAChunkOfBombs() {
        var log = log();
        var many = new Part[3_000];
        Arrays.fill(many, substitution(0, 1));
        log.record(template(7, element("Event", many), Value.text("x".repeat(6_000))));
        var template = log.lastTemplate();
        for (var i = 0; i < 3; i++) {
            log.record(instance(7, template, Value.text("x".repeat(2_000))));
        }
        for (var i = 0; i < 200; i++) {
            log.record(instance(7, template, Value.text("x")));
        }
        assertProblem(log, "expand");
    }

    @Test
    void survivesNamesThatOverlap() {
        // Every position of a long text serves as a name of 8,272 characters.
        var overlapping = new Part[1_500];
        for (var i = 0; i < overlapping.length; i++) {
            var name = 600 + 2 * i;
            overlapping[i] = raw(0x01, 0xff, 0xff, 0, 0, 0, 0, name & 0xff, name >> 8, 0, 0, 0x03);
        }
        var log = log().record(element("Event", text("\u2050".repeat(12_000))));
        assertProblem(
                log.record(template(7, element("Event", overlapping))),
                "record 2 cannot be read: the record expands to more than");
    }

    @Test
    void keepsTheFirstProblemsAndCountsTheRest() {
        var file = new byte[HEADER + 1_500 * CHUNK];
        System.arraycopy(logOf(1).file(), 0, file, 0, HEADER);
        Arrays.fill(file, HEADER, file.length, (byte) 1);
        var report = LogBuilder.read(file).report();
        assertThat(report.problems()).hasSize(EvtxReader.MAX_PROBLEMS_KEPT);
        assertThat(report.problemCount()).isEqualTo(1_500);
        assertThat(report.skippedBytes()).isEqualTo(1_500L * CHUNK);
    }

    private static void assertProblem(LogBuilder log, String what) {
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () ->
                        assertThat(log.read().report().problems())
                                .extracting(EvtxProblem::what)
                                .anyMatch(w -> w.contains(what)));
    }

    @Test
    void skipsChunksThatWereNeverWritten() {
        var file = Arrays.copyOf(logOf(1).file(), HEADER + 5 * CHUNK);
        var report = LogBuilder.read(file).report();
        assertThat(report).isEqualTo(new EvtxReport(1, 1, List.of(), 0, 0));
    }

    @Test
    void refusesSubstitutionsOutsideTemplates() {
        assertProblem(log().record(element("Event", substitution(0, 1))), "outside a template");
    }

    @Test
    void refusesTokensThatDoNotExist() {
        assertProblem(log().record(element("Event", raw(0x3a))), "unknown binary XML token 0x3a");
    }
}
