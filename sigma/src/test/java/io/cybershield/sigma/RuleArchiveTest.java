package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.sigma.Refusal.Reason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

class RuleArchiveTest {

    private static byte[] zip(Map<String, byte[]> files) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (var file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue());
            }
        }
        return bytes.toByteArray();
    }

    private static RuleArchive read(byte[] zip, Limits limits) throws IOException {
        return RuleArchive.read("rules.zip", new ByteArrayInputStream(zip), limits);
    }

    @Test
    void takesRuleFilesAndNamesTheRest() throws IOException {
        var files = new TreeMap<String, byte[]>();
        files.put("a/", new byte[0]);
        files.put("a/one.yml", "title: é".getBytes(StandardCharsets.UTF_8));
        files.put("a/two.YAML", "title: two".getBytes(StandardCharsets.UTF_8));
        files.put("bad.yml", new byte[] {(byte) 0xff, (byte) 0xfe});
        files.put("readme.md", new byte[] {1});
        RuleArchive archive = read(zip(files), Limits.DEFAULT);
        assertThat(archive.sources())
                .containsExactly(
                        new RuleSource("a/one.yml", "title: é"),
                        new RuleSource("a/two.YAML", "title: two"));
        assertThat(archive.refused()).extracting(Refusal::file).containsExactly("bad.yml");
        assertThat(archive.ignored()).containsExactly("readme.md");
        LoadReport report = new RuleLoader().load(archive);
        assertThat(report.files()).isEqualTo(3);
        assertThat(report.loadedFiles() + report.refusedFiles()).isEqualTo(3);
    }

    @Test
    void stopsAtABomb() throws IOException {
        byte[] bomb = zip(Map.of("bomb.yml", new byte[64 << 20]));
        RuleArchive archive = read(bomb, Limits.DEFAULT);
        assertThat(archive.sources()).isEmpty();
        assertThat(archive.refused()).hasSize(1);
        assertThat(archive.refused().getFirst().reason()).isEqualTo(Reason.BAD_ARCHIVE);
        assertThat(archive.refused().getFirst().problem()).contains("times its size");
    }

    @Test
    void stopsAtTooManyEntriesOrBytes() throws IOException {
        var many = new TreeMap<String, byte[]>();
        for (int i = 0; i < 20; i++) {
            many.put(i + ".yml", "title: a".getBytes(StandardCharsets.UTF_8));
        }
        Limits few = new Limits(1000, 1, 100, 10, 10, 10, 1000, 200);
        assertThat(read(zip(many), few).refused())
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.problem()).contains("entries"));
        Limits small = new Limits(1000, 1, 100, 10, 10, 100, 100, 200);
        assertThat(read(zip(many), small).refused())
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.problem()).contains("bytes"));
    }

    @Test
    void refusesWhatIsNoArchive() throws IOException {
        for (byte[] bytes : List.of(new byte[0], "hello".getBytes(StandardCharsets.UTF_8))) {
            assertThat(read(bytes, Limits.DEFAULT).refused())
                    .singleElement()
                    .satisfies(
                            refusal -> assertThat(refusal.reason()).isEqualTo(Reason.BAD_ARCHIVE));
        }
    }

    @Test
    void survivesEveryCutAndEveryFlippedByte() throws IOException {
        byte[] whole = zip(Map.of("a.yml", "title: a".repeat(50).getBytes(StandardCharsets.UTF_8)));
        for (int i = 0; i < whole.length; i++) {
            byte[] cut = java.util.Arrays.copyOf(whole, i);
            RuleArchive archive = read(cut, Limits.DEFAULT);
            assertThat(archive.sources().size() + archive.refused().size()).isPositive();
            byte[] flipped = whole.clone();
            flipped[i] ^= (byte) 0xff;
            read(flipped, Limits.DEFAULT);
        }
    }
}
