package io.cybershield.workflow;

import io.cybershield.engine.Event;
import io.cybershield.engine.StepState;
import io.cybershield.engine.StepStatus;
import io.cybershield.flow.SignalName;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.DispatchStore.DueTimer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Signals to whichever run waits for their name and key. A signal and a wait may be stored at the
 * same moment, neither seeing the other; so each looks for the other once more after its commit,
 * and whoever is later sees both. A run that is told twice counts it once, by the signal's id.
 */
@Component
final class Signals implements TimerWord {
    static final Duration KEPT = Duration.ofHours(24);

    /** A signal that would wake more at once is refused. */
    static final int MOST_TOLD = 10_000;

    /** Before the id of a signal that a timer brings to its run. */
    static final String DELIVER = "deliver-signal/";

    private static final String LOOK = "look-for-signal/";
    private static final String POSTED = "posted-signal/";
    private final Transactions transactions;
    private final SignalStore store;
    private final DispatchStore dispatch;
    private final WorkSignal wake;

    Signals(Transactions transactions, SignalStore store, DispatchStore dispatch, WorkSignal wake) {
        this.transactions = transactions;
        this.store = store;
        this.dispatch = dispatch;
        this.wake = wake;
    }

    /**
     * A signal that was taken.
     *
     * @param repeated whether one with this id had been sent before; nothing was done then
     * @param told runs that waited for it
     */
    record Sent(SignalStore.Kept signal, boolean repeated, int told) {}

    /**
     * Tells every run that waits for it; kept for {@link #KEPT} for the first that will, when none
     * does.
     */
    Sent post(
            String id,
            SignalName name,
            Map<String, @Nullable Object> payload,
            String by,
            Instant at) {
        var tenant = Scope.currentTenant();
        boolean added =
                transactions.call(() -> {
                    boolean first = store.insert(id, name.text(), payload, by, at, KEPT);
                    if (first) {
                        // Should this process die before it looks.
                        dispatch.setTimers(
                                List.of(
                                        new DueTimer(
                                                tenant,
                                                new RunId(UUID.randomUUID()),
                                                POSTED + id,
                                                at.plusSeconds(2))));
                    } else if (!store.find(id).orElseThrow().signal().equals(name.text())) {
                        throw Problems.INVALID.because(
                                "A signal with the id '"
                                        + id
                                        + "' was sent before, with another name or key. Give each"
                                        + " signal an id of its own.");
                    }
                    return first;
                });
        if (added) {
            transactions.run(() -> deliver(tenant, id, at));
            wake.wakeTimers();
        }
        return transactions.call(() -> {
            var kept = store.find(id).orElseThrow();
            return new Sent(kept, !added, kept.told());
        });
    }

    /** Has each waiting run told, in a transaction of its own. */
    private void deliver(TenantId tenant, String id, Instant at) {
        var kept = store.find(id);
        if (kept.isEmpty() || kept.get().told() > 0) {
            return;
        }
        var runs = store.waiting(kept.get().signal(), MOST_TOLD);
        dispatch.setTimers(
                runs.stream()
                        .map(run -> new DueTimer(tenant, new RunId(run), DELIVER + id, at))
                        .toList());
        store.told(id, runs.size());
    }

    /** Whether a timer is of a signal, and none that a run has set. */
    @Override
    public boolean fire(DueTimer timer, TurnBatch batch, Instant now) {
        boolean ours =
                timer.timer().startsWith(DELIVER)
                        || timer.timer().startsWith(LOOK)
                        || timer.timer().startsWith(POSTED);
        if (ours) {
            word(timer, now)
                    .ifPresent(event ->
                            batch.find(timer.run()).ifPresent(turn -> tell(turn, event, timer)));
        }
        return ours;
    }

    /**
     * A run gives what it hears to its first step that waits for it; others may have to look on.
     */
    private void tell(RunTurn turn, Event event, DueTimer timer) {
        turn.take(event, null);
        boolean looksOn =
                timer.timer().startsWith(LOOK)
                        && turn.now()
                                .state()
                                .step(timer.timer().substring(LOOK.length()))
                                .filter(step -> step.status() == StepStatus.WAITING)
                                .isPresent();
        if (looksOn) {
            dispatch.setTimers(List.of(timer));
        }
    }

    /** What a timer brings to its run, if anything. */
    private Optional<Event> word(DueTimer timer, Instant now) {
        if (timer.timer().startsWith(POSTED)) {
            deliver(timer.tenant(), timer.timer().substring(POSTED.length()), now);
            return Optional.empty();
        }
        if (timer.timer().startsWith(DELIVER)) {
            return store.find(timer.timer().substring(DELIVER.length())).map(k -> arrived(k, now));
        }
        return store.awaited(timer.run(), timer.timer().substring(LOOK.length()))
                .flatMap(signal -> store.takeKept(signal, now))
                .flatMap(store::find)
                .map(kept -> arrived(kept, now));
    }

    @SuppressWarnings(
            "NullAway") // a value may be null; the engine's type says so only in its source
    private static Event arrived(SignalStore.Kept kept, Instant now) {
        return new Event.SignalArrived(now, kept.id(), kept.signal(), kept.payload());
    }

    /** Remembers which steps of a run wait for a signal; in the transaction of the run's turn. */
    void changed(RunTurns.Loaded run, Collection<StepState> steps, Instant now) {
        for (StepState step : steps) {
            if (!run.node(step.id()).type().equals(NodeKinds.WAIT)) {
                continue;
            }
            RunId id = run.row().id();
            String signal = step.signal();
            if (step.status() == StepStatus.WAITING && signal != null) {
                store.waits(id, step.id(), step.epoch(), signal);
                dispatch.setTimers(
                        List.of(new DueTimer(Scope.currentTenant(), id, LOOK + step.id(), now)));
            } else if (step.status().isFinal()) {
                store.waitsNoMore(id, step.id());
            }
        }
    }
}
