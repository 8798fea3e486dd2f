package io.cybershield.access;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Bounds on sessions and attempts.
 *
 * @param idle a session unused for this long ends
 * @param absolute a session ends this long after sign-in, used or not
 * @param freeFailures wrong passwords or codes in a row before the delays begin
 * @param failuresPerAddress wrong attempts from one network address, whatever the account, in ten
 *     minutes
 * @param signUpsPerAddress sign-ups from one network address in an hour; questions for a new
 *     password as well
 */
@ConfigurationProperties("cybershield.access")
record AccessSettings(
        @DefaultValue("60m") Duration idle,
        @DefaultValue("12h") Duration absolute,
        @DefaultValue("5") int freeFailures,
        @DefaultValue("60") int failuresPerAddress,
        @DefaultValue("20") int signUpsPerAddress) {}
