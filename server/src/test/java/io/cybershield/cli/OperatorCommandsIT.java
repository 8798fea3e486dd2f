package io.cybershield.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as an operator runs them: in a process of their own, against a running server. */
class OperatorCommandsIT {
    private static final TestApplication APP = TestApplication.shared();
    private static FileLock lock;

    @TempDir private Path folder;

    record Ran(int code, String out, String err) {}

    @BeforeAll
    static void standAsStartDoes() throws IOException {
        lock = RunFile.take(APP.data()).orElseThrow();
        RunFile.write(APP.data(), APP.address().toString());
    }

    @AfterAll
    static void standDown() throws IOException {
        RunFile.remove(APP.data());
        lock.acquiredBy().close();
    }

    private static Ran run(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-cp");
        command.add(
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")));
        command.add("io.cybershield.Application");
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile("cli", ".out");
        Path err = Files.createTempFile("cli", ".err");
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return new Ran(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }

    private static String[] with(String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--data", APP.data().toString()));
        return all.toArray(String[]::new);
    }

    @Test
    void readsAFileIntoATenantAndTheEventsAreThere() throws Exception {
        String company = "Ingest " + UUID.randomUUID();
        var admin = APP.newTenant(company);
        Path log = folder.resolve("auth.log");
        String marker = "m" + UUID.randomUUID().toString().replace("-", "");
        Files.writeString(
                log,
                Instant.now()
                        + " web-01 sshd[1]: Failed password for invalid user "
                        + marker
                        + " from 203.0.113.66 port 4 ssh2\n"
                        + Instant.now()
                        + " web-01 sshd[1]: Server listening on 0.0.0.0 port 22.\n");
        Ran ran = run(with("ingest", log.toString(), "--tenant", company));
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out()).contains("auth.log: 2 events from").contains("0 refused");
        assertThat(ran.out()).doesNotContain("\r").doesNotContain("\u001b");
        assertThat(ran.code()).isZero();
        org.awaitility.Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(30))
                .untilAsserted(() ->
                        assertThat(
                                        admin.get("/api/v1/events?q=" + marker)
                                                .json()
                                                .get("items")
                                                .size())
                                .isEqualTo(1));
    }

    @Test
    void saysWhereAFileIsBrokenAndEndsWithOne() throws Exception {
        String company = "Broken " + UUID.randomUUID();
        APP.newTenant(company);
        Path log = folder.resolve("events.jsonl");
        Files.writeString(
                log, "{\"message\":\"good\"}\n{\"message\": broken\n{\"message\":\"x\"}\n");
        Ran ran = run(with("ingest", log.toString(), "--tenant", company));
        assertThat(ran.out()).contains("2 events").contains("1 refused").contains("line 2");
        assertThat(ran.code()).isEqualTo(1);
    }

    @Test
    void namesTheTenantsWhenTheWantedIsNone() throws Exception {
        String company = "Named " + UUID.randomUUID();
        APP.newTenant(company);
        Path log = Files.writeString(folder.resolve("a.log"), "x\n");
        Ran ran = run(with("ingest", log.toString(), "--tenant", "Nobody Ltd"));
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("There is no tenant 'Nobody Ltd'");
        assertThat(ran.err()).doesNotContain("Exception");
    }

    @Test
    void aFileThatIsNotThereIsWrongUsage() throws Exception {
        Ran ran = run(with("ingest", folder.resolve("no.log").toString(), "--tenant", "x"));
        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.err()).contains("There is no file " + folder.resolve("no.log"));
    }

    @Test
    void saysThatNoServerRuns() throws Exception {
        Path log = Files.writeString(folder.resolve("a.log"), "x\n");
        Ran ran = run("ingest", log.toString(), "--tenant", "x", "--data", folder.toString());
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("No server runs on " + folder);
    }

    @Test
    void importsAFolderOfRulesAndNamesTheRefused() throws Exception {
        String company = "Rules " + UUID.randomUUID();
        APP.newTenant(company);
        Path rules = Files.createDirectories(folder.resolve("rules/deep"));
        Files.writeString(
                rules.resolve("good.yml"),
                """
                title: Whoami
                id: 0aa4cd6a-0f4c-4b3c-8f5c-9a2d2b6d1a01
                logsource: {product: linux, service: sudo}
                detection: {selection: {command|endswith: whoami}, condition: selection}
                level: low
                """);
        Files.writeString(rules.resolve("bad.yml"), "title: Broken\ndetection: [\n");
        Ran ran =
                run(
                        with(
                                "rules",
                                "import",
                                folder.resolve("rules").toString(),
                                "--tenant",
                                company));
        assertThat(ran.out()).contains("2 files: 1 loaded, 1 refused, 0 unchanged");
        assertThat(ran.out()).contains("deep/bad.yml");
        assertThat(ran.code()).isEqualTo(1);
        Ran again =
                run(
                        with(
                                "rules",
                                "import",
                                rules.resolve("good.yml").toString(),
                                "--tenant",
                                company));
        assertThat(again.out()).contains("1 files: ").contains("0 refused");
        assertThat(again.code()).isZero();
    }
}
