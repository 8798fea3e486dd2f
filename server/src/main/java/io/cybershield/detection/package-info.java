/**
 * Finds in events what rules describe.
 *
 * <p>Owns each tenant's rules, the compiled sets, what correlations remember, what was seen of
 * events and the findings. Calls {@code ingest} for events and {@code sigma} for the meaning of
 * rules; grouping findings for people is {@code incident}'s.
 */
@NullMarked
package io.cybershield.detection;

import org.jspecify.annotations.NullMarked;
