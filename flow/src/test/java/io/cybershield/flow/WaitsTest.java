package io.cybershield.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WaitsTest {
    private static final Instant T0 = Instant.parse("2026-03-01T12:00:00Z");

    private static io.cybershield.engine.Event.WaitPlanned planned(Map<String, Object> config) {
        return Waits.planned(Map.copyOf(config), "w", 1, T0);
    }

    @Test
    void waitsForATimeAMomentOrASignalWhicheverIsFirst() {
        assertThat(planned(Map.of("seconds", 60)).until()).isEqualTo(T0.plusSeconds(60));
        assertThat(planned(Map.of("until", "2026-03-02")).until())
                .isEqualTo(Instant.parse("2026-03-02T00:00:00Z"));
        assertThat(planned(Map.of("until", "2026-03-01T14:00:00+01:00", "seconds", 7200)).until())
                .isEqualTo(Instant.parse("2026-03-01T13:00:00Z"));
        var signal = planned(Map.of("signal", "closed", "key", " 47#11 ", "seconds", 5));
        assertThat(signal.signal()).isEqualTo("closed#47#11");
        assertThat(signal.until()).isEqualTo(T0.plusSeconds(5));
        assertThat(planned(Map.of("signal", "closed")).until()).isNull();
    }

    @Test
    void saysWhatCannotBeWaitedFor() {
        assertThatThrownBy(() -> planned(Map.of())).hasMessageContaining("for ever");
        assertThatThrownBy(() -> planned(Map.of("until", "tomorrow")))
                .hasMessageContaining("'tomorrow' is no moment");
        assertThatThrownBy(() -> planned(Map.of("signal", "a#b"))).hasMessageContaining("name");
        assertThatThrownBy(() -> planned(Map.of("signal", "a", "key", "x".repeat(201))))
                .hasMessageContaining("200");
    }

    @Test
    void aKeyCannotPassForAnotherName() {
        var name = SignalName.of("closed#47#11");
        assertThat(name).isEqualTo(new SignalName("closed", "47#11"));
        assertThat(SignalName.of(name.text())).isEqualTo(name);
        assertThat(new SignalName("closed", "").text()).isEqualTo("closed");
    }
}
