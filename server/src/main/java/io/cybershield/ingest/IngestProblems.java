package io.cybershield.ingest;

import io.cybershield.platform.Problem;
import io.cybershield.platform.Problem.Category;

/** What can go wrong at a door. */
final class IngestProblems {
    static final Problem WRONG_TOKEN =
            Problem.define(
                    "wrong-token",
                    "The token does not open this source",
                    401,
                    Category.CALLER,
                    "Send 'Authorization: Bearer csi_...' with the token that was shown when the"
                            + " source was made. Lost it? Make a new one under Settings, Sources;"
                            + " the old one stops working then.");
    static final Problem BROKEN_COMPRESSION =
            Problem.define(
                    "broken-compression",
                    "The compressed body is damaged",
                    400,
                    Category.CALLER,
                    "The gzip data end early or fail their checksum. Nothing was taken; compress"
                            + " again and repeat.");
    static final Problem EXPANDS_TOO_MUCH =
            Problem.define(
                    "expands-too-much",
                    "The body expands too much",
                    413,
                    Category.CALLER,
                    "Compressed data may expand to 100 times their size, no more. Nothing was"
                            + " taken; send smaller or less compressed parts.");
    static final Problem RECORD_TOO_LARGE =
            Problem.define(
                    "record-too-large",
                    "A record is too large",
                    413,
                    Category.CALLER,
                    "One record may have 1 MiB. Nothing of the request was taken; shorten or leave"
                            + " out the record that 'detail' names, then repeat.");
    static final Problem NOTHING_TAKEN =
            Problem.define(
                    "nothing-taken",
                    "No record could be taken",
                    422,
                    Category.CALLER,
                    "Every record of the request was refused; 'errors' names each line and what to"
                            + " change.");
    static final Problem UNKNOWN_FORMAT =
            Problem.define(
                    "unknown-format",
                    "The content type is not one that this door takes",
                    415,
                    Category.CALLER,
                    "Send application/json, application/x-ndjson or text/plain, plain or with"
                            + " 'Content-Encoding: gzip'.");
    static final Problem BUSY =
            Problem.define(
                    "ingest-busy",
                    "Too much at once",
                    429,
                    Category.CAPACITY,
                    "Nothing was taken. Keep the records and repeat after the seconds that"
                            + " Retry-After names.");
    static final Problem LOG_UNAVAILABLE =
            Problem.define(
                    "ingest-unavailable",
                    "Records cannot be kept just now",
                    503,
                    Category.CAPACITY,
                    "The event log did not take them, so none was accepted. Keep the records and"
                            + " repeat after the seconds that Retry-After names.");

    /** Not 403: most senders throw away what is refused so, and repeat what cannot be taken now. */
    static final Problem SUSPENDED =
            Problem.define(
                    "ingest-suspended",
                    "The company is suspended and takes nothing in",
                    503,
                    Category.CAPACITY,
                    "Nothing was taken, and it is counted. Keep the records and repeat later; an"
                            + " administrator of the company knows why.");

    static final Problem NAME_TAKEN =
            Problem.define(
                    "source-name-taken",
                    "A source of that name exists",
                    409,
                    Category.CONFLICT,
                    "Give the source another name, or make a new token for the one that exists.");
    static final Problem BAD_UPLOAD =
            Problem.define(
                    "bad-upload",
                    "The upload could not be taken",
                    422,
                    Category.CALLER,
                    "Send one file in the multipart field 'file': .evtx, .json, .jsonl or .log,"
                            + " plain, .gz or .zip.");

    private IngestProblems() {}
}
