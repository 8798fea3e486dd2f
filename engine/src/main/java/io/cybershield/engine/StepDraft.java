package io.cybershield.engine;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A step state that a decision is still changing; see {@link StepState} for the fields. */
final class StepDraft {
    final String key;
    private final Instant queuedAt;
    StepStatus status;
    long epoch;
    int attempt;
    int losses;
    @Nullable String worker;
    boolean probing;
    boolean mayHaveHappened;
    @Nullable String signal;
    @Nullable Instant startedAt;
    @Nullable Instant endedAt;
    @Nullable String port;
    Map<String, @Nullable Object> output;
    @Nullable String note;

    StepDraft(String key, Instant queuedAt) {
        this.key = key;
        this.queuedAt = queuedAt;
        this.status = StepStatus.QUEUED;
        this.output = Map.of();
    }

    StepDraft(StepState step) {
        key = step.key();
        queuedAt = step.queuedAt();
        status = step.status();
        epoch = step.epoch();
        attempt = step.attempt();
        losses = step.losses();
        worker = step.worker();
        probing = step.probing();
        mayHaveHappened = step.mayHaveHappened();
        signal = step.signal();
        startedAt = step.startedAt();
        endedAt = step.endedAt();
        port = step.port();
        output = step.output();
        note = step.note();
    }

    StepState freeze() {
        return new StepState(
                key,
                status,
                epoch,
                attempt,
                losses,
                worker,
                probing,
                mayHaveHappened,
                signal,
                queuedAt,
                startedAt,
                endedAt,
                port,
                output,
                note);
    }
}
