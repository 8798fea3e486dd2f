package io.cybershield.platform;

/**
 * Names of this installation's database roles; all start with one prefix, so that two installations
 * can share a server.
 *
 * @param prefix lower-case letters, digits and underscores; safe to put in SQL
 */
public record DatabaseRoles(String prefix) {
    public DatabaseRoles {
        if (!prefix.matches("[a-z][a-z0-9_]{1,30}")) {
            throw new IllegalArgumentException("Not a safe role prefix: " + prefix);
        }
    }

    /** Logs in; owns nothing, inherits nothing. */
    public String app() {
        return prefix + "_app";
    }

    /** The platform's own tables. */
    public String platform() {
        return prefix + "_platform";
    }

    /** Group of all tenants' roles: shared tables, own rows only. */
    public String tenants() {
        return prefix + "_tenants";
    }

    /**
     * One tenant's rows of all shared tables: for taking a company out, bringing it in, ending it.
     */
    public String custody() {
        return prefix + "_custody";
    }

    public String tenant(TenantId tenant) {
        return prefix + "_" + tenant.schema();
    }
}
