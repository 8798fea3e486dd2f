package io.cybershield.platform.eventlog;

/**
 * A record to append.
 *
 * @param topic lower-case name, such as {@code raw} or {@code domain}
 * @param key decides the partition; records of one key stay in order
 * @param value Avro bytes in Confluent wire format
 */
@SuppressWarnings("ArrayRecordComponent") // owned by the log; never compared
public record LogRecord(String topic, String key, byte[] value) {}
