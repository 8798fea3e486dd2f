package io.cybershield.access;

import io.cybershield.platform.DomainEvent;

/** A company's roles or policies changed: whoever decides or holds a connection open asks again. */
public record PoliciesChanged(long epoch) implements DomainEvent {}
