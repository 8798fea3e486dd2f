package io.cybershield.platform;

import io.cybershield.platform.eventlog.TestEventLog;
import java.time.Clock;
import tools.jackson.databind.json.JsonMapper;

/** One node's domain events over a test's event log. */
public final class TestDomainEvents implements AutoCloseable {
    private final OutboxDomainEvents events;

    private TestDomainEvents(OutboxDomainEvents events) {
        this.events = events;
    }

    /** Not started: register first. */
    static OutboxDomainEvents of(TestDatabase database, TestEventLog log) {
        var wire = log.schemas().wire(EventOnWire.class);
        var relay =
                new OutboxRelay(
                        log.log(),
                        database.transactions(),
                        database.jdbc(),
                        wire,
                        log.wakeups(),
                        log.registry());
        return new OutboxDomainEvents(
                log.log(),
                database.transactions(),
                database.jdbc(),
                JsonMapper.builder().build(),
                wire,
                new Ids(Clock.systemUTC()),
                Clock.systemUTC(),
                relay);
    }

    public static TestDomainEvents start(TestDatabase database, TestEventLog log) {
        var events = of(database, log);
        events.start();
        return new TestDomainEvents(events);
    }

    public DomainEvents events() {
        return events;
    }

    @Override
    public void close() {
        events.close();
    }
}
