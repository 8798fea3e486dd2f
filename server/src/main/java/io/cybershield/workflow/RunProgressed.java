package io.cybershield.workflow;

import io.cybershield.platform.DomainEvent;
import java.util.List;

/** A run went on: its new line and the steps that changed. */
public record RunProgressed(RunView run, List<StepView> steps) implements DomainEvent {}
