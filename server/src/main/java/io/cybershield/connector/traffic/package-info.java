/**
 * How much goes over connections to outside products: a circuit breaker and a rate limit for each
 * connection and tenant.
 *
 * <p>Says whether a call may go now, and hears what came of calls; never calls, and knows no runs.
 */
@NullMarked
package io.cybershield.connector.traffic;

import org.jspecify.annotations.NullMarked;
