package io.cybershield.incident;

import io.cybershield.platform.DomainEvent;

/** Something about an incident is different: more findings, or what somebody did. */
public record IncidentChanged(IncidentView incident) implements DomainEvent {}
