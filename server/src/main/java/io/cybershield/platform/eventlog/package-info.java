/**
 * The event log: append, partitions, consumer groups, order per key, dead letters, replay.
 *
 * <p>One port, two adapters: PostgreSQL and Kafka.
 */
@NullMarked
package io.cybershield.platform.eventlog;

import org.jspecify.annotations.NullMarked;
