package io.cybershield.workflow;

import io.cybershield.platform.DomainEvent;
import java.util.List;

/**
 * A run began, acted, does not know whether it did, or ended: its new line and the steps that did
 * so. Not told for steps that only steer.
 */
public record RunProgressed(RunView run, List<StepView> steps) implements DomainEvent {}
