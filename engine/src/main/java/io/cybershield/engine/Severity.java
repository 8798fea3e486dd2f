package io.cybershield.engine;

/** Whether a problem keeps a workflow from being published. */
public enum Severity {
    ERROR,
    WARNING
}
