package io.cybershield.ingest;

import io.cybershield.platform.DomainEvent;

/** Reading a file came further, or to its end. */
public record UploadChanged(UploadView upload) implements DomainEvent {}
