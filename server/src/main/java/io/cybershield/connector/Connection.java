package io.cybershield.connector;

/**
 * What a circuit breaker and a rate limit are kept for, in each tenant by itself: a connector and
 * the place it reaches.
 *
 * @param connector such as {@code http}; several node types may share one
 * @param target such as a host; empty where the connector reaches one place only
 */
public record Connection(String connector, String target) {
    @Override
    public String toString() {
        return target.isEmpty() ? connector : connector + " " + target;
    }
}
