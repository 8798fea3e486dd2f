/**
 * How workflows do: durations, failures, retries and queues from what runs left in the tables, and
 * advice that follows from these figures and the drawing. Reads only.
 */
@NullMarked
package io.cybershield.workflow.insight;

import org.jspecify.annotations.NullMarked;
