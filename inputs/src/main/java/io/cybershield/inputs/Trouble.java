package io.cybershield.inputs;

/**
 * Something about an input that whoever gave it must know.
 *
 * @param place within the file, empty for all of it
 * @param problem what is wrong there and what it cost; of the whole file without its subject
 * @param mend what to do; empty where there is nothing
 */
public record Trouble(Kind kind, String place, String problem, String mend) {

    /** How bad it is. */
    public enum Kind {
        /** Worth knowing, nothing is lost. */
        NOTE,
        /** Something of the file could not be read. */
        DAMAGED,
        /** Nothing of the file was read. */
        SKIPPED
    }

    public static Trouble note(String place, String problem) {
        return new Trouble(Kind.NOTE, place, problem, "");
    }

    public static Trouble damaged(String place, String problem) {
        return new Trouble(Kind.DAMAGED, place, problem, "");
    }

    public static Trouble skipped(String problem) {
        return skipped(problem, "");
    }

    static Trouble skipped(String problem, String mend) {
        return new Trouble(Kind.SKIPPED, "", problem, mend);
    }

    @Override
    public String toString() {
        return (place.isEmpty() ? "" : place + ": ")
                + problem
                + (mend.isEmpty() ? "" : "; " + mend);
    }
}
