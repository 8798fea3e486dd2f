/**
 * Data in workflows: drawings and their files, expressions, transforms, texts with places, secrets,
 * and what can be done with a workflow without a server: check it, test it, run it in memory.
 *
 * <p>Owns the languages and their bounds. Never touches a database or the network; the server is
 * the edge that acts, and the commands here only pretend to.
 */
@NullMarked
package io.cybershield.flow;

import org.jspecify.annotations.NullMarked;
