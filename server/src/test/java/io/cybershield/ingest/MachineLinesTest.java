package io.cybershield.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.ingest.Door.Line;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** CEF, LEEF and the audit daemon, as OCSF. */
class MachineLinesTest {
    private static final String CALL =
            """
            node=web-01 type=SYSCALL msg=audit(1795301994.638:7): arch=c000003e syscall=59 success=yes ppid=8 pid=9 auid=1000 uid=33 exe="/usr/bin/curl" key="exec"
            node=web-01 type=EXECVE msg=audit(1795301994.638:7): argc=3 a0="curl" a1="-o" a2="/tmp/a"
            node=web-01 type=CWD msg=audit(1795301994.638:7): cwd="/srv\"\
            """;

    private static List<Line> lines(String text) {
        var lines = new ArrayList<Line>();
        for (String one : text.split("\n")) {
            lines.add(new Line(lines.size() + 1, "syslog", one.getBytes(UTF_8)));
        }
        return lines;
    }

    private static List<Event> events(String text) {
        return AuditMapper.together(lines(text)).stream()
                .map(line -> TestEvents.of(line.format(), line.body()))
                .toList();
    }

    @Test
    void recordsThatComeTogetherAreOneEvent() {
        List<Event> events = events(CALL + "\nNov 20 04:05:06 h cron[1]: x\n" + CALL);
        assertThat(events).hasSize(2);
        Event event = events.getFirst();
        assertThat(event.className()).isEqualTo("Process Activity");
        assertThat(event.activity()).isEqualTo("Launch");
        assertThat(event.host()).isEqualTo("web-01");
        assertThat(event.value("ocsf.process.cmd_line")).isEqualTo("curl -o /tmp/a");
        assertThat(event.value("ocsf.process.path")).isEqualTo("/usr/bin/curl");
        assertThat(event.value("ocsf.process.pid")).isEqualTo(9);
        assertThat(event.value("ocsf.actor.user.name")).isEqualTo("1000");
        assertThat(event.value("type")).isEqualTo(List.of("SYSCALL", "EXECVE", "CWD"));
        assertThat(event.value("CurrentDirectory")).isEqualTo("/srv");
        assertThat(event.origin().category()).isEqualTo("process_creation");
        assertThat(event.raw().lines().count()).isEqualTo(6); // the second time it was sent, too
    }

    @Test
    void recordsThatComeApartAreTiedAndSayNoMoreThanTheyKnow() {
        String[] lines = CALL.split("\n");
        Event call = TestEvents.of("syslog", lines[0]);
        Event arguments = TestEvents.of("syslog", lines[1]);
        Event folder = TestEvents.of("syslog", lines[2]);
        assertThat(call.value("ocsf.process.path")).isEqualTo("/usr/bin/curl");
        assertThat(call.value("ocsf.process.cmd_line")).isNull();
        assertThat(arguments.value("ocsf.process.cmd_line")).isEqualTo("curl -o /tmp/a");
        assertThat(arguments.value("ocsf.process.path")).isNull();
        assertThat(folder.classUid()).isZero();
        assertThat(folder.parsed()).isTrue();
        assertThat(arguments.value("ocsf.metadata.correlation_uid"))
                .isEqualTo(call.value("ocsf.metadata.correlation_uid"))
                .isEqualTo(folder.value("ocsf.metadata.correlation_uid"));
    }

    @Test
    void signInsFilesAndAccountsOfTheAuditDaemonAreWhatTheyAre() {
        Event login =
                TestEvents.of(
                        "syslog",
                        "<85>Nov 21 11:05:06 gate audispd: type=USER_AUTH"
                                + " msg=audit(1795301994.638:8): pid=1 uid=0 auid=4294967295"
                                + " msg='op=PAM:authentication acct=\"bob\" exe=\"/usr/sbin/sshd\""
                                + " hostname=? addr=10.20.0.32 terminal=ssh res=failed'");
        assertThat(login.className()).isEqualTo("Authentication");
        assertThat(login.host()).isEqualTo("gate");
        assertThat(login.user()).isEqualTo("bob");
        assertThat(login.value("ocsf.status_id")).isEqualTo(2);
        assertThat(login.value("ocsf.src_endpoint.ip")).isEqualTo("10.20.0.32");
        Event file =
                events(
                                "type=SYSCALL msg=audit(1.0:9): arch=c000003e syscall=82"
                                    + " success=yes pid=4 exe=\"/bin/mv\"\n"
                                    + "type=PATH msg=audit(1.0:9): name=\"/a\" nametype=DELETE\n"
                                    + "type=PATH msg=audit(1.0:9): name=\"/b\" nametype=CREATE")
                        .getFirst();
        assertThat(file.activity()).isEqualTo("Rename");
        assertThat(file.value("ocsf.file.path")).isEqualTo("/a");
        assertThat(file.value("ocsf.file_result.path")).isEqualTo("/b");
        Event account =
                TestEvents.of(
                        "syslog",
                        "type=USER_CHAUTHTOK msg=audit(1.0:9): pid=2 msg='op=PAM:chauthtok"
                                + " acct=\"eve\" exe=\"/usr/sbin/chpasswd\" res=success'");
        assertThat(account.className()).isEqualTo("Account Change");
        assertThat(account.user()).isEqualTo("eve");
    }

    @Test
    void whatSecurityProductsSayKeepsItsWeightAndItsParties() {
        Event threat =
                TestEvents.of(
                        "syslog",
                        "<134>Nov 21 11:00:00 fw1 CEF:0|Security|threatmanager|1.0|100|worm"
                                + " stopped|10|src=10.0.0.1 dst=2.1.2.2 spt=1232 act=blocked"
                                + " suser=eve fname=/tmp/a.bin cs1=red cs1Label=zone odd=kept");
        assertThat(threat.className()).isEqualTo("Detection Finding");
        assertThat(threat.severityId()).isEqualTo(5);
        assertThat(threat.host()).isEqualTo("fw1");
        assertThat(threat.user()).isEqualTo("eve");
        assertThat(threat.value("ocsf.finding_info.title")).isEqualTo("worm stopped");
        assertThat(threat.value("ocsf.metadata.product.vendor_name")).isEqualTo("Security");
        assertThat(threat.value("ocsf.disposition_id")).isEqualTo(2);
        assertThat(threat.value("ocsf.unmapped.odd")).isEqualTo("kept");
        assertThat(threat.value("zone")).isEqualTo("red");
        Event flow =
                TestEvents.of(
                        "syslog",
                        "LEEF:1.0|WatchGuard|XTM|12.8|30000148|disp=Deny\tsrc=1.2.3.4"
                                + "\tsrcPort=35186\tdst=192.168.1.2\tdstPort=6379\tproto=TCP");
        assertThat(flow.className()).isEqualTo("Network Activity");
        assertThat(flow.activity()).isEqualTo("Refuse");
        assertThat(flow.value("ocsf.dst_endpoint.port")).isEqualTo(6379);
        assertThat(flow.value("ocsf.connection_info.protocol_name")).isEqualTo("tcp");
        assertThat(flow.origin().category()).isEqualTo("firewall");
        Event login =
                TestEvents.of(
                        "syslog",
                        "CEF:0|Fortinet|Fortigate|v6|32002|event:system login failed|4|duser=admin"
                                + " src=10.0.0.9");
        assertThat(login.className()).isEqualTo("Authentication");
        assertThat(login.value("ocsf.status_id")).isEqualTo(2);
    }

    @Test
    void whatCannotBeReadSaysWhy() {
        Event broken = TestEvents.of("syslog", "<13>Nov 21 11:00:00 fw1 CEF:0|Vendor|Product");
        assertThat(broken.parsed()).isFalse();
        assertThat(broken.host()).isEqualTo("fw1");
        assertThat(broken.value("ocsf.status_detail")).asString().contains("2 of its 7 parts");
        assertThat(TestEvents.of("syslog", "anything").value("ocsf.status_detail"))
                .asString()
                .contains("no header of syslog");
    }

    @Test
    void allOfItIsOcsf() throws IOException {
        Path shared = Path.of(System.getProperty("cybershield.shared", ""), "data/siem");
        Assumptions.assumeTrue(
                Files.exists(shared.resolve("ocsf/ocsf-schema.zip")),
                "shared OCSF schema is absent");
        OcsfSchema schema = OcsfSchema.read(shared.resolve("ocsf/ocsf-schema.zip"));
        var classes = new TreeMap<String, Integer>();
        String recorded = Files.readString(Path.of("../content/demo/linux-intrusion/audit.log"));
        var all = new ArrayList<>(events(recorded));
        recorded.lines().limit(300).forEach(line -> all.add(TestEvents.of("syslog", line)));
        for (String line :
                List.of(
                        "CEF:0|S|t|1|100|worm stopped|10|src=10.0.0.1 act=blocked"
                                + " request=http://a/b fname=a.exe suser=x msg=y",
                        "CEF:0|S|t|1|100|flow|3|src=10.0.0.1 dst=10.0.0.2 dpt=99 act=accept"
                                + " deviceDirection=1 proto=TCP",
                        "CEF:0|S|t|1|100|flow|3|shost=a.example dhost=b.example act=Odd",
                        "CEF:0|S|t|1|100|page|3|src=10.0.0.1 requestMethod=get act=deny"
                                + " request=http://a.example/ http_code=403",
                        "CEF:0|S|t|1|100|logout|Low|suser=bob",
                        "CEF:0||||||",
                        "LEEF:1.0||||",
                        "LEEF:2.0|V|P|1|42|^|cat=login^usrName=bob^devTime=1789818565000",
                        "CEF:0|V|P")) {
            all.add(TestEvents.of("syslog", line));
        }
        for (Event event : all) {
            assertThat(schema.problems(event.ocsf())).as(event.raw()).isEmpty();
            classes.merge(event.className(), 1, Integer::sum);
        }
        assertThat(classes)
                .containsKeys(
                        "Process Activity",
                        "Authentication",
                        "File System Activity",
                        "Account Change",
                        "Detection Finding",
                        "HTTP Activity",
                        "Network Activity");
    }
}
