package io.cybershield.platform.postgres;

/** The embedded PostgreSQL did not do what it must; the message says what to do. */
public final class PostgresFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public PostgresFailure(String message) {
        super(message);
    }
}
