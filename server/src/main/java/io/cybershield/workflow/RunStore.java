package io.cybershield.workflow;

import io.cybershield.engine.StepState;
import io.cybershield.platform.Problems;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Runs, their journals and steps in the tenant's schema, as turns need them. Every method needs an
 * open transaction in the tenant's scope.
 */
interface RunStore {
    /**
     * A run's row, taken for the open transaction.
     *
     * @param length how many entries its journal has
     * @param head hash of its journal, which names its content and so its state
     * @param depth how many runs deep it was started by runs
     * @param hasPeople whether somebody started it or took it up, and answers for it
     */
    record Row(
            RunView run,
            long length,
            byte[] head,
            @Nullable Parent parent,
            int depth,
            boolean hasPeople) {
        RunId id() {
            return new RunId(run.id());
        }
    }

    /** The step that started a run and is told of its end. */
    record Parent(UUID run, String step, long epoch) {}

    /**
     * What one turn adds to a run; each step as it is now, with its input where this turn rendered
     * it.
     *
     * @param isNew whether the run's row is yet to be made
     */
    record Turned(
            Row row,
            boolean isNew,
            String entry,
            byte[] head,
            RunView after,
            @Nullable String result,
            List<StepState> steps,
            Map<String, Map<String, @Nullable Object>> inputs) {}

    /** Rise; a number whose start was rolled back is not given again. */
    List<Long> nextNumbers(int many);

    /** A run that waits in the queue. */
    void insert(RunView run);

    /** True if it was queued still, and now is nobody else's to begin or end. */
    boolean beginQueued(RunId run, Instant at);

    /** True if it was queued still; it ends without having begun. */
    boolean endQueued(RunId run, Instant at, String why);

    /**
     * Takes these runs for this transaction, always in the same order; those that are missing are
     * left out.
     */
    Map<RunId, Row> lock(Collection<RunId> ids);

    /** As {@link #lock}, and waits for nobody: those that somebody is at work on are left out. */
    Map<RunId, Row> lockFree(Collection<RunId> ids);

    /** Those of these runs that there are. */
    Set<RunId> known(Collection<RunId> ids);

    /** All entries of its journal, in order. */
    List<String> journal(RunId run);

    /**
     * Adds to the journals of several runs and brings their rows up to their new state, in three or
     * four statements whatever their number.
     *
     * @return for each step written of a run that was there before, the input that is now stored
     *     with it, by run and step
     */
    Map<RunId, Map<String, String>> write(List<Turned> turns);

    Optional<RunView> find(RunId run);

    default RunView get(RunId run) {
        return find(run).orElseThrow(() -> Problems.NOT_FOUND.because("There is no such run."));
    }
}
