package io.cybershield.detection;

import io.cybershield.platform.DomainEvent;

/**
 * Hits wait for the tenant's correlations; says only that somebody should look (ADR 012).
 *
 * @param occurrences how many; 0 when it is only time that passed
 */
public record HitsFed(int occurrences) implements DomainEvent {}
