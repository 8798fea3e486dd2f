package io.cybershield.workflow;

import io.cybershield.engine.Command;
import io.cybershield.engine.RunResult;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who is told of what runs come to: people, screens, the trail, other contexts. All of it happens
 * in the transaction of what it is about, after its rows are written.
 */
interface Told {
    /** A run was made; whoever acts now started it. */
    void made(UUID run);

    /** A run was made by another. */
    void made(UUID child, UUID parent);

    /** A run waits in the queue. */
    void queued(RunView run);

    void started(RunView run);

    /** A run was ended from outside. */
    void stopped(RunView run, boolean wasQueued);

    void inDoubt(RunTurns.Loaded run, String step, String evidence);

    void noticed(RunTurns.Loaded run, Command.Notice notice, @Nullable String step, String text);

    /** A workflow is to be started that deals with the run's failure. */
    void startErrorWorkflow(RunTurns.Loaded run, String workflow, RunResult result);

    /**
     * A turn is written.
     *
     * @param inputs that are stored with its steps, as JSON
     */
    void turned(RunTurn turn, RunStore.Turned written, Map<String, String> inputs);

    /** As they are stored now. */
    void ended(List<RunView> runs);
}
