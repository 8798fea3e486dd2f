/**
 * Takes in raw records and makes events of them.
 *
 * <p>Owns the doors (HTTP, syslog, upload), the sources with their tokens, the mapping to OCSF and
 * the stored events. Never decides what an event means: that is detection's. Nothing is dropped:
 * what is not understood is stored raw and counted.
 */
@NullMarked
package io.cybershield.ingest;

import org.jspecify.annotations.NullMarked;
