/**
 * Sigma rules: parse, compile, match, correlate.
 *
 * <p>Owns the meaning of a rule. Never reads a clock or touches network or disk; a rule that is not
 * wholly understood is refused with file, line, what and the mend, never loaded half.
 *
 * <p>{@link io.cybershield.sigma.RuleLoader} reads files and archives into a {@link
 * io.cybershield.sigma.LoadReport}; {@link io.cybershield.sigma.RuleSet} compiles rules for the
 * fields ({@link io.cybershield.sigma.FieldResolver}) and log sources ({@link
 * io.cybershield.sigma.LogSourceResolver}) that the caller has, and matches an {@link
 * io.cybershield.sigma.Event}, {@linkplain io.cybershield.sigma.RuleSet#explain explains} what came
 * of it, {@linkplain io.cybershield.sigma.RuleSet#sample tells} which rules are blind and
 * {@linkplain io.cybershield.sigma.RuleSet#costs what} each costs; {@link
 * io.cybershield.sigma.Correlator} takes the hits on over time.
 */
@NullMarked
package io.cybershield.sigma;

import org.jspecify.annotations.NullMarked;
