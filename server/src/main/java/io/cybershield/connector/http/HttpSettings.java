package io.cybershield.connector.http;

import java.time.Duration;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param allowedHosts internal hosts that workflows may reach all the same
 * @param timeout of a whole request
 * @param maxResponseBytes what is read of an answer; more fails the step
 */
@ConfigurationProperties("cybershield.http")
record HttpSettings(
        @DefaultValue Set<String> allowedHosts,
        @DefaultValue("30s") Duration timeout,
        @DefaultValue("1048576") int maxResponseBytes) {}
