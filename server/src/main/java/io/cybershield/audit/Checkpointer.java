package io.cybershield.audit;

import io.cybershield.platform.Departures;
import io.cybershield.platform.Principal;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Repeated;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Has the chains to which this process appended signed in time: after so many entries, or so long
 * after the first that no checkpoint covers. When two processes come at once, a lock lets one make
 * the checkpoint and the other finds it made.
 */
@Component
class Checkpointer extends Repeated implements AuditListener {
    private static final Logger log = LoggerFactory.getLogger(Checkpointer.class);
    private static final Duration EVERY = Duration.ofSeconds(2);
    private static final Duration AGAIN = Duration.ofMinutes(5);

    private final Checkpoints checkpoints;
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final AuditSettings settings;
    private final Departures departures;
    private final Clock clock;
    private final Map<TenantId, Waiting> waiting = new ConcurrentHashMap<>();
    private volatile boolean remembered;

    /**
     * @param covered the last entry under a checkpoint, as far as known here
     * @param seq the last entry heard of
     * @param due when one is made even if few entries have come
     */
    private record Waiting(long covered, long seq, Instant due) {}

    Checkpointer(
            Checkpoints checkpoints,
            Transactions transactions,
            JdbcClient jdbc,
            AuditSettings settings,
            Departures departures,
            Clock clock) {
        super("audit-checkpoints", EVERY);
        this.checkpoints = checkpoints;
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.settings = settings;
        this.departures = departures;
        this.clock = clock;
    }

    @Override
    public void appended(TenantId tenant, AuditView entry) {
        waiting.merge(
                tenant,
                new Waiting(
                        entry.seq() - 1,
                        entry.seq(),
                        clock.instant().plus(settings.checkpointEvery())),
                (before, now) ->
                        new Waiting(
                                before.covered(), Math.max(before.seq(), now.seq()), before.due()));
    }

    /** Makes the checkpoints that are due. */
    @Override
    protected void tick() {
        if (!remembered) {
            remember();
            remembered = true;
        }
        waiting.keySet().removeIf(departures::holds);
        waiting.forEach((tenant, chain) -> {
            boolean due = !clock.instant().isBefore(chain.due());
            if (due || chain.seq() - chain.covered() >= settings.checkpointEntries()) {
                make(tenant, chain, due);
            }
        });
    }

    private void make(TenantId tenant, Waiting chain, boolean due) {
        try {
            long covered =
                    Scope.tenant(tenant, Principal.system("audit"))
                            .get(() -> checkpoints.make().map(Checkpoint::seq).orElse(0L));
            waiting.computeIfPresent(
                    tenant,
                    (_, now) -> {
                        if (now.seq() <= covered || due && now.equals(chain)) {
                            return null; // what was heard of and is not there was rolled back
                        }
                        return new Waiting(
                                covered,
                                now.seq(),
                                clock.instant().plus(settings.checkpointEvery()));
                    });
        } catch (ProblemException e) {
            // Said where it was found. Asked again by what is appended next, not before long.
            waiting.computeIfPresent(
                    tenant,
                    (_, now) -> new Waiting(now.seq(), now.seq(), clock.instant().plus(AGAIN)));
        } catch (RuntimeException e) {
            // One chain that cannot be reached must not keep the others waiting.
            log.warn("checkpoint not made, trying again tenant={} cause={}", tenant, e.toString());
        }
    }

    /** What was appended before a crash may have nobody here who remembers it. */
    private void remember() {
        var tenants =
                transactions.callAs(
                        Scope.platform("audit"),
                        () ->
                                jdbc.sql("SELECT tenant_id::text FROM tenant_schema")
                                        .query(String.class)
                                        .list());
        Instant due = clock.instant().plus(settings.checkpointEvery());
        for (String id : tenants) {
            var tenant = TenantId.parse(id);
            Scope.tenant(tenant, Principal.system("audit"))
                    .get(checkpoints::uncovered)
                    .ifPresent(more ->
                            waiting.merge(tenant, new Waiting(0, more, due), (now, _) -> now));
        }
    }
}
