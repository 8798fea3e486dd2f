package io.cybershield.engine;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The content of one version of a workflow, without any id. The order in which nodes and edges are
 * given has no meaning; they are kept sorted, so equal drawings are equal values.
 */
public record WorkflowDefinition(
        String name, List<Node> nodes, List<Edge> edges, Settings settings) {

    public WorkflowDefinition {
        nodes = nodes.stream().sorted(Comparator.comparing(Node::key)).toList();
        edges =
                edges.stream()
                        .sorted(
                                Comparator.comparing(Edge::from)
                                        .thenComparing(Edge::port)
                                        .thenComparing(Edge::to))
                        .toList();
    }

    public static WorkflowDefinition of(String name, List<Node> nodes, List<Edge> edges) {
        return new WorkflowDefinition(name, nodes, edges, Settings.DEFAULT);
    }

    public Optional<Node> find(String key) {
        int low = 0;
        int high = nodes.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = nodes.get(middle).key().compareTo(key);
            if (order == 0) {
                return Optional.of(nodes.get(middle));
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return Optional.empty();
    }

    /** SHA-256, in lower-case hex, of the whole content in canonical text. */
    public String hash() {
        return CanonicalText.sha256(this);
    }

    /**
     * Settings of the whole run.
     *
     * @param deadline the run fails when it has not ended by then; no deadline when null
     * @param maxWorkerLosses how many workers may die over one step before it is given up; a step
     *     that kills its workers would otherwise go round for ever
     * @param closing limit of the closing steps of a run that was cancelled or ran out of time; ten
     *     minutes when null
     * @param keepOnFailure whether a run that fails leaves what it did as it is, though {@code
     *     undo} edges are drawn
     * @param errorWorkflow started once when a run fails, as the caller knows it; none when null
     */
    public record Settings(
            @Nullable Duration deadline,
            int maxWorkerLosses,
            @Nullable Duration closing,
            boolean keepOnFailure,
            @Nullable String errorWorkflow) {
        public static final Settings DEFAULT = new Settings(null, 16);

        /** Time for the closing steps of a run that was cancelled or ran out of time. */
        private static final Duration USUAL_CLOSING = Duration.ofMinutes(10);

        public Settings {
            check("deadline", deadline);
            check("closing", closing);
            if (maxWorkerLosses < 0) {
                throw new IllegalArgumentException(
                        "Settings: maxWorkerLosses must be 0 or more, but is "
                                + maxWorkerLosses
                                + ".");
            }
        }

        public Settings(@Nullable Duration deadline, int maxWorkerLosses) {
            this(deadline, maxWorkerLosses, null, false, null);
        }

        Duration closingLimit() {
            return closing == null ? USUAL_CLOSING : closing;
        }

        private static void check(String setting, @Nullable Duration limit) {
            if (limit != null
                    && (limit.isNegative()
                            || limit.isZero()
                            || limit.compareTo(Turn.LONGEST_WAIT) > 0)) {
                throw new IllegalArgumentException(
                        "Settings: "
                                + setting
                                + " must be longer than zero and shorter than ten years,"
                                + " but is "
                                + limit
                                + ".");
            }
        }
    }
}
