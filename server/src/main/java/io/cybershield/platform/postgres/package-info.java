/**
 * The embedded PostgreSQL: unpacks, starts, watches and stops a real server in the data folder.
 *
 * <p>Owns the child process and its folder; never any table.
 */
@NullMarked
package io.cybershield.platform.postgres;

import org.jspecify.annotations.NullMarked;
