package io.cybershield.access;

import io.cybershield.platform.DomainEvent;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Somebody signed in, with all that it takes.
 *
 * @param factor the last one that was shown, such as {@code totp} or {@code recovery-code}
 * @param address of the network that they came from
 * @param device what people call it
 * @param deviceKey tells the account's browsers apart; null where a browser keeps no cookie
 */
public record SignInOpened(
        UUID account,
        Instant at,
        String factor,
        String address,
        String device,
        @Nullable String deviceKey)
        implements DomainEvent {}
