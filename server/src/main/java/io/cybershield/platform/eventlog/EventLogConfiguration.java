package io.cybershield.platform.eventlog;

import io.cybershield.platform.Database;
import io.cybershield.platform.Transactions;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Chooses the adapter. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(EventLogSettings.class)
class EventLogConfiguration {
    @Bean(destroyMethod = "close")
    LogDatabase logDatabase(Database database) {
        return new LogDatabase(database);
    }

    @Bean(destroyMethod = "close")
    Hints hints(LogDatabase database) {
        return new Hints(database);
    }

    @Bean(destroyMethod = "close")
    EventLog eventLog(
            Database common,
            LogDatabase database,
            Hints hints,
            Transactions transactions,
            EventLogSettings settings,
            MeterRegistry registry,
            Clock clock) {
        return new PostgresEventLog(
                database,
                hints,
                transactions,
                JdbcClient.create(common.pool()),
                settings,
                new LogMeters(registry),
                clock);
    }

    @Bean
    AvroSchemas avroSchemas(Database database, Transactions transactions) {
        return new AvroSchemas(JdbcClient.create(database.pool()), transactions);
    }
}
