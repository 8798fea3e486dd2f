package io.cybershield.workflow.debug;

import io.cybershield.platform.Problem;
import io.cybershield.platform.Problem.Category;

/** What can go wrong at the bench. */
final class DebugProblems {
    static final Problem NOT_RUNNABLE =
            Problem.define(
                    "draft-not-runnable",
                    "The draft cannot be run as it is",
                    422,
                    Category.CALLER,
                    "The detail says what it lacks. The list of problems in the builder names each"
                            + " node and its mend.");
    static final Problem SIMULATION_TOO_LONG =
            Problem.define(
                    "simulation-too-long",
                    "The simulation takes too long",
                    422,
                    Category.CALLER,
                    "Trying a draft is bounded in events and in time. Give it fewer items, or stop"
                            + " it earlier.");
    static final Problem BENCH_BUSY =
            Problem.define(
                    "bench-busy",
                    "Others are trying drafts at this moment",
                    503,
                    Category.CAPACITY,
                    "Simulations have a bounded part of the machine. Repeat it in a moment.");
    static final Problem TESTS_FAILED =
            Problem.define(
                    "tests-failed",
                    "The workflow's tests do not pass",
                    422,
                    Category.CALLER,
                    "This workflow is published only while its tests pass. The list 'errors' names"
                            + " each case and what came of it.");
    static final Problem NOT_REPEATABLE =
            Problem.define(
                    "run-not-repeatable",
                    "The run cannot be repeated",
                    422,
                    Category.CALLER,
                    "Only a run that is over, and that ended by itself, can become a case or be"
                            + " compared with another version.");
    static final Problem NOT_ON_THIS_VERSION =
            Problem.define(
                    "run-does-not-fit",
                    "The run does not fit that version",
                    422,
                    Category.CALLER,
                    "The version has no such trigger. Choose another one.");

    private DebugProblems() {}
}
