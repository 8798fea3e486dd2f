package io.cybershield.platform.eventlog;

import io.cybershield.platform.Database;
import io.cybershield.platform.Settings;
import io.cybershield.platform.Transactions;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Chooses the adapter. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(EventLogSettings.class)
class EventLogConfiguration {
    private static final Duration HANDLER_WITHIN = Duration.ofMinutes(5);

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
            Settings chosen,
            EventLogSettings settings,
            MeterRegistry registry,
            Clock clock) {
        var effects = JdbcClient.create(common.pool());
        var meters = new LogMeters(registry);
        String servers = chosen.kafka().servers();
        if (servers != null && !servers.isBlank()) {
            return new KafkaEventLog(
                    servers, database, transactions, effects, settings, meters, HANDLER_WITHIN);
        }
        return new PostgresEventLog(
                database, hints, transactions, effects, settings, meters, clock);
    }

    @Bean
    LogOperations logOperations(Database database, Transactions transactions) {
        return new LogOperations(transactions, JdbcClient.create(database.pool()));
    }

    @Bean
    AvroSchemas avroSchemas(Database database, Transactions transactions) {
        return new AvroSchemas(JdbcClient.create(database.pool()), transactions);
    }
}
