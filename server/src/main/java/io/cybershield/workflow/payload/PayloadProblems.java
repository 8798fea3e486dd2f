package io.cybershield.workflow.payload;

import io.cybershield.platform.Problem;
import io.cybershield.platform.Problem.Category;

/** What can go wrong with payloads. */
final class PayloadProblems {
    static final Problem UNREADABLE =
            Problem.define(
                    "payload-unreadable",
                    "The payload is missing or damaged",
                    500,
                    Category.BUG,
                    "Its content is not what its hash says. Restore it from a backup, or let the"
                            + " step run again.");

    private PayloadProblems() {}
}
