package io.cybershield.workflow;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.engine.Event;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Lets due timers fire; each is taken, told to its run and cleared in one transaction, so none
 * fires twice.
 */
@Component
@RunsIn(Role.WORKER)
final class Timers implements SmartLifecycle {
    private static final Duration PAUSE = Duration.ofMillis(250);
    private static final Scope PLATFORM = Scope.platform("workflow-timers");
    private final Transactions transactions;
    private final DispatchStore dispatch;
    private final RunTurns turns;
    private final ChildRuns childRuns;
    private @Nullable WorkLoop loop;

    Timers(Transactions transactions, DispatchStore dispatch, RunTurns turns, ChildRuns childRuns) {
        this.transactions = transactions;
        this.dispatch = dispatch;
        this.turns = turns;
        this.childRuns = childRuns;
    }

    /** Fires one; false when none is due. */
    private boolean fireOne() {
        return transactions.callAs(
                PLATFORM,
                () -> {
                    var due = dispatch.takeDueTimer(turns.now());
                    due.ifPresent(timer -> {
                        transactions.runAs(
                                Scope.tenant(
                                        timer.tenant(),
                                        new Principal(
                                                Principal.Kind.WORKFLOW,
                                                timer.run().toString(),
                                                "Workflow")),
                                () -> {
                                    dispatch.clearTimer(timer.tenant(), timer.run(), timer.timer());
                                    turns.take(
                                            timer.run(),
                                            childRuns
                                                    .word(timer.timer(), turns.now())
                                                    .orElseGet(() ->
                                                            new Event.TimerFired(
                                                                    turns.now(), timer.timer())),
                                            null);
                                });
                    });
                    return due.isPresent();
                });
    }

    @Override
    public void start() {
        loop = new WorkLoop("workflow-timers", PAUSE, this::fireOne);
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
