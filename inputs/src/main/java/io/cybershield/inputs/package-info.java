/**
 * What machines write, read in one place for the server and for the command line: files and
 * archives cut into records; lines of syslog, of the audit daemon, of web servers, in CEF and LEEF;
 * what the daemons of Linux say.
 *
 * <p>Never decides what a record means to a rule, to OCSF or to anybody's store. Knows no file
 * system, network, clock or framework: the same bytes always give the same records.
 */
@NullMarked
package io.cybershield.inputs;

import org.jspecify.annotations.NullMarked;
