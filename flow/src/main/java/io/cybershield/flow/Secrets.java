package io.cybershield.flow;

import java.util.Optional;

/** Where the values of secrets are asked for, at the very moment a node acts. */
@FunctionalInterface
public interface Secrets {
    /** None are known. */
    Secrets NONE = _ -> Optional.empty();

    /** The value of a secret of the current tenant; empty when there is no such secret. */
    Optional<String> find(String name);
}
