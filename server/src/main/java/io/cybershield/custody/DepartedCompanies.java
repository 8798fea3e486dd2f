package io.cybershield.custody;

import io.cybershield.platform.Departures;
import io.cybershield.platform.Repeated;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Keeps at hand which companies are being deleted or were just now; on every node. */
@Component
class DepartedCompanies extends Repeated implements Departures {
    private static final Duration EVERY = Duration.ofMillis(250);
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private volatile Set<TenantId> departed = Set.of();

    DepartedCompanies(Transactions transactions, JdbcClient jdbc) {
        super("departures", Duration.ZERO, EVERY);
        this.transactions = transactions;
        this.jdbc = jdbc;
    }

    @Override
    public boolean holds(TenantId tenant) {
        return departed.contains(tenant);
    }

    /** For longer than anybody keeps anything of a company in memory. */
    @Override
    protected void tick() {
        departed =
                transactions.callAs(
                        LegalHolds.PLATFORM,
                        () ->
                                Set.copyOf(
                                        jdbc.sql(
                                                        """
                                                        SELECT DISTINCT company_id FROM platform.company_deletion
                                                        WHERE state = 'under-way' OR (state = 'done' AND ended_at > now() - interval '2 hours')
                                                        """)
                                                .query((row, _) ->
                                                        new TenantId(row.getObject(1, UUID.class)))
                                                .list()));
    }
}
