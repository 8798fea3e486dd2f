package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every rule fires on the sample that its authors keep for it. */
class RegressionTest {

    @SuppressWarnings("unchecked")
    private static MapEvent event(Object record) {
        return MapEvent.of((Map<String, Object>) record);
    }

    @Test
    void everyRuleFiresOnItsOwnSample() {
        RuleSet rules =
                RuleSet.compile(
                        SharedData.rules().rules(), WindowsFields.resolver(), Taxonomy.windows());
        Map<String, String> samples = new HashMap<>();
        SharedData.zip(
                "sigma/regression-dev.zip",
                (name, bytes) -> samples.put(name, new String(bytes, StandardCharsets.UTF_8)));
        List<String> silent = new ArrayList<>();
        int[] fired = {0};
        SharedData.lines(
                "sigma/regression-dev-manifest.jsonl",
                line -> {
                    Map<String, Object> wanted = Json.object(line);
                    Object path = wanted.get("json");
                    String sample = path == null ? null : samples.get(path.toString());
                    if (sample == null) {
                        return;
                    }
                    boolean fires =
                            Json.all(sample).stream()
                                    .flatMap(event -> rules.match(event(event)).stream())
                                    .anyMatch(hit -> hit.rule().id().equals(wanted.get("rule_id")));
                    if (fires) {
                        fired[0]++;
                    } else {
                        silent.add(wanted.get("rule_path").toString());
                    }
                });
        assertThat(silent).isEmpty();
        assertThat(fired[0]).isEqualTo(110);
    }
}
