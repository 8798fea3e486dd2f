package io.cybershield.engine;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Something wrong with a drawing.
 *
 * @param code stable, in kebab-case
 * @param node the node to mark; null when an edge or the whole workflow is meant
 * @param edge the edge to mark; null when a node or the whole workflow is meant
 * @param path node keys to light up, first to last: a cycle, or the way that proves the problem
 * @param message what is wrong, naming the place
 * @param mend what to do about it
 */
public record Problem(
        String code,
        Severity severity,
        @Nullable String node,
        @Nullable Edge edge,
        List<String> path,
        String message,
        String mend) {
    public Problem {
        path = List.copyOf(path);
    }

    /** Thrown when a drawing that cannot be run is to be run. */
    public static final class InvalidWorkflow extends RuntimeException {
        private final List<Problem> problems;

        InvalidWorkflow(List<Problem> problems) {
            super(
                    problems.stream()
                            .map(problem -> problem.message() + " " + problem.mend())
                            .collect(Collectors.joining(" ")));
            this.problems = List.copyOf(problems);
        }

        public List<Problem> problems() {
            return problems;
        }
    }
}
