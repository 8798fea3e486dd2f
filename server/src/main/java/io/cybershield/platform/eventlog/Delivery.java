package io.cybershield.platform.eventlog;

import java.time.Instant;

/**
 * A record as it comes out of the log.
 *
 * @param offset rises by one or more within the partition
 */
@SuppressWarnings("ArrayRecordComponent") // owned by the log; never compared
public record Delivery(
        String topic, int partition, long offset, String key, byte[] value, Instant appendedAt) {}
