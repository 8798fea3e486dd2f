/**
 * Sign-in through a company's own OpenID Connect provider: what its administrators say about it,
 * which domains are theirs, and what a provider's answer opens.
 *
 * <p>Owns who an issuer's subject is here. Never gives a role, and never opens an account of
 * another company.
 */
@NullMarked
package io.cybershield.federation;

import org.jspecify.annotations.NullMarked;
