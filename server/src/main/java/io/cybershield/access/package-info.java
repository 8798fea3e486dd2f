/**
 * Who may come in and what they may do: accounts, sessions, second factors, invitations, roles and
 * policy decisions.
 *
 * <p>Owns the accounts and the web security; never makes tenants (see {@code tenant}) and never
 * sends mail itself.
 */
@NullMarked
package io.cybershield.access;

import org.jspecify.annotations.NullMarked;
