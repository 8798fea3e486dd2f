package io.cybershield.evtx;

/**
 * Something in a file that is not as it should be.
 *
 * @param chunk number of the 64 kB chunk, from 0; -1 for the file header
 * @param offset byte position in the file
 * @param what what is wrong there, what it cost and, where there is one, the mend
 * @param skippedBytes how much could not be read; 0 for a warning that cost nothing
 */
public record EvtxProblem(int chunk, long offset, String what, long skippedBytes) {

    @Override
    public String toString() {
        return (chunk < 0 ? "file header" : "chunk " + chunk)
                + ", byte "
                + offset
                + ": "
                + what
                + (skippedBytes > 0 ? " (" + skippedBytes + " bytes skipped)" : "");
    }
}
