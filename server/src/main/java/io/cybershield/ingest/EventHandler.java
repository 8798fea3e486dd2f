package io.cybershield.ingest;

import java.util.List;

/**
 * Told of new events of one tenant, in that tenant's scope and in the transaction that also stores
 * them and commits the offset: what it writes happens once for each event.
 */
public interface EventHandler {
    void handle(List<Event> events);
}
