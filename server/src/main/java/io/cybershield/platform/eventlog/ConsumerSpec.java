package io.cybershield.platform.eventlog;

/**
 * @param group consumers of one group share the partitions
 * @param maxBatch most deliveries in one call, 1..5000
 * @param attempts tries of a failing record before it goes to dead letters
 */
public record ConsumerSpec(String group, String topic, int maxBatch, int attempts) {
    public static ConsumerSpec of(String group, String topic) {
        return new ConsumerSpec(group, topic, 500, 5);
    }
}
