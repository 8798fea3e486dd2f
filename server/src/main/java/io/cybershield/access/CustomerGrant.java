package io.cybershield.access;

import io.cybershield.platform.TenantId;
import java.time.Instant;
import java.util.UUID;

/**
 * A customer's grant as it holds now for one person of a provider.
 *
 * @param id of the grant
 * @param provider the company that the person belongs to
 * @param customer the company that agreed
 * @param role of a provider, that the person has in the customer
 * @param until when it ends by itself
 * @param policyEpoch counts the changes of the customer's roles and policies
 */
public record CustomerGrant(
        UUID id,
        UUID account,
        TenantId provider,
        String providerName,
        TenantId customer,
        String customerName,
        String role,
        Instant until,
        long policyEpoch) {}
