/**
 * What people see change while they look: one WebSocket a tab, topics multiplexed, each
 * subscription authorised.
 *
 * <p>Owns sockets, rooms and their short memory. Contexts push what changed through {@link
 * io.cybershield.live.Live}; it never reads their tables. A screen that missed something is told to
 * fetch again, so nothing here needs to be durable.
 */
@NullMarked
package io.cybershield.live;

import org.jspecify.annotations.NullMarked;
