package io.cybershield.access;

import io.cybershield.platform.DomainEvent;
import java.time.Instant;
import java.util.UUID;

/**
 * A key or a token was shown and opened something; told now and then for one network, not with each
 * request.
 *
 * @param program id of the key, or of the registered client
 * @param token whether it was a client's token
 * @param name what the company calls it
 * @param owner who it acts for
 */
public record ProgramCame(
        UUID program, boolean token, String name, String owner, Instant at, String address)
        implements DomainEvent {}
