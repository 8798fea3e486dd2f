package io.cybershield.incident;

import io.cybershield.platform.DomainEvent;

/** Findings opened a new incident. */
public record IncidentOpened(IncidentView incident) implements DomainEvent {}
