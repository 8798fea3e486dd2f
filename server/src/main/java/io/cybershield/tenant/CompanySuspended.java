package io.cybershield.tenant;

import io.cybershield.platform.DomainEvent;

/** A company was suspended, or goes on again: whoever holds a connection open asks again. */
public record CompanySuspended(boolean suspended) implements DomainEvent {}
