/**
 * A simulated endpoint manager: no machine is touched, and every answer says so.
 *
 * <p>Keeps a ledger of calls by idempotency key, so that an action done twice would show.
 */
@NullMarked
package io.cybershield.connector.simulator;

import org.jspecify.annotations.NullMarked;
