package io.cybershield.connector.http;

import java.time.Duration;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param allowedHosts internal hosts that workflows may reach all the same
 * @param timeout until it is connected, and for each pause in an answer
 * @param maxResponseBytes what is read of an answer; more fails the step and says so
 * @param longestAnswer how long an answer may take from its first line to its end
 */
@ConfigurationProperties("cybershield.http")
record HttpSettings(
        @DefaultValue Set<String> allowedHosts,
        @DefaultValue("30s") Duration timeout,
        @DefaultValue("104857600") long maxResponseBytes,
        @DefaultValue("5m") Duration longestAnswer) {}
