/**
 * The workflow engine's pure core: what a drawing means, whether it is sound, and what a run does
 * next.
 *
 * <p>Owns definitions, validation and {@code decide(state, event)}. Never reads a clock, draws a
 * random number, or touches network, disk or threads: the server is the edge that loads, decides,
 * commits and acts.
 *
 * <p>The edge's part, for each event of a run:
 *
 * <ol>
 *   <li>load the state, or rebuild it with {@link io.cybershield.engine.Engine#replay}, and decide;
 *   <li>in one transaction, append the event to the journal and store the state if its version is
 *       still the one loaded, together with the commands; count the event instead when it was
 *       ignored;
 *   <li>carry out the commands. {@code Evaluate} may be answered before anything is committed, so
 *       that pure steps chain in memory; a worker touches the world only after its {@code
 *       AttemptStarted} is committed and the state names its claim;
 *   <li>give {@link io.cybershield.engine.Engine#outstanding} again whenever a process takes a run
 *       over, or a command may have got lost.
 * </ol>
 *
 * <p>Loops, sub-workflows and compensation are not there yet: validation refuses them by name. A
 * step is known by its key throughout; an iteration will only make that key longer.
 */
@NullMarked
package io.cybershield.engine;

import org.jspecify.annotations.NullMarked;
