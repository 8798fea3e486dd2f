/**
 * Trying a workflow without touching anything: simulated runs of drafts with pins and stops, replay
 * of finished runs, and the tests that a workflow keeps. Owns the workflow's bench; starts no run.
 */
@NullMarked
package io.cybershield.workflow.debug;

import org.jspecify.annotations.NullMarked;
