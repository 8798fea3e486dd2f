package io.cybershield.access;

import java.time.Duration;

/**
 * Gives every refusal the same least time, so that the work done for a known address (its trail)
 * does not show against that for an unknown one.
 */
final class EqualTime {
    private static final Duration LEAST = Duration.ofMillis(400);

    private EqualTime() {}

    /**
     * Waits until the least time has passed.
     *
     * @param started {@link System#nanoTime} at the beginning
     */
    static void sinceStart(long started) {
        Duration rest = LEAST.minusNanos(System.nanoTime() - started);
        if (rest.isPositive()) {
            try {
                Thread.sleep(rest);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
