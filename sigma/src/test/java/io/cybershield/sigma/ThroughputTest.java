package io.cybershield.sigma;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How fast one thread matches, with the naive interpreter beside it; figures go to the log. */
@Tag("long")
class ThroughputTest {

    private static final String[] SETS = {
        "atomic__windows__credential_access__host__cmd_dumping_ntds_dit_file_ntdsutil",
        "atomic__windows__lateral_movement__host__empire_msbuild_dcerpc_wmi_smb",
        "atomic__windows__credential_access__host__empire_mimikatz_lsadump_patch",
        "atomic__windows__defense_evasion__host__reg_cmd_process_commandline_logging_disabled"
    };

    @Test
    void matchesThousandsOfEventsASecond() {
        long start = System.nanoTime();
        List<SigmaRule> loaded = SharedData.evaluatedRules();
        long read = System.nanoTime();
        RuleSet rules = RuleSet.compile(loaded, WindowsFields.resolver(), Taxonomy.sysmon());
        long compiled = System.nanoTime();
        var events = new ArrayList<Event>();
        for (String set : SETS) {
            SharedData.lines(
                    "otrf/" + set + ".jsonl.gz",
                    line -> events.add(MapEvent.of(Json.object(line))));
        }
        System.out.printf(
                "%d rules: load %d ms, compile %d ms; %d events%n",
                loaded.size(),
                (read - start) / 1_000_000,
                (compiled - read) / 1_000_000,
                events.size());
        double best = 0;
        long hits = 0;
        for (int round = 0; round < 6; round++) {
            long from = System.nanoTime();
            hits = 0;
            for (Event event : events) {
                hits += rules.match(event).size();
            }
            double rate = events.size() / ((System.nanoTime() - from) / 1e9);
            System.out.printf("round %d: %,.0f events/s, %d hits%n", round, rate, hits);
            best = Math.max(best, rate);
        }
        assertThat(hits).isPositive();
        assertThat(best).isGreaterThan(5_000);
    }
}
