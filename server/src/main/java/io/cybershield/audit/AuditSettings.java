package io.cybershield.audit;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * When a chain gets its next checkpoint: whichever comes first.
 *
 * @param checkpointEntries entries since the last one
 * @param checkpointEvery time since the first entry that none covers
 */
@ConfigurationProperties("cybershield.audit")
record AuditSettings(
        @DefaultValue("1000") int checkpointEntries,
        @DefaultValue("1h") Duration checkpointEvery) {}
