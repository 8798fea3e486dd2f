package io.cybershield.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.cli.DoctorCommand.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {
    @Test
    void saysWhatIsNotSeenWithoutAFileOfPlaces() {
        assertThat(DoctorCommand.places(null).text())
                .contains("CYBERSHIELD_ACCESS_GEO", "countries and distances");
    }

    @Test
    void aBrokenFileOfPlacesFails(@TempDir Path folder) throws IOException {
        Path broken = Files.writeString(folder.resolve("broken.mmdb"), "no places");
        assertThat(DoctorCommand.places(broken.toString()).verdict()).isEqualTo(Verdict.FAIL);
        assertThat(DoctorCommand.places(folder.resolve("none").toString()).verdict())
                .isEqualTo(Verdict.FAIL);
    }

    @Test
    void saysHowLongEventsAreKeptAndRefusesWhatIsNoNumberOfDays() {
        assertThat(DoctorCommand.events(null).text())
                .contains("for ever", "CYBERSHIELD_EVENTS_KEPT_DAYS");
        for (String days : List.of("1", "30", "9999", "36500")) {
            assertThat(DoctorCommand.events(days).verdict()).as(days).isEqualTo(Verdict.OK);
        }
        for (String days : List.of("0", "-1", "36501", "99999", "30d", "a month")) {
            assertThat(DoctorCommand.events(days).verdict()).as(days).isEqualTo(Verdict.FAIL);
        }
    }

    @Test
    void namesWhoSaysForWhomItAsksAndIsNotTrusted() {
        var found = DoctorCommand.proxies(List.of(), List.of("203.0.113.9"));
        assertThat(found.verdict()).isEqualTo(Verdict.WARN);
        assertThat(found.text()).contains("203.0.113.9", "CYBERSHIELD_TRUSTED_PROXIES");
        assertThat(DoctorCommand.proxies(List.of("10.0.0.0/8"), List.of()).text())
                .contains("10.0.0.0/8");
    }
}
