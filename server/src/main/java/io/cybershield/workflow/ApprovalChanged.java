package io.cybershield.workflow;

import io.cybershield.platform.DomainEvent;

/** An approval was asked for, decided, or fell away. */
public record ApprovalChanged(ApprovalView approval) implements DomainEvent {}
