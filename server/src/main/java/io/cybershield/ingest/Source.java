package io.cybershield.ingest;

import io.cybershield.platform.TenantId;
import java.util.UUID;

/** Where raw records come from, as a door knows it. */
record Source(UUID id, TenantId tenant, String name, Kind kind) {
    enum Kind {
        JSON,
        SYSLOG,
        WINDOWS,
        LINUX,
        UPLOAD;

        String wire() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
