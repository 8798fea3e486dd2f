package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SharedRulesTest {

    @Test
    void everyFileLoadsOrIsRefused() {
        LoadReport report = SharedData.rules();
        report.refused().forEach(r -> System.out.println(r.reason() + " " + r));
        System.out.println(
                (Object)
                        report.refused().stream()
                                .collect(
                                        Collectors.groupingBy(
                                                Refusal::reason,
                                                TreeMap::new,
                                                Collectors.counting())));
        System.out.println(
                (Object)
                        report.warnings().stream()
                                .collect(
                                        Collectors.groupingBy(
                                                w -> w.problem().replaceAll("'[^']*'", "'x'"),
                                                TreeMap::new,
                                                Collectors.counting())));
        assertThat(report.files()).isEqualTo(2711);
        assertThat(report.loadedFiles() + report.refusedFiles()).isEqualTo(2711);
    }
}
