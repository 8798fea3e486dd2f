package io.cybershield.platform.eventlog;

import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the event log behaves; same for both adapters unless said.
 *
 * @param partitions of a topic that is made now; a topic keeps what it was made with
 * @param retention how long records stay after every group has passed them (PostgreSQL; Kafka has
 *     its own)
 * @param lease how long a silent member keeps its partitions: time to fail over
 * @param heartbeat how often a member renews; well below the lease
 * @param poll how often to look without a hint
 * @param concurrency batches handled at once on this node; each takes a pooled connection
 * @param maxWaitingBytes appends waiting in memory; beyond it, appending waits and then refuses
 * @param appendWithin how long an append may wait for room, and again for its commit
 * @param kafka further settings of Kafka's clients, such as {@code security.protocol}
 */
@ConfigurationProperties("cybershield.eventlog")
public record EventLogSettings(
        @DefaultValue("12") int partitions,
        @DefaultValue("48h") Duration retention,
        @DefaultValue("6s") Duration lease,
        @DefaultValue("2s") Duration heartbeat,
        @DefaultValue("500ms") Duration poll,
        @DefaultValue("4") int concurrency,
        @DefaultValue("67108864") int maxWaitingBytes,
        @DefaultValue("15s") Duration appendWithin,
        @DefaultValue Map<String, String> kafka) {}
