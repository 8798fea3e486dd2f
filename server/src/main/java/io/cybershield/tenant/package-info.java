/**
 * Tenants: sign-up and making the tenant behind it.
 *
 * <p>Owns the tenant directory and pending registrations; people and passwords belong to {@code
 * access}.
 */
@NullMarked
package io.cybershield.tenant;

import org.jspecify.annotations.NullMarked;
