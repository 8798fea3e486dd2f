/**
 * Providers and their customers: what a provider asks for, what a customer agrees to, who acts
 * where now, and views over all customers.
 *
 * <p>Never reads two companies in one statement: each read runs in the customer's own scope (ADR
 * 031).
 */
@NullMarked
package io.cybershield.provider;

import org.jspecify.annotations.NullMarked;
