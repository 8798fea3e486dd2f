/**
 * Sigma rules over files of events, on the command line: {@code hunt}, {@code sigma check}, {@code
 * sigma vectors}, {@code sigma explain}.
 *
 * <p>Owns the reading of files, archives and log lines, and the reports. Never decides what a rule
 * means: that is the module {@code sigma}'s. Needs no server and no database. What cannot be read
 * is told with its place and counted, never passed over.
 */
@NullMarked
package io.cybershield.hunt;

import org.jspecify.annotations.NullMarked;
