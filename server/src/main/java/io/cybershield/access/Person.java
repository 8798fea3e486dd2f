package io.cybershield.access;

import java.util.UUID;

/** Somebody with an account in the current tenant. */
public record Person(UUID id, String name, String email, String role, boolean active) {}
