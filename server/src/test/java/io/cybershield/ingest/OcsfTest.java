package io.cybershield.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What we write is OCSF, by OCSF's own schema. */
class OcsfTest {
    private static OcsfSchema schema;
    private static Path shared;

    @BeforeAll
    static void readSchema() throws IOException {
        shared = Path.of(System.getProperty("cybershield.shared", ""), "data/siem");
        Assumptions.assumeTrue(
                Files.exists(shared.resolve("ocsf/ocsf-schema.zip")),
                "shared OCSF schema is absent");
        schema = OcsfSchema.read(shared.resolve("ocsf/ocsf-schema.zip"));
    }

    /** What the schema has against it; nothing where the schema is absent. */
    static List<String> problems(Event event) throws IOException {
        if (schema == null) {
            Path file =
                    Path.of(
                            System.getProperty("cybershield.shared", ""),
                            "data/siem/ocsf/ocsf-schema.zip");
            if (!Files.exists(file)) {
                return List.of();
            }
            schema = OcsfSchema.read(file);
        }
        return schema.problems(event.ocsf());
    }

    @Test
    void theSchemaRefusesWhatIsWrong() {
        Event good =
                TestEvents.of(
                        "syslog",
                        "Nov 20 04:05:06 h sshd[1]: Failed password for root from 1.2.3.4 port 5"
                                + " ssh2");
        assertThat(schema.problems(good.ocsf())).isEmpty();
        Map<String, Object> bad = new HashMap<>(good.ocsf());
        bad.put("activity_id", 55);
        bad.remove("user");
        bad.put("nonsense", 1);
        bad.put("time", "yesterday");
        assertThat(schema.problems(bad)).hasSize(5);
    }

    @Test
    void everyEventOfRealWindowsLogsIsOcsf() throws IOException {
        var classes = new TreeMap<String, Integer>();
        int events = 0;
        try (var lines = lines(shared.resolve("evtx/evtx-samples-dev.jsonl.gz"))) {
            for (String line : (Iterable<String>) lines.lines()::iterator) {
                if (line.contains("\"Event\":{")) {
                    Event event = TestEvents.of("json", line);
                    assertThat(schema.problems(event.ocsf())).as(line).isEmpty();
                    assertThat(event.parsed()).isTrue();
                    classes.merge(event.className(), 1, Integer::sum);
                    events++;
                }
            }
        }
        assertThat(events).isGreaterThan(8_000);
        assertThat(classes)
                .containsKeys(
                        "Process Activity",
                        "Authentication",
                        "File System Activity",
                        "Registry Value Activity",
                        "Network Activity",
                        "Module Activity");
    }

    @Test
    void everyEventOfRecordedAttacksIsOcsf() throws IOException {
        int events = 0;
        List<Path> sets;
        try (Stream<Path> files = Files.list(shared.resolve("otrf"))) {
            sets =
                    files.filter(f ->
                                    f.toString().endsWith(".jsonl.gz")
                                            && !f.getFileName().toString().startsWith("expected"))
                            .sorted()
                            .toList();
        }
        for (Path set : sets) {
            try (var lines = lines(set)) {
                int ofThis = 0;
                for (String line = lines.readLine();
                        line != null && ofThis < 300;
                        line = lines.readLine(), ofThis++) {
                    Event event = TestEvents.of("json", line);
                    assertThat(schema.problems(event.ocsf()))
                            .as(set.getFileName() + ": " + line)
                            .isEmpty();
                    events++;
                }
            }
        }
        assertThat(events).isGreaterThan(10_000);
    }

    @Test
    void everyLinuxLineIsOcsfAndMostSshAndSudoLinesAreUnderstood() throws IOException {
        int understood = 0;
        int ssh = 0;
        for (String raw : logtest()) {
            Event event = TestEvents.of("syslog", raw);
            assertThat(schema.problems(event.ocsf())).as(raw).isEmpty();
            assertThat(event.raw()).isEqualTo(Texts.clean(raw));
            if (raw.contains("sudo:")
                    || raw.contains("sshd[")
                            && raw.matches(".*(Accepted|Failed|Invalid user|maximum auth).*")) {
                ssh++;
                understood += event.classUid() == 0 ? 0 : 1;
            }
        }
        assertThat(ssh).isGreaterThan(10);
        assertThat(understood).as("of " + ssh).isGreaterThanOrEqualTo(ssh * 9 / 10);
    }

    @Test
    void ownSamplesAreOcsf() throws IOException {
        for (String line : Files.readAllLines(Path.of("../content/sigma/tests/samples.jsonl"))) {
            var sample = Normaliser.JSON.readTree(line);
            for (String part : List.of("fires", "quiet")) {
                Event event =
                        TestEvents.of(sample.get("format").asString(), sample.get(part).asString());
                assertThat(schema.problems(event.ocsf())).as(event.raw()).isEmpty();
            }
        }
    }

    /** Reports of real scanners, as their makers publish them, and ones that were tampered with. */
    @Test
    void whatScannersReportInOcsfIsOcsfAgain() throws IOException {
        var classes = new TreeMap<Integer, Integer>();
        var json = Normaliser.JSON;
        try (var zip =
                new ZipInputStream(
                        Files.newInputStream(
                                shared.resolve("ocsf/ocsf-mapping-samples-dev.zip")))) {
            for (ZipEntry e = zip.getNextEntry(); e != null; e = zip.getNextEntry()) {
                if (!e.getName().endsWith(".ocsf")) {
                    continue;
                }
                Object read;
                try {
                    read = json.readValue(zip.readAllBytes(), Object.class);
                } catch (tools.jackson.core.JacksonException notJson) {
                    continue;
                }
                for (Object one : read instanceof List<?> list ? list : List.of(read)) {
                    Event event = TestEvents.of("json", json.writeValueAsString(one));
                    assertThat(schema.problems(event.ocsf())).as(e.getName()).isEmpty();
                    classes.merge(event.classUid(), 1, Integer::sum);
                }
            }
        }
        assertThat(classes).containsKeys(2003);
    }

    private static List<String> logtest() throws IOException {
        var found = new java.util.ArrayList<String>();
        try (var zip =
                new ZipInputStream(Files.newInputStream(shared.resolve("wazuh/logtest-dev.zip")))) {
            for (ZipEntry e = zip.getNextEntry(); e != null; e = zip.getNextEntry()) {
                if (e.getName().endsWith(".ini")) {
                    new String(zip.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .filter(l -> l.matches("log \\d+ pass ?=.*"))
                            .map(l -> l.substring(l.indexOf('=') + 1).strip())
                            .forEach(found::add);
                }
            }
        }
        return found;
    }

    private static BufferedReader lines(Path gz) throws IOException {
        return new BufferedReader(
                new InputStreamReader(
                        new GZIPInputStream(Files.newInputStream(gz)), StandardCharsets.UTF_8));
    }
}
