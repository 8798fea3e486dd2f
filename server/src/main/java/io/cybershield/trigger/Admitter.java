package io.cybershield.trigger;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.cybershield.trigger.JdbcAdmissionStore.Turn;
import io.cybershield.workflow.RunId;
import io.cybershield.workflow.Runs;
import io.cybershield.workflow.WorkLoop;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Begins queued runs as places become free. Tenants take turns, each of a few runs by its weight,
 * so that the length of one tenant's queue is nothing to another.
 */
@Component
@RunsIn(Role.WORKER)
class Admitter implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(Admitter.class);

    /** Runs that begin in a turn, times the weight. */
    static final int TURN = 8;

    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
    private static final Scope PLATFORM = Scope.platform("run-admission");
    private final Transactions transactions;
    private final JdbcAdmissionStore store;
    private final DueStore dues;
    private final Admission admission;
    private final Runs runs;
    private final MeterRegistry meters;
    private @Nullable WorkLoop loop;

    Admitter(
            Transactions transactions,
            JdbcAdmissionStore store,
            DueStore dues,
            Runs runs,
            MeterRegistry meters) {
        this.transactions = transactions;
        this.store = store;
        this.dues = dues;
        this.admission = new Admission(store);
        this.runs = runs;
        this.meters = meters;
    }

    /** One tenant's turn; false when no tenant has one now. */
    boolean turn() {
        Turn[] taken = new Turn[1];
        var beginning = new AtomicReference<@Nullable UUID>();
        try {
            return transactions.callAs(
                    PLATFORM,
                    () -> {
                        dues.boundIdleness();
                        var turn = store.takeTurn();
                        turn.ifPresent(t -> {
                            taken[0] = t;
                            take(t, beginning);
                        });
                        return turn.isPresent();
                    });
        } catch (RuntimeException e) {
            Turn failed = taken[0];
            if (failed == null) {
                throw e;
            }
            meters.counter("cybershield.run.admission.broken").increment();
            log.error("queued run could not begin and waits on run={}", beginning.get(), e);
            transactions.runAs(PLATFORM, () -> store.endTurn(failed, false, AFTER_FAILURE));
            UUID run = beginning.get();
            if (run != null) {
                transactions.runAs(scope(failed), () -> store.last(run));
            }
            return true;
        }
    }

    private void take(Turn turn, AtomicReference<@Nullable UUID> beginning) {
        record Left(int begun, boolean empty) {}
        Left left =
                transactions.callAs(
                        scope(turn),
                        () -> {
                            store.lock();
                            int begun =
                                    admission.admitQueued(TURN * turn.weight(), starter(beginning));
                            return new Left(begun, store.queued(1) == 0);
                        });
        meters.counter("cybershield.run.admitted").increment(left.begun());
        store.endTurn(turn, left.empty(), left.begun() > 0 ? Duration.ZERO : PAUSE);
    }

    private Admission.Starter starter(AtomicReference<@Nullable UUID> beginning) {
        return new Admission.Starter() {
            @Override
            public boolean begin(UUID run, String node, Map<String, @Nullable Object> input) {
                beginning.set(run);
                boolean began = runs.begin(new RunId(run), node, input).isPresent();
                beginning.set(null);
                return began;
            }

            @Override
            public void stop(UUID run) {
                runs.stop(
                        new RunId(run),
                        "the workflow's limit",
                        "Stopped to make room for a newer run.");
            }
        };
    }

    private static Scope scope(Turn turn) {
        return Scope.tenant(turn.tenant(), Principal.system("run-admission"));
    }

    @Override
    public void start() {
        loop = new WorkLoop("run-admission", PAUSE, this::turn);
    }

    @Override
    public void stop() {
        if (loop != null) {
            loop.close();
            loop = null;
        }
    }

    @Override
    public boolean isRunning() {
        return loop != null;
    }
}
