package io.cybershield.incident;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;

/** How far the work on an incident has come. */
public enum State {
    NEW,
    INVESTIGATING,
    CONTAINING,
    RESOLVED,
    CLOSED;

    /** Whether new findings still join it. */
    public boolean isOpen() {
        return this != RESOLVED && this != CLOSED;
    }

    @JsonValue
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<State> find(String wire) {
        for (State state : values()) {
            if (state.wire().equals(wire)) {
                return Optional.of(state);
            }
        }
        return Optional.empty();
    }
}
