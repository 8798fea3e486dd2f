package io.cybershield.platform;

import java.util.UUID;

/** A tenant: the wall that nothing crosses. */
public record TenantId(UUID value) {
    /**
     * @throws IllegalArgumentException if the text is no UUID
     */
    public static TenantId parse(String text) {
        return new TenantId(UUID.fromString(text));
    }

    /** The tenant's schema name: 't_' and the id without dashes; safe to put in SQL. */
    public String schema() {
        return "t_" + value.toString().replace("-", "");
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
