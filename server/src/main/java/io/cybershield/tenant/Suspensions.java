package io.cybershield.tenant;

import io.cybershield.platform.Repeated;
import io.cybershield.platform.Standstill;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Keeps at hand which companies are suspended; on every node, whatever it does. */
@Component
final class Suspensions extends Repeated implements Standstill {
    private static final Duration EVERY = Duration.ofMillis(250);
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private volatile Set<TenantId> suspended = Set.of();

    Suspensions(Transactions transactions, JdbcClient jdbc) {
        super("suspensions", Duration.ZERO, EVERY);
        this.transactions = transactions;
        this.jdbc = jdbc;
    }

    @Override
    public boolean holds(TenantId tenant) {
        return suspended.contains(tenant);
    }

    /** Known before the doors open. */
    @Override
    public void start() {
        tick();
        super.start();
    }

    @Override
    public int getPhase() {
        return 0;
    }

    @Override
    protected void tick() {
        suspended =
                transactions.callAs(
                        Tenants.SCOPE,
                        () ->
                                Set.copyOf(
                                        jdbc.sql(
                                                        "SELECT id FROM platform.tenant WHERE state"
                                                                + " = 'suspended'")
                                                .query((row, _) ->
                                                        new TenantId(row.getObject(1, UUID.class)))
                                                .list()));
    }
}
