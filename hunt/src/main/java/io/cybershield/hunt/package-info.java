/**
 * Sigma rules over files of events, on the command line: {@code hunt}, {@code sigma check}, {@code
 * sigma vectors}, {@code sigma explain}.
 *
 * <p>Owns what records are to a rule, and the reports. Never reads what machines write: that is the
 * module {@code inputs}'s; never decides what a rule means: that is {@code sigma}'s. Needs no
 * server and no database. What cannot be read is told with its place and counted, never passed
 * over.
 */
@NullMarked
package io.cybershield.hunt;

import org.jspecify.annotations.NullMarked;
