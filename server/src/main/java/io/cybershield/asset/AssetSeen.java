package io.cybershield.asset;

import io.cybershield.platform.DomainEvent;
import java.time.Instant;
import java.util.UUID;

/**
 * Events name a machine for the first time.
 *
 * @param source which brought them
 * @param seenAt when they came in
 */
public record AssetSeen(UUID id, String name, String source, Instant seenAt)
        implements DomainEvent {}
