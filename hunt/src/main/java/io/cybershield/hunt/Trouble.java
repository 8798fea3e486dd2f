package io.cybershield.hunt;

/**
 * Something about a file that the reader of the report must know.
 *
 * @param place within the file, empty for all of it
 * @param problem what is wrong there and what it cost
 */
record Trouble(Kind kind, String place, String problem) {

    /** How bad it is. */
    enum Kind {
        /** Worth knowing, nothing is lost. */
        NOTE,
        /** Something of the file could not be read. */
        DAMAGED,
        /** Nothing of the file was read. */
        SKIPPED
    }

    static Trouble note(String place, String problem) {
        return new Trouble(Kind.NOTE, place, problem);
    }

    static Trouble damaged(String place, String problem) {
        return new Trouble(Kind.DAMAGED, place, problem);
    }

    static Trouble skipped(String problem) {
        return new Trouble(Kind.SKIPPED, "", problem);
    }

    @Override
    public String toString() {
        return place.isEmpty() ? problem : place + ": " + problem;
    }
}
