package io.cybershield.workflow.payload;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Repeated;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Removes contents that no run refers to a day after they were last asked for: those of calls whose
 * worker died before it could tell, and those of runs that are gone.
 */
@Component
@RunsIn(Role.WORKER)
final class PayloadSweep extends Repeated {
    private static final Logger log = LoggerFactory.getLogger(PayloadSweep.class);
    private static final Duration EVERY = Duration.ofHours(1);
    private static final Duration AGE = Duration.ofDays(1);
    private static final Scope PLATFORM = Scope.platform("workflow-payloads");
    private final Payloads payloads;
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final MeterRegistry meters;

    PayloadSweep(
            Payloads payloads, Transactions transactions, JdbcClient jdbc, MeterRegistry meters) {
        super("payload-sweep", EVERY);
        this.payloads = payloads;
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.meters = meters;
    }

    /** One tenant after another; what fails for one is tried again with the next round. */
    @Override
    protected void tick() {
        List<UUID> tenants =
                transactions.callAs(
                        PLATFORM,
                        () ->
                                jdbc.sql("SELECT tenant_id FROM platform.tenant_schema")
                                        .query(UUID.class)
                                        .list());
        for (UUID tenant : tenants) {
            try {
                int gone =
                        Scope.tenant(new TenantId(tenant), Principal.system("payload-sweep"))
                                .get(() -> payloads.sweep(AGE));
                meters.counter("cybershield.workflow.payloads.swept").increment(gone);
            } catch (RuntimeException e) {
                log.warn("payloads were not swept tenant={} cause=\"{}\"", tenant, e.getMessage());
            }
        }
    }
}
