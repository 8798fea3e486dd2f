package io.cybershield.access;

import io.cybershield.platform.DomainEvent;
import java.util.UUID;

/** What an account may do changed: whoever holds a connection of it open must ask again. */
public record AccessChanged(UUID account) implements DomainEvent {}
