/**
 * Four eyes on what is published: who touched a draft, who asks for it to be published, who else
 * looks and decides. Says no by the gate that publishing asks; never publishes by a way of its own.
 */
@NullMarked
package io.cybershield.workflow.review;

import org.jspecify.annotations.NullMarked;
