package io.cybershield.engine;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a failed attempt is worth another one.
 *
 * @param maxAttempts first attempt included; 1 means no retry
 * @param firstDelay before the second attempt
 * @param factor by which each further delay grows; at least 1
 * @param maxDelay cap of the growth
 * @param jitter share of the delay, in [0, 1], that is drawn from the run's seed, so that runs that
 *     failed together do not come back together
 * @param within no attempt starts later than this after the first one; no such limit when null
 * @param retryOn a condition over the failure, in the caller's language: the caller computes it and
 *     says in {@link Outcome.Failed#retryable} what it came to; none when null
 */
public record RetryPolicy(
        int maxAttempts,
        Duration firstDelay,
        double factor,
        Duration maxDelay,
        double jitter,
        @Nullable Duration within,
        @Nullable String retryOn) {

    public static final RetryPolicy NONE =
            new RetryPolicy(1, Duration.ZERO, 1, Duration.ZERO, 0, null);

    public RetryPolicy {
        require(maxAttempts >= 1 && maxAttempts <= 1000, "maxAttempts", "1 to 1000", maxAttempts);
        require(inRange(firstDelay), "firstDelay", "zero to 366 days", firstDelay);
        require(factor >= 1 && factor <= 100, "factor", "1 to 100", factor);
        require(inRange(maxDelay), "maxDelay", "zero to 366 days", maxDelay);
        require(jitter >= 0 && jitter <= 1, "jitter", "0 to 1", jitter);
        require(within == null || inRange(within), "within", "zero to 366 days", within);
    }

    public RetryPolicy(
            int maxAttempts,
            Duration firstDelay,
            double factor,
            Duration maxDelay,
            double jitter,
            @Nullable Duration within) {
        this(maxAttempts, firstDelay, factor, maxDelay, jitter, within, null);
    }

    /** Doubles from one second up to five minutes, with a fifth of jitter. */
    public static RetryPolicy attempts(int maxAttempts) {
        return new RetryPolicy(
                maxAttempts, Duration.ofSeconds(1), 2, Duration.ofMinutes(5), 0.2, null);
    }

    /**
     * Delay before an attempt; the same arguments give the same delay, so a replay decides the same
     * again.
     *
     * @param attempt the attempt to come, 2 or more
     * @param salt tells steps of one run apart
     */
    Duration delayBefore(int attempt, long seed, String salt) {
        double grown = firstDelay.toMillis() * StrictMath.pow(factor, attempt - 2);
        double capped = Math.min(grown, maxDelay.toMillis());
        long bits = mix(seed ^ mix(salt.hashCode()) ^ mix(attempt));
        double unit = (bits >>> 11) * 0x1.0p-53;
        return Duration.ofMillis((long) (capped * (1 - jitter * unit)));
    }

    /** SplitMix64 finaliser (Steele, Lea and Flood 2014). */
    private static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    private static boolean inRange(Duration delay) {
        return !delay.isNegative() && delay.compareTo(Duration.ofDays(366)) <= 0;
    }

    private static void require(boolean holds, String field, String range, @Nullable Object value) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "Retry policy: " + field + " must be " + range + ", but is " + value + ".");
        }
    }
}
