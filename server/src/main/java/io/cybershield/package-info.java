/**
 * Start-up: the one jar, its roles and its command line.
 *
 * <p>Owns nothing of the business; picks which roles run.
 */
@NullMarked
package io.cybershield;

import org.jspecify.annotations.NullMarked;
