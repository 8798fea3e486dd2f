package io.cybershield.incident;

import io.cybershield.platform.Problem;
import io.cybershield.platform.Problem.Category;

/** What can go wrong with incidents. */
final class IncidentProblems {
    static final Problem CHANGED_MEANWHILE =
            Problem.define(
                    "incident-changed-meanwhile",
                    "Somebody changed the incident meanwhile",
                    409,
                    Category.CONFLICT,
                    "Read the incident again and repeat the change if it still makes sense.");

    private IncidentProblems() {}
}
