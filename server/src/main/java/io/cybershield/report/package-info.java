/**
 * Answers what is asked over many contexts at once: the overview.
 *
 * <p>Reads other contexts' tables; changes nothing.
 */
@NullMarked
package io.cybershield.report;

import org.jspecify.annotations.NullMarked;
