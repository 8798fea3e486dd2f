/**
 * Workflows carried from one company, or installation, to another: signed bundles, whose keys a
 * company trusts, and what an import would change. Makes drafts only; publishing is never here.
 */
@NullMarked
package io.cybershield.workflow.bundle;

import org.jspecify.annotations.NullMarked;
