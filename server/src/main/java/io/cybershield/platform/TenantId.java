package io.cybershield.platform;

import java.util.UUID;

/** A tenant: the wall that nothing crosses. */
public record TenantId(UUID value) {
    /** Where the platform's own workflows run; no company, and in no directory of them. */
    public static final TenantId HOUSE = new TenantId(new UUID(0, 1));

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
