package io.cybershield.platform;

import java.util.List;
import java.util.Map;

/** Carries a {@link Problem} with its detail to the edge. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Problem problem;
    private final transient List<Problem.Place> places;
    private final transient Map<String, Object> extras;

    ProblemException(
            Problem problem,
            String detail,
            List<Problem.Place> places,
            Map<String, Object> extras) {
        super(detail);
        this.problem = problem;
        this.places = List.copyOf(places);
        this.extras = Map.copyOf(extras);
    }

    public Problem problem() {
        return problem;
    }

    public String detail() {
        return String.valueOf(getMessage());
    }

    public List<Problem.Place> places() {
        return places;
    }

    /**
     * Further members of the answer, such as {@code permission}; {@code retryAfterSeconds} also
     * becomes a header.
     */
    public Map<String, Object> extras() {
        return extras;
    }
}
