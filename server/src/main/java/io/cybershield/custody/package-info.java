/**
 * A company's data as a whole: taking it out, bringing it in, holding it, destroying it.
 *
 * <p>Owns what is decided about each table when a company goes, holds, and the certificates of
 * deletions. Never reads what a row means: the contexts do.
 */
@NullMarked
package io.cybershield.custody;

import org.jspecify.annotations.NullMarked;
