package io.cybershield.detection;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;

/** OCSF severity_id 1..5. */
public enum Severity {
    INFO,
    LOW,
    MEDIUM,
    HIGH,
    CRITICAL;

    public int id() {
        return ordinal() + 1;
    }

    public static Severity ofId(int id) {
        return values()[Math.clamp(id, 1, 5) - 1];
    }

    @JsonValue
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Severity> find(String wire) {
        for (Severity severity : values()) {
            if (severity.wire().equals(wire)) {
                return Optional.of(severity);
            }
        }
        return Optional.empty();
    }
}
