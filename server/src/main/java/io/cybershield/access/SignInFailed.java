package io.cybershield.access;

import io.cybershield.platform.DomainEvent;
import java.time.Instant;
import java.util.UUID;

/**
 * Somebody gave a wrong password, code or passkey for an account that there is.
 *
 * @param address of the network that they came from
 */
public record SignInFailed(UUID account, Instant at, String factor, String address)
        implements DomainEvent {}
