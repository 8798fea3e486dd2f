/**
 * What starts a run: people with a form, webhooks, schedules, events, other runs. And when: storm
 * control, limits, the queue and its fairness.
 *
 * <p>Starts runs through {@code workflow}, which asks this context by its ports whether a run may
 * begin. Never looks into a run.
 */
@NullMarked
package io.cybershield.trigger;

import org.jspecify.annotations.NullMarked;
