package io.cybershield.sigma;

/** How critical a fired rule is, least first. */
public enum Level {
    INFORMATIONAL,
    LOW,
    MEDIUM,
    HIGH,
    CRITICAL
}
