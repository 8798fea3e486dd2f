package io.cybershield.ingest;

import java.util.List;
import java.util.UUID;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where syslog is listened for; nowhere unless configured.
 *
 * @param listeners one per port; what arrives there belongs to its source, and so to its tenant
 * @param connections open at once on one TCP port; more are closed and counted
 */
@ConfigurationProperties("cybershield.syslog")
record SyslogSettings(
        @DefaultValue List<Listener> listeners, @DefaultValue("256") int connections) {
    /**
     * @param address to bind; syslog has no authentication, so the loopback unless said
     * @param port 0 for a free one
     */
    record Listener(
            @DefaultValue("127.0.0.1") String address,
            int port,
            @DefaultValue("TCP") Transport transport,
            UUID source) {}

    enum Transport {
        TCP,
        UDP
    }
}
