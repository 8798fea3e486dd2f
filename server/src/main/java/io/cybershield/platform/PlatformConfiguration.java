package io.cybershield.platform;

import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the plumbing. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(Settings.class)
class PlatformConfiguration {
    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean(destroyMethod = "close")
    Database database(Settings settings) {
        return Database.open(DatabaseServer.open(settings), settings.db().poolSize());
    }

    @Bean(destroyMethod = "") // the database closes it, after everything that uses it
    DataSource dataSource(Database database) {
        return database.pool();
    }

    @Bean
    TenantSchemas tenantSchemas(Database database) {
        return database.tenantSchemas();
    }

    @Bean
    ScopedTransactionManager transactionManager(Database database) {
        return new ScopedTransactionManager(database.pool(), database.roles());
    }

    @Bean
    Transactions transactions(ScopedTransactionManager manager) {
        return new Transactions(manager, manager::enter);
    }
}
