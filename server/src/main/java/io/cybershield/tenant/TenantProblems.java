package io.cybershield.tenant;

import io.cybershield.platform.Problem;
import io.cybershield.platform.Problem.Category;

/** What can go wrong on the way to a company. */
final class TenantProblems {
    static final Problem SETTING_UP =
            Problem.define(
                    "company-being-set-up",
                    "The company is being set up",
                    503,
                    Category.CAPACITY,
                    "It takes longer than usual and goes on by itself. Use the same link again in"
                            + " a minute; nothing is lost.");

    static final Problem TO_BE_DELETED =
            Problem.define(
                    "company-to-be-deleted",
                    "The company is to be deleted",
                    409,
                    Category.CONFLICT,
                    "It stands still until then. Take the deletion back, and it goes on.");

    private TenantProblems() {}
}
