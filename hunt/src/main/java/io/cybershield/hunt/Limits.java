package io.cybershield.hunt;

import io.cybershield.inputs.InputLimits;

/** What input may ask of us. Beyond a limit it is left, told and counted. */
final class Limits {

    /** Real events stay far below 8 MiB. */
    static final InputLimits INPUT =
            new InputLimits(8 << 20, 4, 200_000, Long.MAX_VALUE, 500, 256L << 20);

    /** Troubles of one file that are kept with their text; more are counted. */
    static final int TROUBLES_KEPT = 20;

    private Limits() {}
}
