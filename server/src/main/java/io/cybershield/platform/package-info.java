/**
 * Plumbing without business words: scope, transactions, ids, problems, time.
 *
 * <p>Calls no context. Every query runs under a {@link io.cybershield.platform.Scope}; without one
 * it fails closed.
 */
@NullMarked
package io.cybershield.platform;

import org.jspecify.annotations.NullMarked;
