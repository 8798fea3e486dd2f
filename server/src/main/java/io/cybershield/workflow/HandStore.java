package io.cybershield.workflow;

import io.cybershield.engine.RunState;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Rows beside a run that its turns do not write. In the tenant's scope. */
interface HandStore {
    /**
     * What a step did.
     *
     * @param input its settings as they were rendered, in JSON
     */
    record Done(@Nullable String port, @Nullable String input, @Nullable String output) {}

    /** Steps that succeeded, those of rounds that are over included. */
    Map<String, Done> done(RunId run);

    /** The run that goes on in its place; empty while it is its own. */
    Optional<UUID> continuedAs(RunId run);

    void continuedAs(RunId run, UUID other);

    /** Counts as live from here on, for others that go on in the same transaction. */
    void isLive(RunId run);

    /** Steps that were cut off before they were reached, and now may be; those of rounds stay. */
    void forgetUnreached(RunId run, RunState state);

    /**
     * It is of another version from here on.
     *
     * @param steps that the version has
     */
    void moved(RunId run, RunMove move, int steps);
}
