package io.cybershield.workflow;

import io.cybershield.platform.Problem;
import io.cybershield.platform.Problem.Category;

/** What can go wrong with workflows. */
final class WorkflowProblems {
    static final Problem EDITED_MEANWHILE =
            Problem.define(
                    "edited-meanwhile",
                    "Somebody else edited it meanwhile",
                    409,
                    Category.CONFLICT,
                    "Load the newer version, bring your change in again, and save.");
    static final Problem NOT_SOUND =
            Problem.define(
                    "workflow-not-sound",
                    "The workflow is not sound",
                    422,
                    Category.CALLER,
                    "The list 'errors' names each node or edge and the mend.");
    static final Problem ALREADY_DECIDED =
            Problem.define(
                    "already-decided",
                    "The approval is already decided",
                    409,
                    Category.CONFLICT,
                    "Somebody was faster, it ran out of time, or its run ended. Nothing more is to"
                            + " be done.");
    static final Problem ACTION_CHANGED =
            Problem.define(
                    "action-changed",
                    "The action is not the one that was shown",
                    409,
                    Category.CONFLICT,
                    "Look at the approval again: a decision binds to exactly what was shown.");
    static final Problem NOT_YOURS =
            Problem.define(
                    "not-your-approval",
                    "The approval is not yours to decide",
                    403,
                    Category.CALLER,
                    "The detail says why. The page of the approval names those who may decide.");
    static final Problem ALREADY_VOTED =
            Problem.define(
                    "already-voted",
                    "You have voted already",
                    409,
                    Category.CONFLICT,
                    "One person has one vote in a stage. The approval goes on when others have"
                            + " voted, too.");
    static final Problem ANSWER_NOT_NEEDED =
            Problem.define(
                    "answer-not-needed",
                    "Nobody has to answer for the run",
                    409,
                    Category.CONFLICT,
                    "It goes on by itself. Nothing is to be done.");
    static final Problem TASK_OVER =
            Problem.define(
                    "task-over",
                    "The task is done already",
                    409,
                    Category.CONFLICT,
                    "Somebody was faster, it ran out of time, or its run ended.");
    static final Problem TASK_TAKEN =
            Problem.define(
                    "task-taken",
                    "Somebody else has taken the task",
                    409,
                    Category.CONFLICT,
                    "Ask them, or let them give it back.");
    static final Problem NOT_YOUR_TASK =
            Problem.define(
                    "not-your-task",
                    "The task is for others",
                    403,
                    Category.CALLER,
                    "Ask somebody whom the task names.");
    static final Problem FORM_NOT_VALID =
            Problem.define(
                    "form-not-valid",
                    "What was filled in does not fit the form",
                    422,
                    Category.CALLER,
                    "The list 'errors' names each field and what it needs.");
    static final Problem NOT_IN_DOUBT =
            Problem.define(
                    "not-in-doubt",
                    "The step is not in doubt",
                    409,
                    Category.CONFLICT,
                    "Somebody settled it, or its run went on. Load the run again.");

    static final Problem BAD_FILE =
            Problem.define(
                    "workflow-file-not-readable",
                    "The file is no workflow",
                    422,
                    Category.CALLER,
                    "The detail names the line and the mend. A file that was exported here can be"
                            + " read back.");

    static final Problem RUN_TOO_LONG =
            Problem.define(
                    "run-too-long",
                    "The run is too long to be done over again here",
                    422,
                    Category.CALLER,
                    "Its journal is whole and can be exported; replaying is bounded so that it does"
                            + " not hold up others.");
    static final Problem RUN_OVER =
            Problem.define(
                    "run-over",
                    "The run has ended",
                    409,
                    Category.CONFLICT,
                    "What has ended is not stopped or told anything. A run that failed can often be"
                            + " taken up again; the page of the run says so.");
    static final Problem RUN_NOT_BEGUN =
            Problem.define(
                    "run-not-begun",
                    "The run has not begun",
                    409,
                    Category.CONFLICT,
                    "It waits in the queue. Repeat when it runs, or cancel it.");
    static final Problem NOT_RESUMABLE =
            Problem.define(
                    "run-not-resumable",
                    "The run cannot be taken up again",
                    409,
                    Category.CONFLICT,
                    "The detail says why. Start the workflow anew instead.");
    static final Problem NO_ROOM =
            Problem.define(
                    "no-room-for-run",
                    "There is no room for the run now",
                    429,
                    Category.CAPACITY,
                    "A run that is taken up counts like one that begins, and a limit of the"
                            + " workflow or the company is used up. Repeat later.");
    static final Problem TOO_MANY_SIGNALS =
            Problem.define(
                    "too-many-signals",
                    "The run was sent too many signals",
                    409,
                    Category.CALLER,
                    "A run takes a thousand. Send it fewer, or stop it.");

    static final Problem LETTERS_CHANGED =
            Problem.define(
                    "dead-letters-changed",
                    "Others than those you were shown",
                    409,
                    Category.CONFLICT,
                    "Runs failed or were taken up meanwhile. Look at the list again, then decide.");

    private WorkflowProblems() {}
}
