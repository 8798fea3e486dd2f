package io.cybershield.platform;

/**
 * Which tenants stand still: nothing of theirs begins, and nothing is lost. Known at most a quarter
 * of a second late; who takes work from a queue asks the directory in the same statement.
 */
public interface Standstill {
    boolean holds(TenantId tenant);
}
