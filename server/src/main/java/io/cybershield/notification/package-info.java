/**
 * Messages to people: a durable outbox of mail, sent by a worker.
 *
 * <p>Owns the mail table; what a message says belongs to the context that sends it.
 */
@NullMarked
package io.cybershield.notification;

import org.jspecify.annotations.NullMarked;
