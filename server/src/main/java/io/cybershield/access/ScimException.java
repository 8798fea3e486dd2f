package io.cybershield.access;

import org.jspecify.annotations.Nullable;

/** A refusal as RFC 7644, 3.12 words it. */
final class ScimException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int status;
    private final @Nullable String type;

    /**
     * @param type such as {@code invalidFilter}; null where the RFC names none
     */
    ScimException(int status, @Nullable String type, String detail) {
        super(detail);
        this.status = status;
        this.type = type;
    }

    static ScimException invalidValue(String detail) {
        return new ScimException(400, "invalidValue", detail);
    }

    static ScimException invalidSyntax(String detail) {
        return new ScimException(400, "invalidSyntax", detail);
    }

    static ScimException invalidPath(String detail) {
        return new ScimException(400, "invalidPath", detail);
    }

    static ScimException invalidFilter(String detail) {
        return new ScimException(400, "invalidFilter", detail);
    }

    static ScimException taken(String detail) {
        return new ScimException(409, "uniqueness", detail);
    }

    static ScimException notFound(String what) {
        return new ScimException(404, null, "There is no such " + what + ".");
    }

    int status() {
        return status;
    }

    @Nullable String type() {
        return type;
    }

    String detail() {
        return String.valueOf(getMessage());
    }
}
