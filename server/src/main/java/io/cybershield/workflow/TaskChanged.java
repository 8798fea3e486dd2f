package io.cybershield.workflow;

import io.cybershield.platform.DomainEvent;

/** A run asked somebody to do something, or that changed. */
public record TaskChanged(TaskView task) implements DomainEvent {}
