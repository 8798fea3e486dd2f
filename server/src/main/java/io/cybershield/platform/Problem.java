package io.cybershield.platform;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A kind of problem (RFC 9457); each is one constant in its context.
 *
 * @param slug end of its stable type, {@code /problems/<slug>}, which the product itself serves
 * @param title never varies
 * @param status HTTP status
 * @param category who must act: gives log level and whether to retry
 * @param help what it means and what to do, for the page at its type
 */
public record Problem(String slug, String title, int status, Category category, String help) {
    private static final Map<String, Problem> KNOWN = new ConcurrentHashMap<>();

    public enum Category {
        /** The request is wrong: change it. */
        CALLER,
        /** Somebody was faster: read again. */
        CONFLICT,
        /** Too much at once: wait and repeat. */
        CAPACITY,
        /** Something outside failed: repeat later. */
        OUTSIDE,
        /** Our fault. */
        BUG
    }

    /**
     * One wrong place in the input.
     *
     * @param pointer JSON pointer with leading '#', or a line such as "line 7"
     * @param detail what is wrong there and the mend
     */
    public record Place(String pointer, String detail) {}

    public static Problem define(
            String slug, String title, int status, Category category, String help) {
        var problem = new Problem(slug, title, status, category, help);
        KNOWN.put(slug, problem);
        return problem;
    }

    /** All that were defined so far, by slug. */
    public static Map<String, Problem> known() {
        return Map.copyOf(KNOWN);
    }

    public String type() {
        return "/problems/" + slug;
    }

    /**
     * @param detail what happened, with which value, and what to do; no secret, nothing of another
     *     tenant
     */
    public ProblemException because(String detail) {
        return new ProblemException(this, detail, List.of(), Map.of());
    }

    public ProblemException because(String detail, List<Place> places) {
        return new ProblemException(this, detail, places, Map.of());
    }

    public ProblemException because(String detail, Map<String, Object> extras) {
        return new ProblemException(this, detail, List.of(), extras);
    }
}
