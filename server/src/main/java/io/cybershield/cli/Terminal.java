package io.cybershield.cli;

import java.io.Console;
import java.util.Optional;

/** The person's terminal, if there is one: not in a pipe, a service or a test. */
final class Terminal {
    private Terminal() {}

    static Optional<Console> find() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal);
    }

    static boolean isThere() {
        return find().isPresent();
    }
}
