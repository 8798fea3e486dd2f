package io.cybershield.workflow;

import io.cybershield.engine.DeadLetter;
import io.cybershield.engine.RunResult;
import io.cybershield.engine.RunStatus;
import io.cybershield.engine.StepId;
import io.cybershield.flow.Drawing;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What is kept beside a run in the transaction of its turn, for people and other runs. */
@Component
final class Aftermath {
    private static final int MOST_FAILED = 50;
    private final Signals signals;
    private final DeadLetterStore letters;

    Aftermath(Signals signals, DeadLetterStore letters) {
        this.signals = signals;
        this.letters = letters;
    }

    /**
     * @param completed how it ended, if this turn ended it
     */
    void turned(
            RunTurns.Loaded run,
            RunStore.Turned turned,
            @Nullable RunResult completed,
            Instant now) {
        signals.changed(run, turned.steps(), now);
        // A failure that another run was told of is that run's to deal with.
        if (completed != null
                && run.state().status() == RunStatus.FAILED
                && run.row().parent() == null) {
            letters.open(letter(run, turned.after(), completed));
        }
    }

    private static DeadLetterStore.Letter letter(
            RunTurns.Loaded run, RunView after, RunResult completed) {
        DeadLetter failed =
                completed.failed().stream()
                        .filter(one -> one.port() == null)
                        .reduce((_, last) -> last)
                        .orElse(null);
        return new DeadLetterStore.Letter(
                after,
                failed == null ? null : failed.step(),
                failed == null
                        ? null
                        : run.version().drawing().nodes().stream()
                                .filter(box -> box.key().equals(StepId.key(failed.step())))
                                .map(Drawing.Box::type)
                                .findFirst()
                                .orElse(null),
                failed == null ? completed.summary() : failed.reason(),
                failed == null ? 0 : failed.attempts(),
                completed.failed().stream().anyMatch(DeadLetter::mayHaveHappened),
                completed.resumable());
    }

    /** What asks for the workflow that deals with failures. */
    static ErrorWorkflowAsked errorWorkflow(
            RunTurns.Loaded run, String workflow, RunResult result) {
        List<ErrorWorkflowAsked.Failed> failed =
                result.failed().stream()
                        .filter(one -> one.port() == null)
                        .limit(MOST_FAILED)
                        .map(one ->
                                new ErrorWorkflowAsked.Failed(
                                        one.step(),
                                        one.reason(),
                                        one.attempts(),
                                        one.mayHaveHappened()))
                        .toList();
        return new ErrorWorkflowAsked(run.row().run(), workflow, result.summary(), failed);
    }
}
