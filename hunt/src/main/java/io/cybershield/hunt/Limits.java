package io.cybershield.hunt;

/** What input may ask of us. Beyond a limit it is left, told and counted. */
final class Limits {

    /** One line or one JSON object; real events stay far below. */
    static final int RECORD_BYTES = 8 << 20;

    /** Archives in archives. */
    static final int NESTED = 4;

    static final int ENTRIES = 200_000;

    /**
     * Past the first bytes, an archive may not unpack to more than so many times its size. A log of
     * Windows, mostly empty, reaches 300; a bomb begins at 1,000.
     */
    static final int RATIO = 500;

    static final long RATIO_FROM = 256L << 20;

    /** Troubles of one file that are kept with their text; more are counted. */
    static final int TROUBLES_KEPT = 20;

    private Limits() {}
}
