/**
 * The append-only trail of who did what, chained by hash per tenant.
 *
 * <p>Owns {@code audit_entry}; never changes or deletes an entry, and calls no other context.
 */
@NullMarked
package io.cybershield.audit;

import org.jspecify.annotations.NullMarked;
