/**
 * What a company has: the machines that its events name. Reads {@code ingest}; tells of each that
 * is new.
 */
@NullMarked
package io.cybershield.asset;

import org.jspecify.annotations.NullMarked;
