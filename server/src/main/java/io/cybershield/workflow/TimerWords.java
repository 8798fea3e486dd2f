package io.cybershield.workflow;

import io.cybershield.engine.Event;
import io.cybershield.workflow.DispatchStore.DueTimer;
import java.time.Instant;
import org.springframework.stereotype.Component;

/**
 * What a due timer brings to its run: the run's own, word from another run, a signal, or a person's
 * wish to take it up again. None of their names can be a run's own: a node's key has no hyphen.
 */
@Component
final class TimerWords {
    private final ChildRuns childRuns;
    private final Signals signals;
    private final BulkResumes replays;

    TimerWords(ChildRuns childRuns, Signals signals, BulkResumes replays) {
        this.childRuns = childRuns;
        this.signals = signals;
        this.replays = replays;
    }

    /** For timers that need no run, and those whose run must be asked first. */
    void fire(DueTimer timer, TurnBatch batch, Instant now) {
        if (signals.isOurs(timer)) {
            signals.word(timer, now)
                    .ifPresent(event ->
                            batch.find(timer.run()).ifPresent(turn -> turn.take(event, null)));
        } else if (replays.isOurs(timer)) {
            batch.find(timer.run()).ifPresent(turn -> replays.fire(turn, now));
        } else {
            batch.find(timer.run())
                    .ifPresent(turn ->
                            turn.take(
                                    childRuns
                                            .word(timer.timer(), now)
                                            .orElseGet(
                                                    () -> new Event.TimerFired(now, timer.timer())),
                                    null));
        }
    }
}
