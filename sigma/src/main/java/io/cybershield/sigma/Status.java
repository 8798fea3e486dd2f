package io.cybershield.sigma;

/** How far its authors trust a rule; UNSTATED when the rule does not say. */
public enum Status {
    STABLE,
    TEST,
    EXPERIMENTAL,
    DEPRECATED,
    UNSUPPORTED,
    UNSTATED
}
