/**
 * The workflow engine's pure core: what a drawing means, whether it is sound, and what a run does
 * next.
 *
 * <p>Owns definitions, validation and {@code decide(state, event)}. Never reads a clock, draws a
 * random number, or touches network, disk or threads: the server is the edge that loads, decides,
 * commits and acts.
 */
@NullMarked
package io.cybershield.engine;

import org.jspecify.annotations.NullMarked;
