package io.cybershield.platform;

/** Keeps the scoped value out of reach of other packages. */
final class ScopeHolder {
    static final ScopedValue<Scope> CURRENT = ScopedValue.newInstance();

    private ScopeHolder() {}
}
