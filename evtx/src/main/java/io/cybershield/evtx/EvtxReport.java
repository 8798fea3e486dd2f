package io.cybershield.evtx;

import java.util.List;

/**
 * What reading a file came to.
 *
 * @param records how many records were delivered
 * @param chunks how many chunks with a readable header were seen, empty ones included
 * @param problems in file order, the first {@value EvtxReader#MAX_PROBLEMS_KEPT} of them
 * @param problemCount how many problems there were in all
 * @param skippedBytes sum over all problems, also those not kept
 */
public record EvtxReport(
        long records,
        int chunks,
        List<EvtxProblem> problems,
        long problemCount,
        long skippedBytes) {

    public EvtxReport {
        problems = List.copyOf(problems);
    }

    /** True if every byte that should hold events could be read. */
    public boolean complete() {
        return skippedBytes == 0;
    }
}
