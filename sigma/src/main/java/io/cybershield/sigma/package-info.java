/**
 * Sigma rules: parse, compile, match.
 *
 * <p>Owns the meaning of a rule. Never reads a clock or touches network or disk; a rule that is not
 * wholly understood is refused with file, line, what and the mend, never loaded half.
 */
@NullMarked
package io.cybershield.sigma;

import org.jspecify.annotations.NullMarked;
