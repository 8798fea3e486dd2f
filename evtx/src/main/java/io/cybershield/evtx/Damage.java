package io.cybershield.evtx;

/**
 * A record or chunk cannot be read on. Always caught within the package and turned into an {@link
 * EvtxProblem}; carries no stack trace because hostile files raise it in great numbers.
 */
final class Damage extends Exception {

    private static final long serialVersionUID = 1L;

    private final int offset;

    /**
     * @param offset position in the chunk
     */
    Damage(int offset, String what) {
        super(what, null, false, false);
        this.offset = offset;
    }

    int offset() {
        return offset;
    }

    String what() {
        return String.valueOf(getMessage());
    }
}
