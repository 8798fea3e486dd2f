package io.cybershield.detection;

import io.cybershield.platform.Problem;
import io.cybershield.platform.Problem.Category;

/** What can go wrong with rules. */
final class DetectionProblems {
    static final Problem NO_RULES =
            Problem.define(
                    "no-rules-in-file",
                    "The file holds no rules",
                    422,
                    Category.CALLER,
                    "Send one .yml file, or a .zip of .yml files, in the multipart field 'file'.");
    static final Problem REFUSED_RULE =
            Problem.define(
                    "rule-refused",
                    "A refused rule cannot be switched",
                    409,
                    Category.CONFLICT,
                    "The rule never loaded: mend the file as its problem says and import it"
                            + " again.");

    static final Problem NOT_IN_QUARANTINE =
            Problem.define(
                    "rule-not-in-quarantine",
                    "The rule is not in quarantine",
                    409,
                    Category.CONFLICT,
                    "Somebody put it back already, or imported it anew. Reload the rule.");

    private DetectionProblems() {}
}
