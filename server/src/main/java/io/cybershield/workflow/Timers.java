package io.cybershield.workflow;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.engine.Event;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.DispatchStore.DueTimer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
    private static final Logger log = LoggerFactory.getLogger(Timers.class);
    private static final int AT_ONCE = 200;
    private static final Scope PLATFORM = Scope.platform("workflow-timers");
    private final Transactions transactions;
    private final DispatchStore dispatch;
    private final RunTurns turns;
    private final List<TimerWord> words;
    private final WorkSignal signal;
    private @Nullable WorkLoop loop;

    Timers(
            Transactions transactions,
            DispatchStore dispatch,
            RunTurns turns,
            List<TimerWord> words,
            WorkSignal signal) {
        this.transactions = transactions;
        this.dispatch = dispatch;
        this.turns = turns;
        this.words = words;
        this.signal = signal;
    }

    /** Fires those that are due; all at once, and one by one when one of them breaks. */
    boolean fire() {
        try {
            return fire(AT_ONCE);
        } catch (RuntimeException e) {
            log.warn("timers fire one by one cause=\"{}\"", e.getMessage());
            return fire(1);
        }
    }

    /** Returns false when none was due of which the run was free. */
    private boolean fire(int most) {
        return transactions.callAs(
                PLATFORM,
                () -> {
                    var due = dispatch.takeDueTimers(turns.now(), most);
                    var byTenant =
                            due.stream()
                                    .collect(
                                            groupingBy(
                                                    timer -> timer.tenant().value(),
                                                    TreeMap::new,
                                                    toList()));
                    boolean some = false;
                    for (var timers : byTenant.values()) {
                        var tenant = timers.getFirst().tenant();
                        some |=
                                transactions.callAs(
                                        Scope.tenant(tenant, Principal.system("workflow-timers")),
                                        () -> fireOf(timers));
                    }
                    return some;
                });
    }

    /**
     * Whoever is at work on a run takes the run first and then its timers; here the timers are
     * taken already. To wait for such a run could be for ever, so its timers wait for the next
     * look.
     */
    private boolean fireOf(List<DueTimer> all) {
        var ids = all.stream().map(DueTimer::run).distinct().toList();
        var batch = turns.batch(List.of());
        batch.lockFree(ids);
        var busy = new HashSet<>(ids);
        busy.removeIf(id -> batch.find(id).isPresent());
        if (!busy.isEmpty()) {
            busy.retainAll(turns.runs.known(busy));
        }
        var timers = all.stream().filter(timer -> !busy.contains(timer.run())).toList();
        dispatch.clearTimers(timers);
        for (DueTimer timer : timers) {
            Instant now = turns.now();
            if (words.stream().noneMatch(word -> word.fire(timer, batch, now))) {
                batch.find(timer.run())
                        .ifPresent(
                                turn -> turn.take(new Event.TimerFired(now, timer.timer()), null));
            }
        }
        batch.flush();
        return !timers.isEmpty();
    }

    @Override
    public void start() {
        var firing = new WorkLoop("workflow-timers", PAUSE, this::fire);
        loop = firing;
        signal.onTimer(firing::wake);
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
