package io.cybershield.tenant;

import io.cybershield.platform.DomainEvent;
import java.util.UUID;

/** A tenant exists: schema, directory entry and first administrator. */
public record TenantProvisioned(UUID tenant, String name, UUID admin) implements DomainEvent {}
