package io.cybershield.federation;

import java.time.Duration;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param issuers that companies may use; any public one if empty
 * @param allowedHosts internal hosts of providers that may be reached all the same, also without
 *     HTTPS
 * @param dnsServers asked for the proof of domains, such as {@code dns://192.0.2.53}; the system's
 *     when empty
 * @param maxAge how long ago the provider may have asked somebody to prove who they are
 */
@ConfigurationProperties("cybershield.federation")
record FederationSettings(
        @DefaultValue Set<String> issuers,
        @DefaultValue Set<String> allowedHosts,
        @DefaultValue("") String dnsServers,
        @DefaultValue("12h") Duration maxAge) {
    boolean allows(String issuer) {
        return issuers.isEmpty() || issuers.contains(issuer);
    }
}
