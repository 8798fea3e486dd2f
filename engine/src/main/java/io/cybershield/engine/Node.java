package io.cybershield.engine;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One box of the drawing.
 *
 * @param key how expressions and journals name it ({@code steps.<key>.output}); unique in its
 *     workflow and never changed by renaming the node
 * @param type key of a {@link NodeType}
 * @param config JSON-shaped and deeply immutable; the caller evaluates it, the engine only looks
 *     for references in it
 * @param timeout longest time of one attempt, of an approval, of a wait, of a whole loop or of a
 *     child run; none when null
 * @param exemption why a node that destroys needs no approval; null where it does
 */
public record Node(
        String key,
        String type,
        String name,
        Map<String, @Nullable Object> config,
        RetryPolicy retry,
        @Nullable Duration timeout,
        OnError onError,
        Position position,
        @Nullable String exemption) {

    public Node {
        config = Values.frozen(config);
    }

    public Node(
            String key,
            String type,
            String name,
            Map<String, @Nullable Object> config,
            RetryPolicy retry,
            @Nullable Duration timeout,
            OnError onError,
            Position position) {
        this(key, type, name, config, retry, timeout, onError, position, null);
    }

    /** A node with neither retries nor timeout, drawn at the origin. */
    public static Node of(String key, String type, Map<String, @Nullable Object> config) {
        return new Node(
                key, type, key, config, RetryPolicy.NONE, null, OnError.FAIL_RUN, Position.ORIGIN);
    }

    public Node withRetry(RetryPolicy policy) {
        return new Node(key, type, name, config, policy, timeout, onError, position, exemption);
    }

    public Node withTimeout(@Nullable Duration limit) {
        return new Node(key, type, name, config, retry, limit, onError, position, exemption);
    }

    public Node withOnError(OnError mode) {
        return new Node(key, type, name, config, retry, timeout, mode, position, exemption);
    }

    /** May destroy without approval, for this reason. */
    public Node withExemption(@Nullable String reason) {
        return new Node(key, type, name, config, retry, timeout, onError, position, reason);
    }

    /** Where the node is drawn; no meaning to a run. */
    public record Position(double x, double y) {
        public static final Position ORIGIN = new Position(0, 0);
    }

    /** What a step that failed for good does when no edge leaves its error port. */
    public enum OnError {
        /** The run fails. */
        FAIL_RUN,
        /** The failure is noted and the run goes on through the node's only output port. */
        CONTINUE
    }
}
