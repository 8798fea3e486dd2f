package io.cybershield.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SyslogLineTest {
    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

    @Test
    void examplesOfTheStandardsGiveTheirFields() throws IOException {
        Path file =
                Path.of(
                        System.getProperty("cybershield.shared", ""),
                        "data/siem/syslog/format-examples.jsonl");
        Assumptions.assumeTrue(Files.exists(file), "shared syslog examples are absent");
        int checked = 0;
        for (String text : Files.readAllLines(file)) {
            JsonNode example = JsonMapper.shared().readTree(text);
            if (!example.get("format").asString().startsWith("rfc")) {
                continue;
            }
            SyslogLine line = SyslogLine.parse(example.get("raw").asString(), NOW);
            JsonNode expected = example.get("expected");
            String name = example.get("source").asString();
            assertThat(line.facility()).as(name).isEqualTo(expected.get("facility").asInt());
            assertThat(line.severity()).as(name).isEqualTo(expected.get("severity").asInt());
            check(expected, "hostname", line.host(), name);
            check(expected, "app_name", line.app(), name);
            check(expected, "procid", line.pid(), name);
            check(expected, "msgid", line.messageId(), name);
            if (expected.hasNonNull("message")) {
                assertThat(line.message()).as(name).isEqualTo(expected.get("message").asString());
            }
            if (expected.hasNonNull("timestamp")) {
                assertThat(line.time())
                        .as(name)
                        .isEqualTo(Instant.parse(expected.get("timestamp").asString()));
            }
            if (expected.has("structured_data")) {
                assertThat(line.structured().toString())
                        .as(name)
                        .isEqualTo(
                                JsonMapper.shared()
                                        .convertValue(
                                                expected.get("structured_data"),
                                                java.util.Map.class)
                                        .toString());
            }
            checked++;
        }
        assertThat(checked).isGreaterThanOrEqualTo(10);
    }

    private static void check(JsonNode expected, String field, String got, String name) {
        if (expected.has(field)) {
            assertThat(got)
                    .as(name + ": " + field)
                    .isEqualTo(
                            expected.get(field).isNull() ? null : expected.get(field).asString());
        }
    }

    @Test
    void aDateWithoutAYearIsTheLatestThatIsNotAhead() {
        assertThat(SyslogLine.parse("Dec 31 23:59:59 h a: m", NOW).time())
                .isEqualTo(Instant.parse("2025-12-31T23:59:59Z"));
        assertThat(SyslogLine.parse("Feb 28 23:59:59 h a: m", NOW).time())
                .isEqualTo(Instant.parse("2026-02-28T23:59:59Z"));
        assertThat(SyslogLine.parse("Feb 29 23:59:59 h a: m", NOW).time())
                .isEqualTo(Instant.parse("2024-02-29T23:59:59Z"));
    }

    @Test
    void whatIsNoSyslogStaysWhole() {
        SyslogLine line = SyslogLine.parse("<999>no such priority", NOW);
        assertThat(line.message()).isEqualTo("<999>no such priority");
        assertThat(line.headed()).isFalse();
    }
}
