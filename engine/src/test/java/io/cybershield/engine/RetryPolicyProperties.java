package io.cybershield.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashSet;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class RetryPolicyProperties {
    @Property
    void delayStaysBetweenNothingAndItsCapAndIsTheSameEachTime(
            @ForAll @IntRange(min = 2, max = 1000) int attempt,
            @ForAll @DoubleRange(min = 1, max = 100) double factor,
            @ForAll @DoubleRange(min = 0, max = 1) double jitter,
            @ForAll long seed) {
        var policy =
                new RetryPolicy(
                        1000, Duration.ofSeconds(2), factor, Duration.ofHours(1), jitter, null);
        var delay = policy.delayBefore(attempt, seed, "step");
        double full = Math.min(2000 * Math.pow(factor, attempt - 2), 3_600_000);
        assertThat((double) delay.toMillis()).isBetween(full * (1 - jitter) - 1, full + 1);
        assertThat(policy.delayBefore(attempt, seed, "step")).isEqualTo(delay);
    }

    @Example
    void jitterSpreadsRunsApart() {
        var delays = new HashSet<Duration>();
        var policy = RetryPolicy.attempts(5);
        for (long seed = 0; seed < 1000; seed++) {
            delays.add(policy.delayBefore(4, seed, "step"));
        }
        // 1,000 draws out of 800 ms of jitter: some collide, but none is a crowd.
        assertThat(delays).hasSizeGreaterThan(500);
    }

    @Example
    void refusesNonsenseNamingTheField() {
        assertThatThrownBy(() -> new RetryPolicy(0, Duration.ZERO, 1, Duration.ZERO, 0, null))
                .hasMessage("Retry policy: maxAttempts must be 1 to 1000, but is 0.");
        assertThatThrownBy(
                        () -> new RetryPolicy(1, Duration.ZERO, Double.NaN, Duration.ZERO, 0, null))
                .hasMessageContaining("factor");
        assertThatThrownBy(
                        () -> new RetryPolicy(1, Duration.ofSeconds(-1), 1, Duration.ZERO, 0, null))
                .hasMessageContaining("firstDelay");
    }
}
