package io.cybershield.hunt;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.inputs.Json;
import io.cybershield.inputs.Trouble;
import io.cybershield.sigma.EventSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogLinesTest {

    private static final Instant NEAR = Instant.parse("2026-01-10T00:00:00Z");

    private record Told(Map<String, ?> fields, EventSource source, boolean counted) {}

    private static List<Told> decode(String... lines) {
        var told = new ArrayList<Told>();
        var records = new ArrayList<Batch.Raw>();
        for (String line : lines) {
            records.add(new Batch.Raw(records.size() + 1, Made.bytes(line)));
        }
        new LogLines(NEAR)
                .decode(
                        new Batch(new EventFile("x"), new LogLines(NEAR), records),
                        new Decoder.Sink() {
                            @Override
                            public void event(
                                    long number, Map<String, ?> fields, EventSource source) {
                                told.add(new Told(fields, source, true));
                            }

                            @Override
                            public void view(
                                    long number, Map<String, ?> fields, EventSource source) {
                                told.add(new Told(fields, source, false));
                            }

                            @Override
                            public void trouble(Trouble trouble) {}
                        });
        return told;
    }

    private static Told one(String line) {
        List<Told> told = decode(line);
        assertThat(told).hasSize(1);
        return told.getFirst();
    }

    @Test
    void understandsSyslogOfEachKind() {
        Told old =
                one(
                        "<38>Dec 31 23:59:58 web-01 sshd[39]: Failed password for invalid user bob"
                                + " from 203.0.113.9 port 52022 ssh2");
        assertThat(old.source().service()).isEqualTo("sshd");
        assertThat(old.fields())
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsEntry("@timestamp", "2025-12-31T23:59:58Z")
                .containsEntry("hostname", "web-01")
                .containsEntry("event", "login-failed")
                .containsEntry("user", "bob")
                .containsEntry("invalid_user", true)
                .containsEntry("src_ip", "203.0.113.9");
        Told modern =
                one(
                        "<34>1 2003-10-11T22:14:15.003Z mymachine su - ID47 [a@1 x=\"]\"] \ufeff'su"
                                + " root' failed");
        assertThat(modern.fields().get("message")).isEqualTo("'su root' failed");
        assertThat(modern.fields().get("@timestamp")).isEqualTo("2003-10-11T22:14:15.003Z");
        assertThat(modern.source().service()).isEqualTo("su");
        Told dated =
                one(
                        "2026-01-01T10:00:00.5+02:00 box sudo:   amy : TTY=pts/0 ; PWD=/ ;"
                                + " USER=root ; COMMAND=/bin/cat /etc/shadow");
        assertThat(dated.fields().get("@timestamp")).isEqualTo("2026-01-01T08:00:00.500Z");
        assertThat(dated.fields().get("CommandLine")).isEqualTo("/bin/cat /etc/shadow");
        assertThat(dated.source())
                .isEqualTo(new EventSource("linux", "process_creation", "sudo", null, null));
        assertThat(one("something else").source()).isEqualTo(EventSource.UNKNOWN);
    }

    @Test
    void decodesWhatTheAuditDaemonEncodes() {
        Told syscall =
                one(
                        "node=web-01 type=SYSCALL msg=audit(1795301994.638:1235): arch=c000003e"
                                + " syscall=59 success=no comm=6C73202D6C exe=\"/usr/bin/ls\""
                                + " key=(null)\u001dARCH=x86_64 SYSCALL=execve UID=\"root\"");
        assertThat(syscall.source()).isEqualTo(EventSource.of("linux", null, "auditd"));
        assertThat(syscall.fields())
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsEntry("type", "SYSCALL")
                .containsEntry("comm", "ls -l")
                .containsEntry("exe", "/usr/bin/ls")
                .containsEntry("SYSCALL", "execve")
                .containsEntry("UID", "root")
                .containsEntry("@timestamp", "2026-11-21T22:59:54.638Z")
                .doesNotContainKey("key");
        Told user =
                one(
                        "type=USER_AUTH msg=audit(1795301994.638:1236): pid=1 uid=0"
                                + " msg='op=PAM:authentication acct=\"bob\" exe=\"/usr/sbin/sshd\""
                                + " res=failed'");
        assertThat(user.fields())
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsEntry("acct", "bob")
                .containsEntry("res", "failed")
                .containsEntry("exe", "/usr/sbin/sshd");
    }

    @Test
    void putsAuditRecordsOfOneCallTogetherAsAProcessAndNewFiles() {
        List<Told> told =
                decode(
                        "type=SYSCALL msg=audit(1.000:7): syscall=59 success=yes"
                                + " exe=\"/usr/bin/curl\" pid=9 ppid=8 uid=33",
                        "type=EXECVE msg=audit(1.000:7): argc=3 a0=\"curl\" a1=\"-o\""
                                + " a2=2F746D702F61206200",
                        "type=CWD msg=audit(1.000:7): cwd=\"/srv\"",
                        "type=PATH msg=audit(1.000:7): item=1 name=\"new\" nametype=CREATE",
                        "type=SYSCALL msg=audit(1.000:8): syscall=59 success=no"
                                + " exe=\"/usr/bin/id\"",
                        "type=EXECVE msg=audit(1.000:8): argc=1 a0=\"id\"");
        assertThat(told).filteredOn(Told::counted).hasSize(6);
        assertThat(told).filteredOn(one -> !one.counted()).hasSize(2);
        Told process = told.get(4);
        assertThat(process.source().category()).isEqualTo("process_creation");
        assertThat(process.fields())
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsEntry("Image", "/usr/bin/curl")
                .containsEntry("CommandLine", "curl -o /tmp/a b")
                .containsEntry("CurrentDirectory", "/srv")
                .containsEntry("User", "33");
        assertThat(told.get(5).source().category()).isEqualTo("file_event");
        assertThat(told.get(5).fields().get("TargetFilename")).isEqualTo("/srv/new");
    }

    @Test
    void understandsWebServersAndJsonAmongTheLines() {
        Told web =
                one(
                        "web-01 198.51.100.21 - - [21/Nov/2026:22:59:58 +0000] \"GET /p.php?id=1'--"
                                + " HTTP/1.1\" 404 24 \"-\" \"sqlmap/1\"");
        assertThat(web.source().category()).isEqualTo("webserver");
        assertThat(web.fields())
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsEntry("cs-uri-query", "id=1'--")
                .containsEntry("sc-status", 404L)
                .containsEntry("cs-user-agent", "sqlmap/1")
                .doesNotContainKey("cs-referer");
        assertThat(
                        one("{\"SYSLOG_IDENTIFIER\":\"sshd\",\"MESSAGE\":\"Invalid user x from"
                                + " 1.2.3.4\",\"__REALTIME_TIMESTAMP\":\"1700000000000000\"}")
                                .fields()
                                .get("event"))
                .isEqualTo("invalid-user");
        assertThat(one("{\"_path\":\"dns\",\"ts\":1588205199.8,\"query\":\"x\"}").source())
                .isEqualTo(EventSource.of("zeek", "dns", "dns"));
    }

    /** Each rule that the product ships fires on its sample and stays quiet on the other. */
    @Test
    void shippedRulesFireOnTheirSamples(@TempDir Path folder, @TempDir Path rules)
            throws java.io.IOException {
        Path content = Path.of("..", "content", "sigma");
        Assumptions.assumeTrue(
                Files.exists(content), "the shipped rules are not beside the module");
        var wanted = new java.util.TreeMap<String, Object>();
        int number = 0;
        for (String line : Files.readAllLines(content.resolve("tests/samples.jsonl"))) {
            Map<String, Object> sample = Json.object(line);
            number++;
            for (String kind : List.of("fires", "quiet")) {
                Object record = sample.get(kind);
                String name = number + "-" + kind + ".log";
                Made.file(
                        folder,
                        name,
                        record instanceof String text
                                ? text
                                : io.cybershield.evtx.EvtxJson.write(record));
                wanted.put(name, sample.get("rule"));
            }
        }
        Ran ran =
                Ran.command(
                        "hunt",
                        "-r",
                        withoutCorrelations(content.resolve("rules"), rules),
                        "--summary",
                        folder);
        assertThat(ran.exit()).isZero();
        assertThat(ran.lines())
                .hasSize(wanted.size())
                .allSatisfy(line -> {
                    Map<String, Object> file = Json.object(line);
                    String name = file.get("file").toString();
                    assertThat(((Map<?, ?>) file.get("hits")).containsKey(wanted.get(name)))
                            .as(name + " " + wanted.get(name))
                            .isEqualTo(name.contains("fires"));
                });
    }

    /** A rule that feeds a correlation says nothing of its own, so each is asked without it. */
    private static Path withoutCorrelations(Path from, Path to) throws java.io.IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".yml")).toList()) {
                List<String> alone =
                        Arrays.stream(Files.readString(file).split("\\R---\\R", -1))
                                .filter(document -> !document.contains("\ncorrelation:"))
                                .toList();
                Files.writeString(
                        to.resolve(from.relativize(file).toString().replace('/', '-')),
                        String.join("\n---\n", alone) + "\n");
            }
        }
        return to;
    }
}
