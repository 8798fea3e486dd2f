package io.cybershield.provider;

import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Companies by name. */
@Component
final class CompanyNames {
    private final Transactions transactions;
    private final JdbcClient jdbc;

    CompanyNames(Transactions transactions, JdbcClient jdbc) {
        this.transactions = transactions;
        this.jdbc = jdbc;
    }

    String of(TenantId company) {
        return transactions.callAs(
                LiveGrants.PLATFORM,
                () ->
                        jdbc.sql("SELECT name FROM platform.tenant WHERE id = :id")
                                .param("id", company.value())
                                .query(String.class)
                                .single());
    }
}
