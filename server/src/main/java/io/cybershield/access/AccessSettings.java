package io.cybershield.access;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Bounds on sessions and attempts.
 *
 * @param idle a session unused for this long ends, where the tenant says nothing else
 * @param absolute a session ends this long after sign-in, used or not, where the tenant says
 *     nothing else
 * @param idleMost the longest that a tenant may let a session be unused
 * @param absoluteMost the longest that a tenant may let a session live
 * @param breachedPasswords file with the SHA-1 of passwords from breaches, in order; none when left
 *     out
 * @param freeFailures wrong passwords or codes in a row before the delays begin
 * @param failuresPerAddress wrong attempts from one network address, whatever the account, in ten
 *     minutes
 * @param signUpsPerAddress sign-ups from one network address in an hour; questions for a new
 *     password as well
 */
@ConfigurationProperties("cybershield.access")
record AccessSettings(
        @DefaultValue("15m") Duration idle,
        @DefaultValue("12h") Duration absolute,
        @DefaultValue("4h") Duration idleMost,
        @DefaultValue("24h") Duration absoluteMost,
        @Nullable Path breachedPasswords,
        @DefaultValue("5") int freeFailures,
        @DefaultValue("60") int failuresPerAddress,
        @DefaultValue("20") int signUpsPerAddress) {
    /** What the operator of the platform allows at most. */
    SessionBounds most() {
        return new SessionBounds(idleMost, absoluteMost);
    }

    /** What holds for a tenant that wants this, or says nothing. */
    SessionBounds bounds(@Nullable SessionBounds wanted) {
        return (wanted == null ? new SessionBounds(idle, absolute) : wanted).within(most());
    }
}
