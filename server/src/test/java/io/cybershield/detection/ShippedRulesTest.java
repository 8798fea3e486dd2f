package io.cybershield.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.ingest.TestEvents;
import io.cybershield.sigma.RuleSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Each rule that we ship finds its sample and leaves the harmless one alone. */
class ShippedRulesTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private final ShippedRules shipped = new ShippedRules();

    @Test
    void everyRuleLoads() {
        assertThat(shipped.reading().refusals()).isEmpty();
        assertThat(shipped.reading().rules()).hasSizeGreaterThanOrEqualTo(25);
        assertThat(shipped.reading().rules())
                .allSatisfy(rule -> {
                    assertThat(rule.license()).isEqualTo("Apache-2.0");
                    assertThat(rule.techniques()).isNotEmpty();
                });
    }

    @Test
    void everyRuleFiresOnItsSampleAndNotOnTheHarmlessOne() throws IOException {
        RuleSet set = RuleReading.compile(shipped.reading().rules());
        Set<String> proven = new HashSet<>();
        for (String line : Files.readAllLines(Path.of("../content/sigma/tests/samples.jsonl"))) {
            JsonNode sample = JSON.readTree(line);
            String rule = sample.get("rule").asString();
            String format = sample.get("format").asString();
            assertThat(found(set, format, sample.get("fires").asString()))
                    .as(sample.get("file").asString() + " on its sample")
                    .contains(rule);
            assertThat(found(set, format, sample.get("quiet").asString()))
                    .as(sample.get("file").asString() + " on the harmless one")
                    .doesNotContain(rule);
            proven.add(rule);
        }
        assertThat(shipped.reading().rules()).allMatch(rule -> proven.contains(rule.id()));
    }

    private static List<String> found(RuleSet set, String format, String raw) {
        return set.match(new StreamEvent(TestEvents.of(format, raw))).stream()
                .map(hit -> hit.rule().id())
                .toList();
    }
}
