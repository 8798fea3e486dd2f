package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cybershield.platform.ProblemException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ThrottleTest {
    private final Hand clock = new Hand();
    private final Throttle throttle =
            new Throttle(
                    new AccessSettings(
                            Duration.ofHours(1),
                            Duration.ofHours(12),
                            Duration.ofHours(4),
                            Duration.ofHours(24),
                            null,
                            3,
                            40,
                            2),
                    new InMemoryFailedTries(),
                    clock);

    @Test
    void delaysGrowAndEndWithASuccess() {
        fail("ann", "10.0.0.1", 3);
        assertThat(wait("ann", "10.0.0.1")).isEqualTo(1);
        clock.forward(Duration.ofSeconds(1));
        assertThat(wait("ann", "10.0.0.1")).isZero();
        fail("ann", "10.0.0.1", 1);
        assertThat(wait("ann", "10.0.0.1")).isEqualTo(2);
        fail("ann", "10.0.0.1", 20);
        assertThat(wait("ann", "10.0.0.1")).isEqualTo(900);
        throttle.succeeded("password", "ann", "10.0.0.1");
        assertThat(wait("ann", "10.0.0.1")).isZero();
    }

    @Test
    void strangersElsewhereDoNotDelayThePersonHere() {
        fail("ann", "10.0.0.9", 20);
        assertThat(wait("ann", "10.0.0.9")).isPositive();
        assertThat(wait("ann", "10.0.0.1")).isZero();
    }

    @Test
    void oneAddressThatTriesManyAccountsIsStopped() {
        for (int i = 0; i < 40; i++) {
            fail("person" + i, "10.0.0.7", 1);
        }
        assertThat(wait("somebody-else", "10.0.0.7")).isPositive();
        assertThat(wait("somebody-else", "10.0.0.1")).isZero();
    }

    @Test
    void manyAddressesThatTryOneAccountAreStopped() {
        for (int i = 0; i < 100; i++) {
            fail("ann", "10.0.1." + i, 1);
        }
        assertThat(wait("ann", "10.0.2.1")).isPositive();
        assertThat(wait("bob", "10.0.2.1")).isZero();
    }

    @Test
    void signUpsAreCountedPerAddress() {
        throttle.admitSignUp("10.0.0.1");
        throttle.admitSignUp("10.0.0.1");
        assertThat(
                        catchThrowableOfType(
                                        ProblemException.class,
                                        () -> throttle.admitSignUp("10.0.0.1"))
                                .problem())
                .isEqualTo(AccessProblems.TOO_MANY_ATTEMPTS);
        assertThatCode(() -> throttle.admitSignUp("10.0.0.2")).doesNotThrowAnyException();
    }

    private void fail(String account, String address, int times) {
        for (int i = 0; i < times; i++) {
            throttle.failed("password", account, address);
        }
    }

    /** Seconds to wait; 0 if admitted. */
    private long wait(String account, String address) {
        var refused =
                catchThrowableOfType(
                        ProblemException.class, () -> throttle.admit("password", account, address));
        return refused == null ? 0 : (Long) refused.extras().get("retryAfterSeconds");
    }

    /** A clock that moves by hand. */
    private static final class Hand extends Clock {
        private Instant now = Instant.EPOCH;

        void forward(Duration by) {
            now = now.plus(by);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
