package io.cybershield.connector.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BreakerTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void fiveFailuresInARowAreTooMany() {
        var breaker = Breaker.CLOSED;
        for (int i = 0; i < 4; i++) {
            breaker = breaker.failed(T0.plusSeconds(i));
            assertThat(breaker.isTooMuch()).isFalse();
        }
        assertThat(breaker.failed(T0.plusSeconds(4)).isTooMuch()).isTrue();
    }

    @Test
    void afterAQuietMinuteTheCountBeginsAnew() {
        var breaker = Breaker.CLOSED;
        for (int i = 0; i < 4; i++) {
            breaker = breaker.failed(T0);
        }
        assertThat(breaker.failed(T0.plusSeconds(60)).isTooMuch()).isTrue();
        assertThat(breaker.failed(T0.plusSeconds(61)).failures()).isEqualTo(1);
    }

    @Test
    void thePauseDoublesToFiveMinutesAndNoFurther() {
        assertThat(IntStream.of(0, 1, 2, 3, 4, 5, 100).mapToObj(Breaker::pause))
                .containsExactly(
                        Duration.ofSeconds(15),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(120),
                        Duration.ofSeconds(240),
                        Duration.ofSeconds(300),
                        Duration.ofSeconds(300));
    }
}
