/**
 * Groups findings into incidents that people work on.
 *
 * <p>Owns incidents with their timeline, tasks, owner and state. Calls {@code detection} for
 * findings; what workflows did about an incident it is told through {@link
 * io.cybershield.incident.Incidents} and {@link io.cybershield.incident.IncidentRuns}.
 */
@NullMarked
package io.cybershield.incident;

import org.jspecify.annotations.NullMarked;
