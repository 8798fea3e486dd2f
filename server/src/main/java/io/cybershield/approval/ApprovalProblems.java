package io.cybershield.approval;

import io.cybershield.platform.Problem;
import io.cybershield.platform.Problem.Category;

/** What can go wrong with templates and delegations. */
final class ApprovalProblems {
    static final Problem TEMPLATE_NOT_SOUND =
            Problem.define(
                    "approval-template-not-sound",
                    "The approval template is not sound",
                    422,
                    Category.CALLER,
                    "The list 'errors' names each setting and the mend.");
    static final Problem TEMPLATE_CHANGED =
            Problem.define(
                    "approval-template-changed",
                    "Somebody else changed the template meanwhile",
                    409,
                    Category.CONFLICT,
                    "Load it again, bring your change in again, and save.");
    static final Problem DELEGATION_REFUSED =
            Problem.define(
                    "delegation-refused",
                    "This vote cannot be lent",
                    422,
                    Category.CALLER,
                    "The detail says why. A vote is lent to one active colleague who may decide"
                            + " approvals, for 90 days at most, and never lent on.");

    private ApprovalProblems() {}
}
