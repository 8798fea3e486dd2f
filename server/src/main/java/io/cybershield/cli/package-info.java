/**
 * The command line inside the jar.
 *
 * <p>Owns the words a person types at a terminal; talks to a running server over loopback or does
 * its work alone.
 */
@NullMarked
package io.cybershield.cli;

import org.jspecify.annotations.NullMarked;
