package io.cybershield.platform;

import io.cybershield.platform.eventlog.AvroSchemas;
import io.cybershield.platform.eventlog.EventLog;
import io.cybershield.platform.eventlog.Wakeups;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** Wires domain events; every role relays, and consumes what its contexts registered. */
@Configuration(proxyBeanMethods = false)
class DomainEventsConfiguration {
    @Bean(destroyMethod = "close")
    OutboxDomainEvents domainEvents(
            EventLog eventLog,
            Database database,
            Transactions transactions,
            JsonMapper json,
            AvroSchemas schemas,
            Wakeups wakeups,
            Ids ids,
            Clock clock,
            MeterRegistry registry) {
        var jdbc = JdbcClient.create(database.pool());
        var wire = schemas.wire(EventOnWire.class);
        var relay = new OutboxRelay(eventLog, transactions, jdbc, wire, wakeups, registry);
        return new OutboxDomainEvents(eventLog, transactions, jdbc, json, wire, ids, clock, relay);
    }

    @Bean
    Starter domainEventsStarter(OutboxDomainEvents events) {
        return new Starter(events);
    }

    /** Not before everybody has registered. */
    record Starter(OutboxDomainEvents events) {
        @EventListener(ApplicationReadyEvent.class)
        void start() {
            events.start();
        }
    }
}
