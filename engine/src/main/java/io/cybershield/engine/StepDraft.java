package io.cybershield.engine;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A step state that a decision is still changing; see {@link StepState} for the fields. */
final class StepDraft {
    final String id;
    final String key;
    private final Instant queuedAt;
    StepStatus status;
    long epoch;
    int attempt;
    int losses;
    @Nullable String worker;
    boolean probing;
    boolean mayHaveHappened;
    boolean cutOff;
    @Nullable String signal;
    @Nullable String child;
    @Nullable Instant startedAt;
    @Nullable Instant endedAt;
    @Nullable String port;
    Map<String, @Nullable Object> output;
    @Nullable String note;

    StepDraft(String id, Instant queuedAt) {
        this.id = id;
        this.key = StepId.key(id);
        this.queuedAt = queuedAt;
        this.status = StepStatus.QUEUED;
        this.output = Map.of();
    }

    StepDraft(StepState step) {
        id = step.id();
        key = step.key();
        queuedAt = step.queuedAt();
        status = step.status();
        epoch = step.epoch();
        attempt = step.attempt();
        losses = step.losses();
        worker = step.worker();
        probing = step.probing();
        mayHaveHappened = step.mayHaveHappened();
        cutOff = step.cutOff();
        signal = step.signal();
        child = step.child();
        startedAt = step.startedAt();
        endedAt = step.endedAt();
        port = step.port();
        output = step.output();
        note = step.note();
    }

    String frame() {
        return StepId.frame(id);
    }

    StepState freeze() {
        return new StepState(
                id,
                status,
                epoch,
                attempt,
                losses,
                worker,
                probing,
                mayHaveHappened,
                cutOff,
                signal,
                child,
                queuedAt,
                startedAt,
                endedAt,
                port,
                output,
                note);
    }
}
