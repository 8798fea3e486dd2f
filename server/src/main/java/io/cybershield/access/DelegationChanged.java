package io.cybershield.access;

import io.cybershield.platform.DomainEvent;
import java.util.UUID;

/**
 * What a provider may do in the company changed: whoever holds a connection open there asks again.
 */
public record DelegationChanged(UUID grant) implements DomainEvent {}
