package io.cybershield.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.inputs.DeviceEvent.Kind;
import io.cybershield.inputs.DeviceEvent.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DeviceEventTest {
    private static final Instant NEAR = Instant.parse("2026-11-01T00:00:00Z");

    static DeviceEvent read(String line) {
        assertThat(LogLine.read(line, NEAR)).as(line).isInstanceOf(LogLine.Device.class);
        return ((LogLine.Device) LogLine.read(line, NEAR)).event();
    }

    @Test
    void examplesOfTheFormatGuidesGiveTheirFields() throws IOException {
        Path file =
                Path.of(
                        System.getProperty("cybershield.shared", ""),
                        "data/siem/syslog/format-examples.jsonl");
        Assumptions.assumeTrue(Files.exists(file), "shared syslog examples are absent");
        int checked = 0;
        for (String text : Files.readAllLines(file)) {
            JsonNode example = JsonMapper.shared().readTree(text);
            String format = example.get("format").asString();
            if (!format.equals("cef") && !format.equals("leef")) {
                continue;
            }
            DeviceEvent event = read(example.get("raw").asString());
            JsonNode expected = example.get("expected");
            String name = example.get("source").asString();
            assertThat(event.format().name()).isEqualToIgnoringCase(format);
            same(expected, "device_vendor", event.vendor(), name);
            same(expected, "device_product", event.product(), name);
            same(expected, "device_version", event.version(), name);
            same(expected, "signature_id", event.id(), name);
            same(expected, "name", event.name(), name);
            same(expected, "severity", event.severity(), name);
            same(expected, "leef_version", event.formatVersion(), name);
            same(expected, "vendor", event.vendor(), name);
            same(expected, "product", event.product(), name);
            same(expected, "product_version", event.version(), name);
            same(expected, "event_id", event.id(), name);
            JsonNode attributes =
                    expected.get(expected.has("extension") ? "extension" : "attributes");
            assertThat(event.attributes())
                    .as(name)
                    .isEqualTo(JsonMapper.shared().convertValue(attributes, Map.class));
            checked++;
        }
        assertThat(checked).isGreaterThanOrEqualTo(8);
    }

    private static void same(JsonNode expected, String field, String got, String name) {
        if (expected.has(field)) {
            assertThat(got).as(name + ": " + field).isEqualTo(expected.get(field).asString());
        }
    }

    @Test
    void valuesHoldBlanksPipesAndQueriesAndLabelsNameThem() {
        DeviceEvent event =
                read(
                        "CEF:0|F5|ASM|15.1|2|Request passed|2|act=passed with | care cs1=/Common/x"
                                + " cs1Label=policy name cn1=200 cn1Label="
                                + " request=https://a.example/?q=1&r=2 fname=C:\\\\temp\\\\a b.exe"
                                + " msg=two\\nlines trailing=  ");
        assertThat(event.attributes())
                .containsEntry("act", "passed with | care")
                .containsEntry("request", "https://a.example/?q=1&r=2")
                .containsEntry("fname", "C:\\temp\\a b.exe")
                .containsEntry("msg", "two\nlines")
                .containsEntry("trailing", "");
        assertThat(event.fields())
                .containsEntry("policy name", "/Common/x")
                .containsEntry("cs1", "/Common/x")
                .containsEntry("deviceVendor", "F5")
                .doesNotContainKey("");
    }

    @Test
    void headersOfSyslogOfEachKindMayStandInFront() {
        for (String before :
                new String[] {
                    "",
                    "<34>",
                    "ASM:",
                    "Sep 19 08:26:10 fw1 ",
                    "<13>Sep 19 08:26:10 fw1 ",
                    "<13>1 2026-09-19T08:26:10Z fw1 app 12 - [a@1 x=\"y ]\"] ",
                    "<13>1 2026-09-19T08:26:10Z fw1 app 12 - - \uFEFF"
                }) {
            var line =
                    (LogLine.Device)
                            LogLine.read(before + "CEF:0|V|P|1|7|Name|5|src=10.0.0.1", NEAR);
            assertThat(line.event().vendor()).as(before).isEqualTo("V");
            assertThat(line.header() == null ? null : line.header().host())
                    .as(before)
                    .isEqualTo(before.contains("fw1") ? "fw1" : null);
        }
        assertThat(LogLine.read("<13>Sep 19 08:26:10 h app: we now speak CEF:0|V|P", NEAR))
                .isInstanceOf(LogLine.Syslog.class);
    }

    @Test
    void leefTakesTheDelimiterThatItDeclaresAndTheTabsThatRsyslogEscapes() {
        for (String declared : new String[] {"^", "x5e", "0x5E", "x5E"}) {
            assertThat(read("LEEF:2.0|V|P|1|7|" + declared + "|a=1^b=x = y").attributes())
                    .isEqualTo(Map.of("a", "1", "b", "x = y"));
        }
        assertThat(read("LEEF:2.0|V|P|1|7|x09|a=1\tb=2").attributes()).containsEntry("b", "2");
        assertThat(read("LEEF:2.0|V|P|1|7||a=1\tb=2").attributes()).containsEntry("b", "2");
        assertThat(read("LEEF:2.0|V|P|1|7|a=1|2\tb=2").attributes()).containsEntry("a", "1|2");
        assertThat(read("LEEF:1.0|V|P|1|7|a=1#011b=2").attributes()).containsEntry("b", "2");
    }

    @Test
    void aHeaderCutShortIsBrokenAndSaysWhy() {
        for (String line :
                new String[] {"CEF:0|Vendor|Product|1", "<13>Sep 19 08:26:10 h LEEF:1.0|V|P"}) {
            assertThat(LogLine.read(line, NEAR)).isInstanceOf(LogLine.Broken.class);
            assertThat(((LogLine.Broken) LogLine.read(line, NEAR)).reason())
                    .contains("the header has")
                    .contains("it must be");
        }
    }

    @Test
    void timesAreReadAsTheirSendersWriteThem() {
        Instant at = Instant.parse("2026-09-19T11:49:25Z");
        for (String written :
                new String[] {
                    "rt=1789818565000",
                    "rt=Sep 19 2026 11:49:25",
                    "rt=Sep 19 11:49:25",
                    "rt=Sep 19 2026 11:49:25.000 GMT+00:00",
                    "rt=Sep 19 2026 13:49:25 +02:00",
                    "rt=2026-09-19T11:49:25Z"
                }) {
            assertThat(read("CEF:0|V|P|1|7|N|5|" + written).time(NEAR)).as(written).isEqualTo(at);
        }
        assertThat(
                        read("LEEF:1.0|V|P|1|7|devTime=2026/09/19 13.49.25 +0200"
                                        + "\tdevTimeFormat=yyyy/MM/dd HH.mm.ss Z")
                                .time(NEAR))
                .isEqualTo(at);
        assertThat(read("CEF:0|V|P|1|7|N|5|rt=Sep 19 2026 11:49:25 Nowhere").time(NEAR)).isNull();
        assertThat(read("CEF:0|V|P|1|7|N|5|").time(NEAR)).isNull();
    }

    @Test
    void tellsWhatItIsAbout() {
        DeviceEvent login =
                read("CEF:0|Fortinet|Fortigate|6|32002|event:system login failed|7|duser=admin");
        assertThat(login.kind()).isEqualTo(Kind.LOGIN);
        assertThat(login.succeeded()).isFalse();
        assertThat(read("CEF:0|S|t|1|100|worm stopped|3|src=10.0.0.1 dst=2.1.2.2").kind())
                .isEqualTo(Kind.DETECTION);
        assertThat(read("CEF:0|S|t|1|100|odd|Very-High|").kind()).isEqualTo(Kind.DETECTION);
        DeviceEvent flow =
                read("LEEF:1.0|WatchGuard|XTM|12|3|disp=Deny\tsrc=1.2.3.4\tdst=5.6.7.8\tsrcPort=7");
        assertThat(flow.kind()).isEqualTo(Kind.NETWORK);
        assertThat(flow.verdict()).isEqualTo(Verdict.BLOCKED);
        assertThat(flow.logCategory()).isEqualTo("firewall");
        assertThat(flow.fields()).containsEntry("src_port", "7").containsEntry("action", "Deny");
        assertThat(
                        read("CEF:0|Z|NSS|1|1|Allowed|2|act=Allowed requestMethod=GET"
                                        + " request=http://a.example/ src=10.0.0.1 dst=5.6.7.8")
                                .kind())
                .isEqualTo(Kind.WEB);
        assertThat(read("CEF:0|Z|NSS|1|1|Restarted|2|").kind()).isEqualTo(Kind.OTHER);
    }

    @Test
    void aLineOfOneMegabyteIsReadInOnePass() {
        String pairs = "k=v ".repeat(250_000);
        DeviceEvent event = read("CEF:0|v|p|1|i|n|5|" + pairs);
        assertThat(event.attributes()).hasSize(1);
        String different =
                java.util.stream.IntStream.range(0, 100_000)
                        .mapToObj(i -> "k" + i + "=v")
                        .collect(java.util.stream.Collectors.joining(" "));
        assertThat(read("CEF:0|v|p|1|i|n|5|" + different).attributes())
                .hasSize(DeviceEvents.MOST_ATTRIBUTES);
        assertThat(LogLine.read("=".repeat(1 << 20) + "CEF:0|", NEAR))
                .isInstanceOf(LogLine.Plain.class);
    }
}
