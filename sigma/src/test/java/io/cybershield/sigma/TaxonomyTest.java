package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaxonomyTest {

    private static List<String> hits(Taxonomy taxonomy, String logSource, Event event) {
        String text =
                """
                title: t
                id: t
                logsource: {%s}
                detection:
                    sel:
                        Image|endswith: '\\cmd.exe'
                        ParentProcessId: 7
                    any:
                        other: x
                    condition: 1 of *
                """
                        .formatted(logSource);
        LoadReport report = new RuleLoader().load(List.of(new RuleSource("t.yml", text)));
        assertThat(report.refused()).isEmpty();
        return RuleSet.compile(report.rules(), WindowsFields.resolver(), taxonomy)
                .match(event)
                .stream()
                .map(hit -> hit.rule().id())
                .toList();
    }

    private static MapEvent windows(String channel, int id, Map<String, Object> more) {
        var fields = new java.util.HashMap<String, Object>(more);
        fields.put("Channel", channel);
        fields.put("EventID", id);
        return MapEvent.of(fields);
    }

    private static MapEvent other(EventSource source) {
        return MapEvent.of(Map.of("other", "x"), source);
    }

    @Test
    void processCreationComesFromSysmonAndWhenAskedFromSecurity() {
        String source = "category: process_creation, product: windows";
        var sysmon =
                windows(
                        "Microsoft-Windows-Sysmon/Operational",
                        1,
                        Map.of("Image", "C:\\cmd.exe", "ParentProcessId", 7));
        var security =
                windows(
                        "security",
                        4688,
                        Map.of("NewProcessName", "C:\\cmd.exe", "ProcessId", 7, "NewProcessId", 8));
        assertThat(hits(Taxonomy.sysmon(), source, sysmon)).hasSize(1);
        assertThat(hits(Taxonomy.sysmon(), source, security)).isEmpty();
        assertThat(hits(Taxonomy.windows(), source, sysmon)).hasSize(1);
        assertThat(hits(Taxonomy.windows(), source, security)).hasSize(1);
        var network = windows("Microsoft-Windows-Sysmon/Operational", 3, Map.of("other", "x"));
        assertThat(hits(Taxonomy.windows(), source, network)).isEmpty();
        assertThat(hits(Taxonomy.windows(), "product: windows", network)).hasSize(1);
        assertThat(hits(Taxonomy.windows(), "product: linux", network)).isEmpty();
    }

    @Test
    void aServiceIsAChannel() {
        var event =
                windows(
                        "Microsoft-Windows-Windows Defender/Operational",
                        1116,
                        Map.of("other", "x"));
        assertThat(hits(Taxonomy.windows(), "product: windows, service: windefend", event))
                .hasSize(1);
        assertThat(hits(Taxonomy.windows(), "product: windows, service: security", event))
                .isEmpty();
        assertThat(hits(Taxonomy.windows(), "product: windows, service: unheard-of", event))
                .isEmpty();
    }

    @Test
    void linuxServicesGatherInAuthAndSyslog() {
        var sshd = other(EventSource.of("linux", null, "sshd"));
        assertThat(hits(Taxonomy.windows(), "product: linux, service: sshd", sshd)).hasSize(1);
        assertThat(hits(Taxonomy.windows(), "product: linux, service: auth", sshd)).hasSize(1);
        assertThat(hits(Taxonomy.windows(), "product: linux, service: syslog", sshd)).hasSize(1);
        assertThat(hits(Taxonomy.windows(), "product: linux, service: auditd", sshd)).isEmpty();
        assertThat(hits(Taxonomy.windows(), "product: linux", sshd)).hasSize(1);
    }

    @Test
    void otherProductsGoByTheirWords() {
        var web = other(EventSource.of("apache", "webserver", null));
        assertThat(hits(Taxonomy.windows(), "category: webserver", web)).hasSize(1);
        assertThat(hits(Taxonomy.windows(), "category: proxy", web)).isEmpty();
        var cloud = other(EventSource.of("aws", null, "cloudtrail"));
        assertThat(hits(Taxonomy.windows(), "product: aws, service: cloudtrail", cloud)).hasSize(1);
        assertThat(hits(Taxonomy.windows(), "product: aws, service: other", cloud)).isEmpty();
        assertThat(hits(Taxonomy.windows(), "product: aws", other(EventSource.UNKNOWN))).isEmpty();
    }
}
