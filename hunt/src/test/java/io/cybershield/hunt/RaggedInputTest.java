package io.cybershield.hunt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Input that is broken or hostile: each told with its place, the rest read. */
class RaggedInputTest {

    @TempDir private Path folder;
    private Path rule;
    private Path events;

    @BeforeEach
    void prepare() throws IOException {
        rule = Made.file(folder, "rule.yml", Made.CMD_RULE);
        events = Files.createDirectory(folder.resolve("events"));
    }

    private Ran hunt(Object... more) {
        Object[] args = new Object[more.length + 4];
        args[0] = "hunt";
        args[1] = "-r";
        args[2] = rule;
        args[3] = "--summary";
        System.arraycopy(more, 0, args, 4, more.length);
        return Ran.command(args);
    }

    @Test
    void emptyAndBlankFilesAreSkippedByName() {
        Made.file(events, "empty.evtx", "");
        Made.file(events, "blank.json", " \n\n");
        Made.file(events, "good.json", Made.CMD);
        Ran ran = hunt(events);
        assertThat(ran.exit()).isEqualTo(HuntCommand.INCOMPLETE);
        assertThat(ran.lines())
                .containsExactly(
                        "{\"file\":\"good.json\",\"events\":1,\"hits\":{\"11111111-1111-1111-1111-111111111111\":1}}");
        assertThat(ran.err())
                .contains("skipped: empty.evtx: is empty")
                .contains("skipped: blank.json: holds nothing but blanks")
                .contains("1 file read (0 of them damaged), 2 skipped: 1 event");
    }

    @Test
    void junkIsSkippedAndSaidToBeJunk() {
        byte[] junk = new byte[100_000];
        new Random(7).nextBytes(junk);
        junk[0] = 'x';
        Made.file(events, "junk.bin", junk);
        Made.file(
                events,
                "archive.7z",
                new byte[] {'7', 'z', (byte) 0xbc, (byte) 0xaf, 0x27, 0x1c, 0, 4});
        Made.file(events, "log.xml", "<Event xmlns='x'><System/></Event>");
        Made.file(events, "named.evtx", "this is no event log at all");
        Ran ran = hunt(events);
        assertThat(ran.exit()).isEqualTo(HuntCommand.INCOMPLETE);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err())
                .contains("skipped: junk.bin: is neither an event log nor text")
                .contains(
                        "skipped: archive.7z: is a 7z archive, which is not read; unpack it first")
                .contains("skipped: log.xml: is XML")
                .contains("skipped: named.evtx: Not an event log")
                .contains("0 files read (0 of them damaged), 4 skipped: 0 events");
    }

    @Test
    void brokenGzipGivesWhatCameBeforeTheBreak() {
        byte[] text = Made.bytes((Made.CMD + "\n").repeat(20_000));
        byte[] packed = Made.gzip(text);
        Made.file(events, "cut.jsonl.gz", Arrays.copyOf(packed, packed.length / 2));
        byte[] damaged = packed.clone();
        Arrays.fill(damaged, damaged.length - 600, damaged.length - 400, (byte) 0x55);
        Made.file(events, "damaged.jsonl.gz", damaged);
        Made.file(events, "head-only.gz", new byte[] {0x1f, (byte) 0x8b, 8});
        Ran ran = hunt(events);
        assertThat(ran.exit()).isEqualTo(HuntCommand.INCOMPLETE);
        assertThat(ran.err())
                .containsPattern(
                        "damaged: cut\\.jsonl\\.gz: after record \\d{4,5}: reading ended here: the"
                                + " compressed data end too early")
                .containsPattern("damaged: damaged\\.jsonl\\.gz: ")
                .contains(
                        "skipped: head-only.gz: cannot be read: the compressed data end too early");
        assertThat(ran.lines().getFirst()).containsPattern("\"events\":\\d{4,5},");
    }

    @Test
    void zipBombIsStopped() {
        byte[] megabyte = new byte[1 << 20];
        Arrays.fill(megabyte, (byte) 'x');
        byte[] inner = Made.gzip(megabyte, 300);
        byte[] zip = Made.zip("a.gz", inner, "b.gz", inner);
        Path bomb = Made.file(folder, "bomb.zip", Made.zip("x/inner.zip", zip));
        Ran ran = hunt(bomb);
        assertThat(ran.exit()).isEqualTo(HuntCommand.INCOMPLETE);
        assertThat(ran.err()).contains("unpacks to more than 500 times its size");
        assertThat(ran.err()).contains("x/inner.zip");
    }

    @Test
    void archivesNestedWithoutEndAreNotFollowed() {
        byte[] zip = Made.zip("deep.json", Made.bytes(Made.CMD));
        for (int i = 0; i < 6; i++) {
            zip = Made.zip("level.zip", zip);
        }
        Ran ran = hunt(Made.file(folder, "deep.zip", zip));
        assertThat(ran.exit()).isEqualTo(HuntCommand.INCOMPLETE);
        assertThat(ran.err())
                .contains(
                        "skipped: level.zip/level.zip/level.zip/level.zip/level.zip: is nested in"
                                + " more than 4");
    }

    @Test
    void damagedZipSaysWhereReadingEnded() {
        byte[] zip = Made.zip("a.json", Made.bytes(Made.CMD), "b.json", Made.bytes(Made.CMD));
        Path cut = Made.file(folder, "cut.zip", Arrays.copyOf(zip, zip.length - 40));
        Ran ran = hunt(cut);
        assertThat(ran.exit()).isEqualTo(HuntCommand.INCOMPLETE);
        assertThat(ran.err()).contains("cut.zip");
        byte[] inner = Arrays.copyOf(zip, zip.length / 2);
        ran = hunt(Made.file(folder, "outer.zip", Made.zip("in.zip", inner)));
        assertThat(ran.exit()).isEqualTo(HuntCommand.INCOMPLETE);
        assertThat(ran.err()).contains("in.zip");
    }

    @Test
    void aLineOf20MegabytesIsLeftOutAndTheNextOneRead() {
        String huge = "{\"Image\":\"" + "x".repeat(20 << 20) + "\"}";
        Made.file(events, "huge.jsonl", Made.CMD + "\n" + huge + "\n" + Made.CMD + "\n");
        Made.file(events, "huge.log", "one\n" + "y".repeat(20 << 20) + "\nthree\n");
        Made.file(events, "huge-first.json", huge + "\n" + Made.CMD + "\n");
        Ran ran = hunt(events);
        assertThat(ran.exit()).isEqualTo(HuntCommand.INCOMPLETE);
        assertThat(ran.err())
                .contains("damaged: huge.jsonl: line 2: is longer than 8,388,608 bytes")
                .contains("damaged: huge.log: line 2: is longer than")
                .contains("damaged: huge-first.json: line 1: the object is larger than");
        assertThat(ran.out())
                .contains("{\"file\":\"huge.jsonl\",\"events\":2,")
                .contains("{\"file\":\"huge.log\",\"events\":2,")
                .contains("{\"file\":\"huge-first.json\",\"events\":1,");
    }

    @Test
    void textThatIsNotUtf8IsReadAllTheSame() {
        byte[] latin =
                Made.sysmon("C:\\M\u00fcller\\cmd.exe", "2024-03-01 10:00:00")
                        .getBytes(StandardCharsets.ISO_8859_1);
        Made.file(events, "latin.jsonl", latin);
        Made.file(events, "latin.log", "caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        Made.file(events, "utf16.json", ("\ufeff" + Made.CMD).getBytes(StandardCharsets.UTF_16LE));
        Made.file(events, "marked.json", "\ufeff" + Made.CMD);
        Ran ran = hunt(events);
        assertThat(ran.exit()).isZero();
        assertThat(ran.err())
                .contains("note: latin.jsonl: line 1: is not UTF-8; read as windows-1252");
        assertThat(ran.lines()).hasSize(4).filteredOn(line -> line.contains("11111111")).hasSize(3);
    }

    @Test
    void brokenJsonCostsTheObjectThatIsBroken() {
        Made.file(events, "lines.jsonl", Made.CMD + "\n{\"Image\": oops}\n" + Made.CMD + "\n");
        Made.file(events, "array.json", "[" + Made.CMD + ",\n{\"a\":1,},\n" + Made.CMD + "]");
        Made.file(events, "cut.json", "[\n" + Made.CMD + ",\n{\"Image\": \"C:");
        Made.file(
                events,
                "deep.jsonl",
                Made.CMD + "\n{\"a\":" + "[".repeat(5000) + "]".repeat(5000) + "}\n");
        Ran ran = hunt(events);
        assertThat(ran.exit()).isEqualTo(HuntCommand.INCOMPLETE);
        assertThat(ran.err())
                .contains("damaged: lines.jsonl: line 2: not JSON")
                .contains("damaged: array.json: line 2: not JSON")
                .contains("damaged: cut.json: line 3: the object that begins here never ends")
                .contains("damaged: deep.jsonl: line 2: not JSON");
        assertThat(ran.out())
                .contains("{\"file\":\"lines.jsonl\",\"events\":2,")
                .contains("{\"file\":\"array.json\",\"events\":2,")
                .contains("{\"file\":\"cut.json\",\"events\":1,")
                .contains("{\"file\":\"deep.jsonl\",\"events\":1,");
    }

    @Test
    void manyTroublesOfOneFileAreCountedNotListed() {
        Made.file(events, "bad.jsonl", Made.CMD + "\n" + "{bad}\n".repeat(1_000));
        Ran ran = hunt(events);
        assertThat(ran.err()).contains("damaged: bad.jsonl: and 980 more like these");
    }

    @Test
    void foldersThatLeadBackToThemselvesAreReported() throws IOException {
        Made.file(events, "good.json", Made.CMD);
        Files.createSymbolicLink(events.resolve("loop"), events);
        Files.createSymbolicLink(events.resolve("gone"), folder.resolve("nowhere"));
        Ran ran = hunt(events);
        assertThat(ran.exit()).isEqualTo(HuntCommand.INCOMPLETE);
        assertThat(ran.lines()).hasSize(1);
        assertThat(ran.err())
                .contains("skipped: loop: cannot be opened: a link that leads back")
                .contains("skipped: gone: ");
    }
}
