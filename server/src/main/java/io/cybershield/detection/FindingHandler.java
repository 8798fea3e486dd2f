package io.cybershield.detection;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Told of new findings of the current tenant in the transaction that stores them; incident answers
 * with the incident that each belongs to, by finding id.
 */
public interface FindingHandler {
    Map<UUID, UUID> handle(List<Finding> findings);
}
