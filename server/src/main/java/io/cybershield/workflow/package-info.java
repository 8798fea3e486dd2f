/**
 * Workflows: drawings, versions, runs, approvals, timers and dispatch.
 *
 * <p>The edge of the {@code engine}: it loads, lets the engine decide, commits journal and pointers
 * in one transaction, then acts. Knows no outside product.
 */
@NullMarked
package io.cybershield.workflow;

import org.jspecify.annotations.NullMarked;
