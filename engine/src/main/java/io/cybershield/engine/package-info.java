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
 * <p>A step is known by its {@link io.cybershield.engine.StepId id}: its node's key, and in front
 * of it the rounds of the loops it is in. {@link io.cybershield.engine.RunState} keeps the rounds
 * that go on; each {@link io.cybershield.engine.Decision} names the steps it changed.
 */
@NullMarked
package io.cybershield.engine;

import org.jspecify.annotations.NullMarked;
