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

    private TenantProblems() {}
}
