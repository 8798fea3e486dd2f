package io.cybershield.platform;

/**
 * Something that happened, in the past tense; a record whose parts are plain data. Its simple name
 * is its type on the wire.
 */
public interface DomainEvent {}
