/**
 * How people approve, apart from any one question: settings by name, and votes that are lent.
 *
 * <p>Owns approval templates and delegations; never counts a vote and knows of no run (see {@code
 * workflow}).
 */
@NullMarked
package io.cybershield.approval;

import org.jspecify.annotations.NullMarked;
