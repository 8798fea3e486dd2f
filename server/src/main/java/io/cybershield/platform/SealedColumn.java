package io.cybershield.platform;

/**
 * A column whose values are sealed under their tenant's key. Each context declares its own as
 * beans, so that a new version of the key reaches all of them. Every part but {@code shared} is
 * SQL, written in code and never taken from outside.
 *
 * @param table where a tenant's role finds it; of a shared table, with its schema
 * @param key an expression that tells rows of one tenant apart, of type text
 * @param purpose an expression for what the value is sealed for, as {@link TenantKeys#seal} is told
 * @param shared whether the platform's role reads and writes it, by {@code tenant_id}
 */
public record SealedColumn(
        String table, String column, String key, String purpose, boolean shared) {}
