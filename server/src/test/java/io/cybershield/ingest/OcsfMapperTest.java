package io.cybershield.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import tools.jackson.core.type.TypeReference;

class OcsfMapperTest {
    static final String VULNERABILITY =
            """
            {"class_uid":2002,"activity_id":1,"severity_id":5,"time":1700000000000,"status_id":1,
             "metadata":{"version":"1.3.0","product":{"name":"Scanner","vendor_name":"Acme"}},
             "finding_info":{"uid":"f-1","title":"OpenSSL needs an update","types":["Software"]},
             "device":{"hostname":"web-1","type_id":1},
             "vulnerabilities":[{"title":"x","is_exploit_available":true,"is_fix_available":true,
               "cve":{"uid":"CVE-2026-1","cvss":[{"version":"3.1","base_score":9.8}]},
               "affected_packages":[{"name":"openssl","version":"3.0.1","fixed_in_version":"3.0.9"}]}]}
            """;
    static final String CONTROL =
            """
            {"class_uid":2003,"activity_id":2,"severity_id":3,"time":1700000000000,
             "metadata":{"version":"1.1.0","product":{"name":"Security Hub","vendor_name":"AWS"}},
             "finding_info":{"uid":"f-2","title":"Config should be enabled"},
             "compliance":{"control":"Config.1","standards":["pci-dss"],"status":"FAILED"},
             "resource":{"uid":"AWS::::Account:1","type":"AwsAccount"},
             "remediation":{"desc":"Enable it.","references":["https://example.org/fix"]}}
            """;
    static final String DEVICE =
            """
            {"class_uid":5001,"activity_id":2,"severity_id":1,"time":1700000000000,
             "metadata":{"version":"1.3.0","product":{"name":"Inventory"}},
             "device":{"hostname":"laptop-7","ip":"10.0.0.7","type_id":2}}
            """;

    @Test
    void aVulnerabilityFindingKeepsWhatItSays() {
        Event event = TestEvents.of("json", VULNERABILITY);
        assertThat(event.classUid()).isEqualTo(2002);
        assertThat(event.host()).isEqualTo("web-1");
        assertThat(event.severityId()).isEqualTo(5);
        assertThat(event.message()).isEqualTo("OpenSSL needs an update");
        assertThat(event.value("ocsf.finding_info.uid")).isEqualTo("f-1");
        assertThat(event.value("ocsf.metadata.product.name")).isEqualTo("Scanner");
        assertThat(event.value("vulnerabilities")).isInstanceOf(List.class);
        assertThat(String.valueOf(event.value("ocsf.vulnerabilities")))
                .contains("CVE-2026-1", "9.8", "openssl", "3.0.9");
    }

    @Test
    void aFailedControlSaysSoAndWhatToDo() {
        Event event = TestEvents.of("json", CONTROL);
        assertThat(event.classUid()).isEqualTo(2003);
        assertThat(event.activity()).isEqualTo("Update");
        assertThat(event.value("ocsf.compliance.status_id")).isEqualTo(3);
        assertThat(event.value("ocsf.compliance.control")).isEqualTo("Config.1");
        assertThat(event.value("ocsf.remediation.desc")).isEqualTo("Enable it.");
        assertThat(event.host()).as("an account is no machine").isNull();
    }

    /** Posture scanners tell a check as a detection; its detail says passed or failed. */
    @Test
    void aPostureCheckIsAComplianceFinding() throws IOException {
        Path zip =
                Path.of(
                        System.getProperty("cybershield.shared", ""),
                        "data/siem/ocsf/ocsf-mapping-samples-dev.zip");
        Assumptions.assumeTrue(Files.exists(zip), "shared OCSF samples are absent");
        Map<String, Object> sample;
        try (var files = new java.util.zip.ZipInputStream(Files.newInputStream(zip))) {
            var entry = files.getNextEntry();
            while (!entry.getName().endsWith("prowler.ocsf")) {
                entry = files.getNextEntry();
            }
            sample = Normaliser.JSON.readValue(files.readAllBytes(), new TypeReference<>() {});
        }
        Event passed = TestEvents.of("json", Normaliser.JSON.writeValueAsString(sample));
        assertThat(passed.classUid()).isEqualTo(2003);
        assertThat(passed.value("ocsf.compliance.status_id")).isEqualTo(1);
        assertThat(passed.value("ocsf.compliance.control"))
                .isEqualTo("acm_certificates_expiration_check");
        sample.put("status_code", "FAIL");
        Event failed = TestEvents.of("json", Normaliser.JSON.writeValueAsString(sample));
        assertThat(failed.value("ocsf.compliance.status_id")).isEqualTo(3);
    }

    @Test
    void aDeviceOfAnInventoryIsAHost() {
        Event event = TestEvents.of("json", DEVICE);
        assertThat(event.classUid()).isEqualTo(5001);
        assertThat(event.host()).isEqualTo("laptop-7");
        assertThat(event.value("ocsf.device.ip")).isEqualTo("10.0.0.7");
    }

    @Test
    void whatLacksItsObjectsIsReadAsAnyOtherRecord() {
        for (String broken :
                List.of(
                        "{\"class_uid\":2002}",
                        VULNERABILITY.replace("\"version\":\"1.3.0\",", ""),
                        VULNERABILITY.replace("\"uid\":\"f-1\",", ""),
                        VULNERABILITY.replace("\"vulnerabilities\":[", "\"nothing\":["),
                        CONTROL.replace("\"compliance\":", "\"else\":"),
                        DEVICE.replace("\"hostname\":\"laptop-7\",", ""))) {
            Event event = TestEvents.of("json", broken);
            assertThat(event.classUid()).as(broken).isZero();
            assertThat(event.fields()).containsKey("class_uid");
        }
    }
}
