/**
 * Values that are too large to travel with a run, kept once each under the hash of their content
 * (ADR 020).
 *
 * <p>Owns their tables, their reading piece by piece, and what removes those that no run refers to.
 * Never decides what is large: that is {@link io.cybershield.flow.PayloadCut}.
 */
@NullMarked
package io.cybershield.workflow.payload;

import org.jspecify.annotations.NullMarked;
