package io.cybershield.workflow;

import io.cybershield.access.SignedIn;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.engine.Event;
import io.cybershield.platform.Forms;
import io.cybershield.platform.Transactions;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What people say of their tasks, told to the run once. */
@Component
final class TaskAnswers {
    private final Transactions transactions;
    private final Tasks tasks;
    private final TaskStore store;
    private final RunTurns turns;
    private final Forms forms;
    private final AuditTrail audit;

    TaskAnswers(
            Transactions transactions,
            Tasks tasks,
            TaskStore store,
            RunTurns turns,
            Forms forms,
            AuditTrail audit) {
        this.transactions = transactions;
        this.tasks = tasks;
        this.store = store;
        this.turns = turns;
        this.forms = forms;
        this.audit = audit;
    }

    /** The form filled in. */
    TaskView done(UUID task, Map<String, @Nullable Object> fields, SignedIn by) {
        return answer(task, true, fields, null, by);
    }

    /** It cannot be done, and why. */
    TaskView refused(UUID task, String reason, SignedIn by) {
        return answer(task, false, Map.of(), reason, by);
    }

    @SuppressWarnings(
            "NullAway") // a field may be null; the engine's type says so only in its source
    private TaskView answer(
            UUID task,
            boolean done,
            Map<String, @Nullable Object> fields,
            @Nullable String reason,
            SignedIn by) {
        UUID run = tasks.get(task).runId();
        return transactions.call(() -> {
            // The run first, then the task: the same order as a turn.
            if (turns.load(new RunId(run)).isEmpty()) {
                throw new IllegalStateException("Run " + run + " is missing");
            }
            var held = tasks.held(task, run);
            tasks.requireMine(held.view(), by);
            if (done) {
                var places = forms.problems(held.view().form(), fields);
                if (!places.isEmpty()) {
                    throw WorkflowProblems.FORM_NOT_VALID.because(
                            "It does not fit the form of '" + held.view().title() + "'.", places);
                }
            }
            var now = turns.now();
            store.end(
                    task, done ? "done" : "refused", by.name(), reason, done ? fields : null, now);
            audit.append(
                    done ? "task.done" : "task.given-up",
                    "task:" + task,
                    Outcome.PERMITTED,
                    Map.of(
                            "run",
                            run.toString(),
                            "fields",
                            String.join(", ", fields.keySet()),
                            "reason",
                            reason == null ? "" : reason));
            var taken =
                    turns.take(
                            new RunId(run),
                            new Event.ApprovalDecided(
                                    now,
                                    held.view().stepKey(),
                                    held.epoch(),
                                    done,
                                    by.name(),
                                    reason == null ? "" : reason,
                                    fields));
            if (!taken.counted()) {
                throw WorkflowProblems.TASK_OVER.because("The run no longer waits for this.");
            }
            return tasks.changed(task);
        });
    }
}
