package io.cybershield.custody;

import io.cybershield.platform.Problem;
import io.cybershield.platform.Problem.Category;

/** What can stand in the way of taking a company's data out, holding or deleting it. */
final class CustodyProblems {
    static final Problem ON_HOLD =
            Problem.define(
                    "company-on-hold",
                    "The company is on hold",
                    409,
                    Category.CONFLICT,
                    "While a hold stands, the company is not deleted. Whoever set it can lift it.");

    static final Problem DELETION_PLANNED =
            Problem.define(
                    "company-deletion-planned",
                    "The company is to be deleted already",
                    409,
                    Category.CONFLICT,
                    "It is planned, or under way. Until its time it can be taken back.");

    static final Problem DELETION_BEGUN =
            Problem.define(
                    "company-deletion-begun",
                    "The deletion cannot be taken back",
                    409,
                    Category.CONFLICT,
                    "There is none, it was taken back before, or its time has come.");

    static final Problem EXPORT_UNDER_WAY =
            Problem.define(
                    "company-export-under-way",
                    "An export is under way",
                    409,
                    Category.CAPACITY,
                    "A company is exported once at a time, and so many companies at a time. Wait"
                            + " until it is done.");

    static final Problem ADMINISTRATORS_ONLY =
            Problem.define(
                    "administrators-only",
                    "Only administrators of the company may",
                    403,
                    Category.CALLER,
                    "A role of the company's own, a key, and a provider's people may not, whatever"
                            + " else they may do.");

    static final Problem NOT_IMPORTED =
            Problem.define(
                    "company-not-imported",
                    "The company was not brought in",
                    422,
                    Category.CALLER,
                    "Nothing of it is here. 'detail' says what is in the way, and where.");

    private CustodyProblems() {}
}
