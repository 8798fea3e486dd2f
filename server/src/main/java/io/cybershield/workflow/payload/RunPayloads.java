package io.cybershield.workflow.payload;

import io.cybershield.connector.Bodies;
import io.cybershield.engine.Event;
import io.cybershield.flow.PayloadSource;
import io.cybershield.flow.Scrubber;
import java.util.UUID;

/** What the turns of runs need of payloads. */
public interface RunPayloads extends PayloadSource {
    /** An event without its large values, which are kept by the open transaction. */
    Event takeOut(Event event);

    /** From now on this run refers to what the event does; in the open transaction. */
    void use(UUID run, Event event);

    /** For one call: what it brings is kept without the secrets that went into it. */
    Bodies bodies(Scrubber scrubber);
}
