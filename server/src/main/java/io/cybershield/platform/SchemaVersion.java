package io.cybershield.platform;

import java.util.List;

/**
 * The shape that this release gives the database: every changeset of the shared tables and of a
 * tenant's own, as {@code context:name}, in order.
 */
public record SchemaVersion(List<String> shared, List<String> tenant) {
    public static SchemaVersion current() {
        return new SchemaVersion(
                Migrations.changesets(Migrations.SHARED), Migrations.changesets(Migrations.TENANT));
    }
}
