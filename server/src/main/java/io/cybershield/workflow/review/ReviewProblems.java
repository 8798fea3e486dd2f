package io.cybershield.workflow.review;

import io.cybershield.platform.Problem;
import io.cybershield.platform.Problem.Category;

/** What can go wrong with reviews. */
final class ReviewProblems {
    static final Problem REVIEW_NEEDED =
            Problem.define(
                    "review-needed",
                    "Somebody else must look at it first",
                    409,
                    Category.CALLER,
                    "Your company publishes by four eyes: ask for a review of the draft as it is;"
                            + " somebody who did not edit it publishes it.");
    static final Problem OWN_EDIT =
            Problem.define(
                    "own-edit",
                    "Who edited it may not publish it",
                    403,
                    Category.CALLER,
                    "Your company publishes by four eyes, and you edited this draft since it was"
                            + " last published, or asked for this review. Ask somebody else.");
    static final Problem DRAFT_CHANGED =
            Problem.define(
                    "draft-changed",
                    "The draft is not the one that was shown",
                    409,
                    Category.CONFLICT,
                    "Somebody saved it meanwhile. Look at what it says now; a new review has to be"
                            + " asked for.");
    static final Problem REVIEW_OVER =
            Problem.define(
                    "review-over",
                    "The review is over",
                    409,
                    Category.CONFLICT,
                    "Somebody decided it, took it back, or changed the draft. Load it again.");
    static final Problem NOTHING_TO_REVIEW =
            Problem.define(
                    "nothing-to-review",
                    "There is nothing to review",
                    409,
                    Category.CALLER,
                    "The draft says what the version in use says.");

    private ReviewProblems() {}
}
