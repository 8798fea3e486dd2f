package io.cybershield.platform;

import io.cybershield.platform.Problem.Category;

/** Problems that belong to no context. */
public final class Problems {
    public static final Problem NOT_FOUND =
            Problem.define(
                    "not-found",
                    "Not found",
                    404,
                    Category.CALLER,
                    "There is no such thing, or it belongs to somebody else; the two look the same"
                            + " on purpose.");
    public static final Problem INVALID =
            Problem.define(
                    "invalid",
                    "The request is not valid",
                    422,
                    Category.CALLER,
                    "The list 'errors' names each place and what to change.");
    public static final Problem MALFORMED =
            Problem.define(
                    "malformed",
                    "The request could not be read",
                    400,
                    Category.CALLER,
                    "The body or a parameter is not what this address takes; 'detail' says where.");
    public static final Problem UNSUPPORTED =
            Problem.define(
                    "unsupported",
                    "Method or content type not supported",
                    405,
                    Category.CALLER,
                    "The address exists, but not for this method or content type.");
    public static final Problem TOO_LARGE =
            Problem.define(
                    "too-large",
                    "The request is too large",
                    413,
                    Category.CALLER,
                    "Send it in smaller parts; 'detail' names the limit.");
    public static final Problem BUSY =
            Problem.define(
                    "busy",
                    "Too much at once",
                    503,
                    Category.CAPACITY,
                    "Nothing was done. Repeat after the seconds that Retry-After names.");
    public static final Problem UNEXPECTED =
            Problem.define(
                    "unexpected",
                    "Something went wrong on our side",
                    500,
                    Category.BUG,
                    "The log has the cause under the trace id in 'detail'. Repeating may help.");

    private Problems() {}
}
