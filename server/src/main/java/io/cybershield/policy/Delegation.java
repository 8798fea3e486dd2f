package io.cybershield.policy;

import io.cybershield.platform.TenantId;
import java.util.UUID;

/**
 * What lets somebody of one company act in another.
 *
 * @param grant its id, which policies may name
 * @param from the company whose person it is
 * @param to the company that agreed to it
 * @param live whether it holds now
 */
public record Delegation(UUID grant, TenantId from, TenantId to, boolean live) {}
