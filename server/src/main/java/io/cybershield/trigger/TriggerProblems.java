package io.cybershield.trigger;

import io.cybershield.platform.Problem;
import io.cybershield.platform.Problem.Category;

/** What can go wrong at the start of a run. */
final class TriggerProblems {
    static final Problem NOT_PUBLISHED =
            Problem.define(
                    "workflow-not-published",
                    "The workflow has no published version",
                    409,
                    Category.CONFLICT,
                    "Publish it first; runs always use a published version.");
    static final Problem INPUT_NOT_VALID =
            Problem.define(
                    "run-input-not-valid",
                    "The input does not fit the form",
                    422,
                    Category.CALLER,
                    "The list 'errors' names each place and what the form's JSON Schema asks"
                            + " there.");
    static final Problem KEY_REUSED =
            Problem.define(
                    "idempotency-key-reused",
                    "The Idempotency-Key was used for something else",
                    422,
                    Category.CALLER,
                    "A key stands for one start with one input, for 24 hours. Repeat that very"
                            + " request, or send a new key.");
    static final Problem RUNS_FULL =
            Problem.define(
                    "too-many-runs",
                    "The limit of runs is reached",
                    429,
                    Category.CAPACITY,
                    "The workflow's limits refuse what they cannot take. Repeat later, let it"
                            + " queue, or raise the limit on the workflow's page, under"
                            + " Triggers.");
    static final Problem TRIGGER_OFF =
            Problem.define(
                    "trigger-disabled",
                    "The trigger is switched off",
                    409,
                    Category.CONFLICT,
                    "Switch it on again on the workflow's page, under Triggers.");
    static final Problem HOOK_REFUSED =
            Problem.define(
                    "hook-refused",
                    "The hook does not take this request",
                    401,
                    Category.CALLER,
                    "Send the credentials that the hook asks for; 'detail' says which.");
    static final Problem HOOK_CLOSED =
            Problem.define(
                    "hook-address-not-allowed",
                    "The hook does not take requests from there",
                    403,
                    Category.CALLER,
                    "The hook takes requests from certain networks only. What counts is the"
                            + " address of the connection, not what a header says.");
    static final Problem HOOK_FORMAT =
            Problem.define(
                    "hook-format",
                    "The content type is not one that hooks take",
                    415,
                    Category.CALLER,
                    "Send application/json or application/x-www-form-urlencoded, plain or with"
                            + " 'Content-Encoding: gzip'.");
    static final Problem HOOK_SUSPENDED =
            Problem.define(
                    "hook-suspended",
                    "The company is suspended and takes nothing in",
                    503,
                    Category.CAPACITY,
                    "Nothing was started, and it is counted. Send it again later; an administrator"
                            + " of the company knows why.");
    static final Problem HOOK_BUSY =
            Problem.define(
                    "hook-busy",
                    "Too many requests for this hook",
                    429,
                    Category.CAPACITY,
                    "Nothing was started. Repeat after the seconds that Retry-After names.");

    private TriggerProblems() {}
}
