package io.cybershield.access;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a person is in a tenant; what each role may do is said in {@code access/roles.cedar}. */
public enum Role {
    TENANT_ADMIN,
    ANALYST,
    RESPONDER,
    WORKFLOW_AUTHOR,
    AUDITOR;

    /** The name on the wire and in policies, such as {@code tenant-admin}. */
    @JsonValue
    public String wire() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public static Optional<Role> find(String wire) {
        return Arrays.stream(values()).filter(r -> r.wire().equals(wire)).findFirst();
    }
}
